"""Is the picture of a visible signature where it belongs, and upright? Rendered by poppler and by MuPDF, and looked at."""
import os
import struct
import subprocess
import zlib

from tools import run

# top left, top right, bottom left, bottom right
COLOURS = [(220, 0, 0), (0, 200, 0), (0, 0, 220), (230, 200, 0)]
MARK_W, MARK_H = 80, 60


def write_marks(folder):
    """mark.png and mark.jpg: four quadrants of four colours, so that each turn and each mirror shows."""
    rows = []
    for y in range(MARK_H):
        pixels = b''.join(bytes(COLOURS[2 * (y >= MARK_H // 2) + (x >= MARK_W // 2)]) for x in range(MARK_W))
        rows.append(b'\0' + pixels)
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    png = os.path.join(folder, 'mark.png')
    with open(png, 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', MARK_W, MARK_H, 8, 2, 0, 0, 0)) +
                chunk(b'IDAT', zlib.compress(b''.join(rows))) + chunk(b'IEND', b''))
    # a page of the picture's size, which poppler turns into a JPEG
    body = b'q %d 0 0 %d 0 0 cm BI /W 2 /H 2 /CS /RGB /BPC 8 /F /AHx ID %s> EI Q' % (
        MARK_W, MARK_H, b''.join(bytes(c) for c in COLOURS).hex().encode())
    page = os.path.join(folder, 'mark.pdf')
    with open(page, 'wb') as f:
        f.write(b'%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n'
                b'3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Length %d >>\nstream\n%s\n'
                b'endstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n' % (MARK_W, MARK_H, len(body), body))
    subprocess.run(['pdftoppm', '-jpeg', '-r', '72', '-singlefile', page, os.path.join(folder, 'mark')], check=True, capture_output=True)


def read_ppm(data):
    """(width, height, function of x and y that gives a colour)"""
    parts, at = [], 0
    while len(parts) < 4:
        end = at
        while data[end:end + 1] not in (b' ', b'\n', b'\t'):
            end += 1
        word, at = data[at:end], end + 1
        if word.startswith(b'#'):
            at = data.index(b'\n', end) + 1
        else:
            parts.append(word)
    width, height = int(parts[1]), int(parts[2])
    return width, height, lambda x, y: tuple(data[at + 3 * (y * width + x):at + 3 * (y * width + x) + 3])


def shown(path):
    """The first page as two programs draw it, 72 dots an inch."""
    yield 'poppler', run('pdftoppm', '-r', '72', '-f', '1', '-l', '1', path).stdout
    yield 'MuPDF', run('mutool', 'draw', '-q', '-r', '72', '-F', 'ppm', '-o', '-', path, '1').stdout


def place(page_w, page_h, turn, rect):
    """The rectangle of user space as it stands on the turned page: left, top, width, height."""
    x, y, w, h = rect
    return {0: (x, page_h - y - h, w, h), 90: (y, x, h, w), 180: (page_w - x - w, y, w, h),
            270: (page_h - y - h, page_w - x - w, h, w)}[turn]


def near(a, b):
    return all(abs(p - q) < 40 for p, q in zip(a, b))


def check_upright(path, page_w, page_h, turn, rect):
    left, top, width, height = place(page_w, page_h, turn, rect)
    scale = min(width / MARK_W, height / MARK_H)
    w, h = scale * MARK_W, scale * MARK_H
    left, top = left + (width - w) / 2, top + (height - h) / 2
    for program, data in shown(path):
        page_width, page_height, at = read_ppm(data)
        if (page_width, page_height) != ((page_w, page_h) if turn % 180 == 0 else (page_h, page_w)):
            raise AssertionError('%s: a page of %d by %d' % (program, page_width, page_height))
        for i, colour in enumerate(COLOURS):
            for fx, fy in ((0.1, 0.1), (0.4, 0.4), (0.1, 0.4), (0.4, 0.1)):
                x, y = int(left + w * (fx + 0.5 * (i % 2))), int(top + h * (fy + 0.5 * (i // 2)))
                if not near(at(x, y), colour):
                    raise AssertionError('%s: %r at %d,%d and not %r' % (program, at(x, y), x, y, colour))
        for x, y in ((left - 4, top - 4), (left + w + 4, top - 4), (left - 4, top + h + 4), (left + w + 4, top + h + 4)):
            if not near(at(int(x), int(y)), (255, 255, 255)):
                raise AssertionError('%s: something beside the field at %d,%d' % (program, x, y))
