#!/usr/bin/env python3
"""hostile.py QYQ: files that are made to exhaust a reader (pdf-signatures §10): bombs, cycles, depth, crowds. Each is answered with a
clean word, in less than 3 s of processor time and 512 MiB."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import zlib

QYQ = sys.argv[1]
CPU_S, RSS_MIB = 3, 512
SANITIZED = 'ASAN_OPTIONS' in os.environ  # slower and larger by nature: only the answers count then
BASE = [b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[3 0 R]/Count 1>>', b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>']
SIG = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>'


def section(body, rows, size, more=b''):
    at = len(body)
    table = b''.join(b'%d 1\n%010d 00000 n \n' % (n, where) for n, where in sorted(rows.items()))
    return body + b'xref\n0 1\n0000000000 65535 f \n' + table + b'trailer\n<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n' % (size, more, at)


def pdf(objects, size=None, more=b''):
    """objects: {number: body}, or a list that starts with object 1."""
    if isinstance(objects, list):
        objects = {i + 1: o for i, o in enumerate(objects)}
    parts, rows, length = [b'%PDF-1.7\n'], {}, 9
    for n, o in objects.items():
        rows[n] = length
        parts.append(b'%d 0 obj\n' % n + o + b'\nendobj\n')
        length += len(parts[-1])
    return section(b''.join(parts), rows, size or max(objects) + 1, more)


def deflated(entries, data):
    packed = zlib.compress(data, 6)
    return b'<<' + entries + b'/Filter/FlateDecode/Length %d>>\nstream\n' % len(packed) + packed + b'\nendstream'


def xref_stream(data, size):
    body, at = b'%PDF-1.7\n', 0
    for i, o in enumerate(BASE):
        body += b'%d 0 obj\n' % (i + 1) + o + b'\nendobj\n'
    at = len(body)
    return body + b'4 0 obj\n' + deflated(b'/Type/XRef/Root 1 0 R/Size %d/W[1 4 2]' % size, data) + b'\nendobj\nstartxref\n%d\n%%%%EOF\n' % at


def page_tree(depth):
    objects = {1: b'<</Type/Catalog/Pages 2 0 R>>'}
    for i in range(2, depth + 2):
        objects[i] = b'<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>' % (i + 1, i - 1)
    objects[depth + 2] = b'<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>' % (depth + 1)
    return pdf(objects)


def revisions(n, rows):
    out, prev = bytearray(pdf(BASE)), 0
    prev = int(bytes(out).rsplit(b'startxref\n', 1)[1].split()[0])
    for i in range(n):
        at = len(out)
        out += b'3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 %d]>>\nendobj\n' % (i % 9 + 1)
        x = len(out)
        out += b'xref\n3 1\n%010d 00000 n \n' % at
        if rows:
            out += b'5 %d\n' % rows + b'0000000000 00000 f \n' * rows
        out += b'trailer\n<</Root 1 0 R/Size %d/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (5 + rows, prev, x)
        prev = x
    return bytes(out)


def signatures(n):
    objects = {i + 1: o for i, o in enumerate(BASE)}
    objects[1] = b'<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[' + b' '.join(b'%d 0 R' % (10 + i) for i in range(n)) + b']>>>>'
    for i in range(n):
        objects[10 + i] = b'<</FT/Sig/T(S%d)/V %d 0 R>>' % (i, 1000 + i)
    for i in range(n):
        objects[1000 + i] = SIG
    return pdf(objects)


def signed(root, more=None):
    """A catalog with one signature that says nothing, and further objects."""
    objects = {1: b'<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>' + root + b'>>', 2: BASE[1], 3: BASE[2],
               5: b'<</FT/Sig/T(a)/V 6 0 R>>', 6: SIG}
    objects.update(more or {})
    return pdf(objects)


MAX = 8388607
CASES = [  # name, bytes, what may be said
    ('8 388 607 free objects', lambda: xref_stream(b'\0' * 7 * MAX, MAX), 'UNREADABLE'),
    ('8 388 608 objects', lambda: xref_stream(b'\0' * 7 * (MAX + 1), MAX + 1), 'UNREADABLE'),
    ('8 388 607 objects in one place', lambda: xref_stream(b'\1\0\0\0\x09\0\0' * MAX, MAX), 'UNREADABLE'),
    ('8 388 607 packed objects', lambda: xref_stream(b'\2\0\0\0\1\0\0' * MAX, MAX), 'UNREADABLE'),
    ('a stream of 300 MiB in 300 KiB', lambda: xref_stream(b'\0' * (300 << 20), 100), 'UNREADABLE'),
    ('/Size far beyond the file', lambda: pdf(BASE, size=99999999), 'UNSIGNED'),
    ('arrays 200 000 deep', lambda: pdf(BASE[:1] + [b'[' * 200000 + b']' * 200000] + BASE[2:]), 'UNREADABLE'),
    ('dictionaries 100 000 deep', lambda: pdf([b'<</Type/Catalog/Pages 2 0 R/X ' + b'<</A ' * 100000 + b'0' + b'>>' * 100001] + BASE[1:]),
     'UNREADABLE'),
    ('arrays 250 deep', lambda: pdf([b'<</Type/Catalog/Pages 2 0 R/X ' + b'[' * 250 + b']' * 250 + b'>>'] + BASE[1:]), 'UNSIGNED'),
    ('page tree 500 deep', lambda: page_tree(500), 'UNSIGNED'),
    ('page tree 20 000 deep', lambda: page_tree(20000), 'UNSIGNED UNREADABLE'),
    ('page tree that bites its tail', lambda: pdf([BASE[0], b'<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R]/Count 3>>',
                                                   b'<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 1>>']), 'UNSIGNED UNREADABLE'),
    ('one page a million times', lambda: pdf([BASE[0], b'<</Type/Pages/Kids[' + b'3 0 R ' * 1000000 + b']/Count 1000000>>', BASE[2]]),
     'UNSIGNED UNREADABLE'),
    ('one field a million times', lambda: pdf([b'<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[' + b'4 0 R ' * 1000000 + b']>>>>'] + BASE[1:] +
                                              [b'<</FT/Sig/T(a)/V 5 0 R>>', SIG]), 'BROKEN UNREADABLE'),
    ('fields 20 000 deep', lambda: signed(b'', {**{i: b'<</T(a)/Kids[%d 0 R]>>' % (i + 1) for i in range(10, 20000)},
                                                5: b'<</T(a)/Kids[10 0 R]>>', 20000: b'<</FT/Sig/T(z)/V 6 0 R>>'}), 'BROKEN UNREADABLE CHANGED'),
    ('990 revisions', lambda: revisions(990, 0), 'UNSIGNED'),
    ('1 500 revisions', lambda: revisions(1500, 0), 'UNREADABLE'),
    ('990 revisions with 1 000 rows each', lambda: revisions(990, 1000), 'UNSIGNED UNREADABLE'),
    ('cross references that point to themselves', lambda: pdf(BASE, more=b'/Prev 184'), 'UNREADABLE'),
    ('250 signatures', lambda: signatures(250), 'BROKEN'),
    ('300 signatures', lambda: signatures(300), 'BROKEN UNREADABLE'),
    ('10 MB of signature', lambda: signed(b'', {6: SIG.replace(b'<00>', b'<' + b'30' * 10000000 + b'>')}), 'BROKEN'),
    ('validation data 3 000 times 200 MiB', lambda: signed(b'/DSS<</Certs[' + b'7 0 R ' * 1000 + b']/CRLs[' + b'7 0 R ' * 1000 + b']/OCSPs[' +
                                                           b'7 0 R ' * 1000 + b']>>', {7: deflated(b'', b'\x30\x80' + b'\0' * (200 << 20))}), 'BROKEN'),
    ('names without end', lambda: b'%PDF-1.7\n' + b'/a' * 10000000, 'UNREADABLE'),
    ('%%EOF a million times', lambda: pdf(BASE) + b'%%EOF\n' * 1000000, 'UNSIGNED UNREADABLE'),
    ('100 000 stray signatures', lambda: pdf(BASE) + b'1 0 obj<</Type/Sig/ByteRange[0 9 9 9]/Contents<0000>>>endobj\n' * 100000, 'CHANGED BROKEN'),
    ('a million beginnings of objects', lambda: pdf(BASE) + b'1 0 obj\n' * 1000000, 'UNSIGNED UNREADABLE CHANGED'),
    ('nothing', lambda: b'', 'UNREADABLE'),
    ('half a file', lambda: pdf(BASE)[:200], 'UNREADABLE'),
]


def write(path, make):
    """In a process of its own: what is counted for a child starts with the size of its parent."""
    child = os.fork()
    if child == 0:
        with open(path, 'wb') as f:
            f.write(make())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def run(path):
    """(integrity, processor seconds, MiB) of a run in a process of its own."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([QYQ, 'verify', '--json', path], stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    said = json.loads(text)['integrity'] if child.returncode in (0, 1, 2, 3) else 'exit %d' % child.returncode
    return said, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    folder = tempfile.mkdtemp(prefix='qyq-hostile-')
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    failed = 0
    for number, (name, make, allowed) in enumerate(CASES, 1):
        path = os.path.join(folder, 'file.pdf')
        write(path, make)
        said, seconds, mib = run(path)
        fine = said in allowed.split() and (SANITIZED or (seconds < CPU_S and mib < RSS_MIB))
        failed += not fine
        print('%s %d - %s: %s, %.2f s, %d MiB%s' % ('ok' if fine else 'not ok', number, name, said, seconds, mib, '' if fine else ', want ' + allowed), flush=True)
    print('1..%d' % len(CASES))
    shutil.rmtree(folder)
    sys.exit(failed > 0)


main()
