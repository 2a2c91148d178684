"""Unsigned files of every kind (pdf-signatures, acceptance rows 7 and 9), written by hand or by qpdf."""
import os
import struct
import subprocess
import zlib

PAGE_W, PAGE_H = 400, 600
FORM = b'<< /Fields [] /DA (/F1 10 Tf 0 g) /DR << /Font << /F1 4 0 R >> >> >>'


def text(s):
    """A text string object: UTF-16BE with its mark."""
    return b'<' + (b'\xfe\xff' + s.encode('utf-16-be')).hex().encode() + b'>'


def stream(body, extra=b''):
    return b'<< /Length %d %s>>\nstream\n%s\nendstream' % (len(body), extra, body)


def objects(pages=1, rotate=0, chinese=False, indirect=False):
    """{number: body} of a small document with an empty form; 1 is the catalog, 2 the information dictionary."""
    chars = '劳动合同'.encode('utf-16-be').hex().encode() if chinese else b''
    font = (b'<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font '
            b'/Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> '
            b'/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 '
            b'/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>] >>') if chinese else \
        b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'
    show = b'<%s> Tj' % chars if chinese else b'(TEST contract) Tj'
    all_ = {
        1: b'<< /Type /Catalog /Pages 3 0 R /AcroForm ' + (b'6 0 R' if indirect else FORM) + b' >>',
        2: b'<< /Title ' + text('测试 TEST') + b' /Producer (TEST) >>',
        4: font,
        5: stream(b'BT /F1 18 Tf 60 %d Td %s ET' % (PAGE_H - 60, show)),
    }
    groups = []
    number = 6
    if indirect:
        all_[6], number = FORM, 7
    for first in range(0, pages, 100):
        node, kids = number, []
        number += 1
        for _ in range(first, min(first + 100, pages)):
            all_[number] = (b'<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Rotate %d /Resources << /Font << /F1 4 0 R >> >> '
                            b'/Contents 5 0 R >>') % (node, PAGE_W, PAGE_H, rotate)
            kids.append(b'%d 0 R' % number)
            number += 1
        all_[node] = b'<< /Type /Pages /Parent 3 0 R /Count %d /Kids [%s] >>' % (len(kids), b' '.join(kids))
        groups.append(b'%d 0 R' % node)
    all_[3] = b'<< /Type /Pages /Count %d /Kids [%s] >>' % (pages, b' '.join(groups))
    return all_


def section(before, changed, kind, size, prev=None, eol=b'\n'):
    """Appends one revision to the bytes: the objects, a cross-reference table or stream, and the end."""
    out = bytearray(before)
    offsets = {}
    for number in sorted(changed):
        offsets[number] = len(out)
        body = changed[number] if eol == b'\n' else changed[number].replace(b'\nendstream', eol + b'endstream').replace(b'stream\n', b'stream\r\n', 1)
        out += b'%d 0 obj' % number + eol + body + eol + b'endobj' + eol
    start = len(out)
    trailer = b'/Root 1 0 R /Info 2 0 R /ID [<%s> <%s>]' % (b'11' * 16, b'22' * 16) + (b' /Prev %d' % prev if prev is not None else b'')
    if kind == 'stream':
        offsets[size] = start
        offsets.setdefault(0, 0) if prev is None else None
        index = b' '.join(b'%d 1' % n for n in sorted(offsets))
        rows = b''.join(struct.pack('>BIH', 1 if n else 0, offsets[n], 0 if n else 65535) for n in sorted(offsets))
        packed = zlib.compress(rows)
        out += (b'%d 0 obj' % size + eol + b'<< /Type /XRef /Size %d /Index [%s] /W [1 4 2] /Filter /FlateDecode /Length %d %s >>'
                % (size + 1, index, len(packed), trailer) + eol + b'stream\r\n' + packed + eol + b'endstream' + eol + b'endobj' + eol)
    else:
        end = b'\r\n' if eol == b'\r\n' else b' ' + eol
        out += b'xref' + eol
        if prev is None:
            out += b'0 %d' % size + eol + b'0000000000 65535 f' + end
        for n in range(1, size) if prev is None else sorted(offsets):
            if prev is not None:
                out += b'%d 1' % n + eol
            out += b'%010d 00000 n' % offsets[n] + end
        out += b'trailer' + eol + b'<< /Size %d %s >>' % (size, trailer) + eol
    out += b'startxref' + eol + b'%d' % start + eol + b'%%EOF' + eol
    return bytes(out), start


def plain(kind='table', eol=b'\n', header=b'', revisions=1, **document):
    """A file of one kind of cross reference, with so many revisions of its information dictionary."""
    all_ = objects(**document)
    size = max(all_) + 1
    pdf, start = section(header + b'%PDF-1.7' + eol + b'%\xe2\xe3\xcf\xd3' + eol, all_, kind, size, eol=eol)
    for i in range(1, revisions):
        size += kind == 'stream'
        pdf, start = section(pdf, {2: b'<< /Title ' + text('修订 %d' % i) + b' /Producer (TEST) >>'}, kind, size, start, eol)
    return pdf


def hybrid():
    """A table for old readers, and objects that only readers of /XRefStm see: the font and the information dictionary."""
    all_ = objects()
    size = max(all_) + 3
    holder, xref = size - 2, size - 1
    hidden = [2, 4]
    out = bytearray(b'%PDF-1.5\n%\xe2\xe3\xcf\xd3\n')
    offsets = {}
    parts = [all_.pop(n) for n in hidden]
    head = b'%d 0 %d %d ' % (hidden[0], hidden[1], len(parts[0]) + 1)
    all_[holder] = stream(head + parts[0] + b'\n' + parts[1], b'/Type /ObjStm /N 2 /First %d ' % len(head))
    for n in sorted(all_):
        offsets[n] = len(out)
        out += b'%d 0 obj\n%s\nendobj\n' % (n, all_[n])
    rows = b''.join(struct.pack('>BIH', 2, holder, i) for i in range(2))
    offsets[xref] = len(out)
    out += b'%d 0 obj\n%s\nendobj\n' % (xref, stream(rows, b'/Type /XRef /Size %d /Index [2 1 4 1] /W [1 4 2] /Root 1 0 R ' % size))
    start = len(out)
    out += b'xref\n0 %d\n0000000002 65535 f \n' % size
    for n in range(1, size):
        out += b'%010d 00000 n \n' % offsets[n] if n in offsets else b'%010d 00000 f \n' % (4 if n == 2 else 0)
    out += b'trailer\n<< /Size %d /Root 1 0 R /Info 2 0 R /XRefStm %d /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n' % (
        size, offsets[xref], b'11' * 16, b'22' * 16, start)
    return bytes(out)


HAND_MADE = {
    'table': lambda: plain(),
    'crlf': lambda: plain(eol=b'\r\n'),
    'cr': lambda: plain(eol=b'\r'),
    'stream': lambda: plain('stream'),
    'indirect': lambda: plain(indirect=True),
    'indirect-stream': lambda: plain('stream', indirect=True),
    'hybrid': hybrid,
    'revisions-100': lambda: plain(revisions=100),
    'revisions-100-stream': lambda: plain('stream', revisions=100),
    'header-offset': lambda: plain(header=b'TEST junk in front\n'),
    'chinese': lambda: plain(chinese=True),
    'rotated-0': lambda: plain(),
    'rotated-90': lambda: plain(rotate=90),
    'rotated-180': lambda: plain(rotate=180),
    'rotated-270': lambda: plain(rotate=270),
    'pages-20000': lambda: plain(pages=20000),
}
BY_QPDF = {
    'object-streams': ['--object-streams=generate'],
    'linearised': ['--linearize', '--object-streams=disable'],
    'linearised-object-streams': ['--linearize', '--object-streams=generate'],
}
# kind: the password without which the file does not open ('': it opens for everybody, and only the owner's password is set)
PASSWORDS = {'rc4-40': 'TEST secret', 'rc4-128': 'TEST secret', 'aes-128': 'TEST secret', 'aes-256': 'TEST 密码', 'aes-128-open': '', 'aes-256-open': '',
             'aes-256-plain-metadata': 'TEST secret', 'aes-256-objects': 'TEST secret'}
ENCRYPTION = {
    'rc4-40': ['40', '--'], 'rc4-128': ['128', '--use-aes=n', '--'], 'aes-128': ['128', '--use-aes=y', '--'], 'aes-256': ['256', '--'],
    'aes-128-open': ['128', '--use-aes=y', '--modify=form', '--'], 'aes-256-open': ['256', '--modify=form', '--'],
    'aes-256-plain-metadata': ['256', '--cleartext-metadata', '--'], 'aes-256-objects': ['256', '--', '--object-streams=generate'],
}


def make(folder, name):
    """The path of the base file of this name, made when first asked for."""
    path = os.path.join(folder, 'base-%s.pdf' % name)
    if os.path.exists(path):
        return path
    part = '%s.%s' % (path, os.urandom(4).hex())
    if name in HAND_MADE:
        with open(part, 'wb') as f:
            f.write(HAND_MADE[name]())
    elif name.startswith('encrypted-'):
        kind = name[len('encrypted-'):]
        subprocess.run(['qpdf', '--allow-weak-crypto', '--encrypt', PASSWORDS[kind], 'TEST owner', *ENCRYPTION[kind], make(folder, 'table'), part], check=True,
                       capture_output=True)
    else:
        subprocess.run(['qpdf', '--deterministic-id', *BY_QPDF[name], make(folder, 'table'), part], check=True, capture_output=True)
    os.replace(part, path)
    return path
