"""Damaged, cyclic, huge, truncated and empty files (§10, row 11): refused cleanly, in time, within memory."""
import re
import zlib

from der import integer, oid, seq, set_of
from kit import CHANGED, EXT, GOOD, REFUSED, UNSIGNED, case
from pdf import HEADER, build, contract, put, stream, swap

CALM = REFUSED + ('CHANGED', 'UNSUPPORTED', 'TAMPERED')  # whatever it says, but never intact


def small(kit):
    row = 'damaged: small'
    for name, data in (('empty', b''), ('one byte', b'%'), ('header alone', b'%PDF-1.7\n'), ('no header', b'hello\n' * 100), ('zeros', bytes(4096)),
                       ('only %%EOF', b'%PDF-1.7\n%%EOF\n'), ('startxref alone', b'%PDF-1.7\nstartxref\n'), ('startxref to itself', b'%PDF-1.7\nstartxref\n9\n%%EOF\n'),
                       ('negative startxref', b'%PDF-1.7\nstartxref\n-1\n%%EOF\n'), ('huge startxref', b'%PDF-1.7\nstartxref\n99999999999999999999999\n%%EOF\n'),
                       ('an empty table', b'%PDF-1.7\nxref\n0 0\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n'), ('a trailer without Root', b'%PDF-1.7\nxref\n0 0\ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF\n'),
                       ('Root is a number', b'%PDF-1.7\nxref\n0 0\ntrailer\n<</Size 1/Root 7>>\nstartxref\n9\n%%EOF\n'), ('HTML', b'<!DOCTYPE html><html></html>'),
                       ('a ZIP', b'PK\3\4' + bytes(100)), ('header too late', b' ' * 2000 + b'%PDF-1.7\n')):
        yield case(row, name, REFUSED, data)


def truncated(kit):
    """After each structural word, and in the middle of what follows it."""
    row = 'truncated'
    signed = kit.signed.data
    end = len(kit.base.data)
    seen = set()
    words = rb'\d+ \d+ obj|endobj|stream\n|endstream|xref\n|trailer\n|startxref\n|%%EOF|/ByteRange|/Contents <|>>|\] '
    for m in re.finditer(words, signed):
        for at in (m.start(), m.end(), m.end() + 3):
            if at in seen or not (at > end - 200 or m.start() % 5 == 0):
                continue
            seen.add(at)
            if at >= len(signed):
                continue
            want = UNSIGNED if end - 1 <= at <= end else CALM
            yield case(row, f'{m[0].decode().strip()} at {m.start()}, cut at {at}', want, signed[:at])
    for name, data in (('stream', kit.stream_base.sign(kit.cms()).data), ('two signatures', kit.two().data)):
        for at in range(len(data) - 120, len(data) - 2, 9):
            yield case(row, f'{name}, {len(data) - at} bytes before the end', CALM, data[:at])


def cycles(kit):
    row = 'damaged: cycles'
    c = contract()
    at = len(kit.base.data)
    loop = kit.base.data + b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (at, at)
    yield case(row, 'Prev to itself', REFUSED, loop)
    second = len(loop)
    two = loop.replace(b'/Prev %d' % at, b'/Prev %d' % second) + b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (at, second)
    yield case(row, 'Prev there and back', REFUSED, two)
    for name, objs in (
            ('Kids to themselves', {2: b'<</Type/Pages/Kids[2 0 R]/Count 1>>'}), ('Kids in a circle', {2: b'<</Type/Pages/Kids[30 0 R]/Count 1>>', 30: b'<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>'}),
            ('the same page a thousand times', {2: b'<</Type/Pages/Kids[%s]/Count 1000>>' % (b'4 0 R ' * 1000)}), ('Pages is a page', {1: swap(c[1], b'2 0 R', b'4 0 R')}),
            ('Fields to themselves', {3: swap(c[3], b'10 0 R 11', b'30 0 R 11'), 30: b'<</T(x)/Kids[30 0 R]>>'}), ('Fields in a circle', {3: swap(c[3], b'10 0 R 11', b'30 0 R 11'), 30: b'<</T(x)/Kids[31 0 R]>>', 31: b'<</T(y)/Kids[30 0 R]>>'}),
            ('Parent of a field to itself', {10: put(c[10], b'/Parent 10 0 R')}), ('value is its own field', {10: put(c[10], b'/V 10 0 R')}), ('Length to itself', {6: b'<</Length 6 0 R>>\nstream\nx\nendstream'}),
            ('a reference to itself', {6: b'6 0 R'}), ('references in a circle', {30: b'31 0 R', 31: b'30 0 R', 4: swap(c[4], b'6 0 R', b'30 0 R')}), ('AcroForm to itself', {3: b'3 0 R'}),
            ('Root to itself', {1: b'1 0 R'}), ('a chain of 2000 references', {**{100 + i: b'%d 0 R' % (101 + i) for i in range(2000)}, 4: swap(c[4], b'6 0 R', b'100 0 R')}),
            ('Annots to itself', {9: b'9 0 R'}), ('a page that is its own annotation', {9: b'[4 0 R]'})):
        unsigned = build({**c, **objs})
        yield case(row, name + ', not signed', REFUSED + CHANGED, unsigned)
        if 'Root' not in name and 'Fields' not in name and name not in ('value is its own field', 'AcroForm to itself', 'Annots to itself'):
            yield case(row, name + ', signed', GOOD + CALM, unsigned.sign(kit.cms()))
            yield case(row, name + ', signed and extended', EXT + CALM, unsigned.sign(kit.cms()).update({90: b'(x)'}))
    own = build(c, kind='stream', packed=[1, 2, 3])
    yield case(row, 'an object stream in itself', REFUSED + CHANGED, own.update({}, rows={22: ('p', 22, 0)}))
    yield case(row, 'object streams in each other', REFUSED + CHANGED, own.update({}, rows={22: ('p', 60, 0), 60: ('p', 22, 0)}))
    yield case(row, 'Extends to itself', UNSIGNED, build(c, kind='stream', packed=[1, 2, 3], stm_extra=b'/Extends 22 0 R'))
    yield case(row, 'Length of an object stream in it', REFUSED + CHANGED, build({**c, 30: b'9'}, kind='stream', packed=[1, 30]).update({}))


def nested(kit):
    row = 'damaged: nesting'
    c = contract()
    deep = {'arrays': (b'[' * 100000, b']' * 100000), 'dictionaries': (b'<</A ' * 100000, b'>>' * 100000), 'arrays that never close': (b'[' * 300000, b''),
            'strings': (b'(' * 300000, b')' * 300000), 'dictionaries that never close': (b'<<' * 300000, b''), 'names': (b'/' * 300000, b''), '255 levels': (b'[' * 255, b']' * 255)}
    for name, (front, back) in deep.items():
        yield case(row, name, REFUSED + CHANGED, build({**c, 30: front + b'1' + back}))
        yield case(row, name + ', behind a signature', CALM + EXT, kit.signed.update({30: front + b'1' + back}))
    for name, byte in (('<', b'<'), ('[', b'['), ('(', b'('), ('/', b'/'), ('%', b'%'), ('space', b' '), ('digits', b'1'), ('NUL', b'\0'), ('obj', b'1 0 obj ')):
        yield case(row, f'ten million of {name}', REFUSED, HEADER + byte * (10000000 // len(byte)))
        yield case(row, f'ten million of {name}, with an end', REFUSED, HEADER + byte * (10000000 // len(byte)) + b'\nstartxref\n15\n%%EOF\n')
    tree = {2: b'<</Type/Pages/Kids[100 0 R]/Count 1>>', **{100 + i: b'<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>' % (99 + i, 101 + i) for i in range(3000)}}
    yield case(row, 'page tree of 3000 levels', REFUSED + CHANGED, build({**c, **tree, 3100: b'<</Type/Page>>'}))
    fields = {3: swap(c[3], b'10 0 R 11', b'100 0 R 11'), **{100 + i: b'<</T(a)/Kids[%d 0 R]>>' % (101 + i) for i in range(3000)}}
    yield case(row, 'fields of 3000 levels', REFUSED + CHANGED, build({**c, **fields, 3100: b'<</T(a)/FT/Sig>>'}))
    outline = b''.join(b'[' for _ in range(200))
    yield case(row, 'deep but within the limit, signed', GOOD, build({**c, 30: outline + b']' * 200}).sign(kit.cms()))


def bombs(kit):
    row = 'damaged: bombs'
    c = contract()
    twice = zlib.compress(zlib.compress(bytes(1 << 20), 9), 9)
    one = zlib.compressobj(9)
    bomb = b''.join(one.compress(bytes(1 << 20)) for _ in range(600)) + one.flush()
    flate = b'/Filter/FlateDecode'
    as_stream = lambda inside, data=bomb: stream(data, inside + flate)
    yield case(row, 'content', UNSIGNED, build({**c, 6: as_stream(b'')}))
    yield case(row, 'content, signed', GOOD, build({**c, 6: as_stream(b'')}).sign(kit.cms()))
    yield case(row, 'object stream', REFUSED + CHANGED, build({**c, 30: as_stream(b'/Type/ObjStm/N 100000/First 800000')}).update({}, kind='stream', xref=60, rows={3: ('p', 30, 0)}))
    yield case(row, 'object stream, behind a signature', CALM, kit.signed.update({30: as_stream(b'/Type/ObjStm/N 9/First 90')}, kind='stream', xref=60, rows={3: ('p', 30, 0)}))
    yield case(row, 'two hundred object streams', REFUSED + CHANGED, build({**c, **{100 + i: as_stream(b'/Type/ObjStm/N 9/First 90') for i in range(200)}}))
    yield case(row, 'cross-reference stream', REFUSED, xref_bomb(bomb, b'/W[1 4 2]/Size 100000000'))
    yield case(row, 'cross-reference stream with narrow rows', REFUSED, xref_bomb(bomb, b'/W[1 0 0]/Size 8000000'))
    yield case(row, 'bomb in a bomb', UNSIGNED, build({**c, 6: stream(twice, b'/Filter[/FlateDecode/FlateDecode]')}))
    yield case(row, 'metadata', UNSIGNED, build({**c, 1: put(c[1], b'/Metadata 30 0 R'), 30: as_stream(b'/Type/Metadata')}))
    yield case(row, 'metadata, behind a signature', CALM, kit.signed.update({1: put(c[1], b'/Metadata 30 0 R'), 30: as_stream(b'/Type/Metadata')}))
    yield case(row, 'validation data, behind a signature', CALM + EXT, kit.signed.update({1: put(c[1], b'/DSS<</Certs[30 0 R]>>'), 30: as_stream(b'')}))
    yield case(row, 'a hundred pieces of validation data', CALM + EXT, kit.signed.update(
        {1: put(c[1], b'/DSS<</Certs[%s]>>' % b' '.join(b'%d 0 R' % (100 + i) for i in range(100))), **{100 + i: as_stream(b'') for i in range(100)}}))
    yield case(row, 'appearance, behind a signature', CALM + EXT, kit.signed.update({12: swap(c[12], b'17 0 R', b'60 0 R'), 60: as_stream(b'/Type/XObject/Subtype/Form/BBox[0 0 9 9]')}))
    yield case(row, 'predictor with huge columns', REFUSED, xref_bomb(zlib.compress(bytes(1000)), b'/W[1 4 2]/Size 9/DecodeParms<</Predictor 12/Columns 2147483647/Colors 2147483647>>'))
    yield case(row, 'predictor with negative columns', REFUSED, xref_bomb(zlib.compress(bytes(1000)), b'/W[1 4 2]/Size 9/DecodeParms<</Predictor 12/Columns -5>>'))
    bits = b'\x30\x80' * 40000
    yield case(row, 'CMS that opens without end', CALM, kit.base.sign(lambda x: bits, reserve=90000))
    many = set_of(*[seq(integer(i)) for i in range(30000)])
    yield case(row, 'CMS with thirty thousand parts', CALM, kit.base.sign(lambda x: seq(oid('signedData'), many), reserve=400000))


def xref_bomb(data, inside):
    start = len(HEADER)
    return HEADER + b'9 0 obj\n' + stream(data, b'/Type/XRef/Root 1 0 R/Filter/FlateDecode' + inside) + b'\nendobj\nstartxref\n%d\n%%%%EOF\n' % start


def numbers(kit):
    row = 'damaged: numbers'
    c = contract()
    for name, o in (('Size 8 million', {'size': 8000000}), ('Size 0', {'size': 0}), ('Size negative', {'size': -5}), ('Size beyond the limit', {'size': 99999999}),
                    ('Prev negative', {'prev': -7}), ('Prev beyond', {'prev': 99999999})):
        yield case(row, name, REFUSED, build(c, **o))
        yield case(row, name + ', behind a signature', CALM + EXT, negative(kit, o))
    for name, old, new in (('first object of the table', b'xref\n0 21', b'xref\n8388000 21'), ('negative first object', b'xref\n0 21', b'xref\n-1 21'), ('huge count', b'xref\n0 21', b'xref\n0 8000000'),
                           ('count beyond 64 bits', b'xref\n0 21', b'xref\n0 99999999999999999999'), ('letters in a row', b'0000000000 65535 f', b'00000000zz 65535 f'),
                           ('no trailer', b'trailer', b'trailes'), ('offset too long', b'0000000000 65535 f', b'9999999999999999999999 0 f')):
        yield case(row, name, REFUSED, swap(kit.base.data, old, new))
    for name, text in (('object number', b'99999999999 0 obj'), ('generation', b'6 99999999999 obj'), ('negative number', b'-6 0 obj')):
        yield case(row, name, REFUSED, swap(kit.base.data, b'6 0 obj', text))
    for name, inside in (('negative', b'-1'), ('huge', b'99999999999999999999'), ('real', b'3.5'), ('name', b'/x'), ('null', b'null')):
        body = b'<</Length %s>>\nstream\nBT ET\nendstream' % inside
        yield case(row, f'Length {name}', REFUSED, build({**c, 6: body}))
        yield case(row, f'Length {name}, signed', GOOD + CALM, build({**c, 6: body}).sign(kit.cms()))
    for name, w in (('negative', b'[-1 4 2]'), ('wide', b'[1 900 2]'), ('empty', b'[]'), ('zero', b'[0 0 0]'), ('names', b'[/a /b /c]')):
        yield case(row, f'widths {name}', REFUSED, xref_bomb(zlib.compress(bytes(100)), b'/Size 9/W' + w))
    for name, index in (('negative', b'[-5 10]'), ('huge', b'[0 99999999999]'), ('odd', b'[0]'), ('names', b'[/a /b]'), ('a million pairs', b'[' + b'0 1 ' * 1000000 + b']')):
        yield case(row, f'index {name}', REFUSED, xref_bomb(zlib.compress(bytes(100)), b'/Size 9/W[1 4 2]/Index' + index))
    for n, first in ((-1, 0), (1 << 40, 0), (5, -3), (5, 1 << 40), (100000, 20)):
        data = stream(b'3 0 ' + c[3], b'/Type/ObjStm/N %d/First %d' % (n, first))
        yield case(row, f'object stream N {n} First {first}', REFUSED + CHANGED, build({**c, 30: data}).update({}, kind='stream', xref=60, rows={3: ('p', 30, 0)}))
    yield case(row, 'a thousand and one revisions', REFUSED, revisions(kit, 1001))
    yield case(row, 'nine hundred revisions', UNSIGNED, revisions(kit, 900))
    yield case(row, 'three hundred false signatures', CALM, forged(300))
    yield case(row, 'one hundred thousand fields', REFUSED, build({**c, 3: b'<</Fields[%s]>>' % (b'<</FT/Sig/T(a)>>' * 100001)}))
    yield case(row, 'a million words ByteRange', UNSIGNED + CHANGED, build({**c, 30: b'(' + b'/ByteRange ' * 500000 + b')'}))
    yield case(row, 'a million words ByteRange in no object', UNSIGNED + CHANGED, kit.base.tail(b'/ByteRange ' * 500000 + b'\nstartxref\n%d\n%%%%EOF\n' % kit.base.start))
    yield case(row, 'half a million words ObjStm', UNSIGNED + CHANGED, kit.base.tail(b'9 0 obj /ObjStm ' * 300000 + b'\nstartxref\n%d\n%%%%EOF\n' % kit.base.start))
    yield case(row, 'half a million lists ByteRange in no structure', REFUSED, HEADER + b'9 0 obj <</ByteRange [' * 300000)


def negative(kit, o):
    s = kit.signed
    if 'size' in o:
        return s.data + swap(s.update({60: b'(x)'}).data[len(s.data):], b'/Size 61', b'/Size %d' % o['size'])
    return s.data + swap(s.update({60: b'(x)'}).data[len(s.data):], b'/Prev %d' % s.start, b'/Prev %d' % o['prev'])


def revisions(kit, n):
    out, start = bytearray(kit.base.data), kit.base.start
    for _ in range(n):
        at = len(out)
        out += b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (start, at)
        start = at
    return bytes(out)


def forged(n):
    c = contract()
    fields = {100 + i: b'<</Type/Annot/Subtype/Widget/FT/Sig/T(s%d)/Rect[0 0 0 0]/P 4 0 R/V 99 0 R>>' % i for i in range(n)}
    for i in range(n):
        fields[1000 + i] = b'<</Type/Sig/Filter/x/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 99 9]/Contents<00>>>'
        fields[100 + i] = fields[100 + i].replace(b'99 0 R', b'%d 0 R' % (1000 + i))
    return build({**c, **fields, 3: b'<</Fields[%s]>>' % b' '.join(b'%d 0 R' % (100 + i) for i in range(n))})


def cases(kit):
    for part in (small, truncated, cycles, nested, bombs, numbers):
        yield from part(kit)
