"""A small PDF writer: whole files and incremental updates with tables, streams, hybrids and object streams, and signatures over
them. It knows the rules only to be able to break each of them on purpose."""
import re
import zlib

HEADER = b'%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
RANGE = b'[0 1111111111 2222222222 3333333333]'
RESERVE = 4096


def stream(data, inside=b'', flate=False):
    if flate:
        data, inside = zlib.compress(data), inside + b'/Filter/FlateDecode'
    return b'<<%s/Length %d>>\nstream\n%s\nendstream' % (inside, len(data), data)


def put(body, more):
    """A dictionary with something added at its end."""
    assert body.endswith(b'>>'), body
    return body[:-2] + more + b'>>'


def without(body, pattern):
    out = re.sub(pattern, b'', body)
    assert out != body, pattern
    return out


def swap(data, old, new, count=1):
    assert old in data, old
    return data.replace(old, new, count)


def patch(data, old, new, last=False):
    """The same length: offsets stay."""
    assert len(new) <= len(old), (old, new)
    at = data.rfind(old) if last else data.find(old)
    assert at >= 0, old
    return data[:at] + new.ljust(len(old)) + data[at + len(old):]


def last_start(data):
    return int(re.findall(rb'startxref\s+(\d+)', data)[-1])


class Writer:
    """One revision being appended. o: see write()."""

    def __init__(self, prefix, objs, o):
        self.out, self.objs, self.o = bytearray(prefix), dict(objs), o
        self.rows = {}
        self.eol = o.get('eol', b'\n')

    def objects(self):
        packed = [n for n in self.o.get('packed', []) if n in self.objs]
        for num, body in self.objs.items():
            if num not in packed:
                self.one(num, body)
        if packed:
            self.object_stream(packed)

    def one(self, num, body):
        gen = self.o.get('gens', {}).get(num, 0)
        self.rows[num] = ('n', len(self.out), gen)
        e = self.eol
        self.out += b'%d %d obj' % (num, gen) + e + body.replace(b'\n', e) if self.o.get('convert') else b'%d %d obj' % (num, gen) + e + body
        self.out += e + b'endobj' + e

    def object_stream(self, packed):
        num = self.o['stm']
        head, body = b'', b''
        for i, n in enumerate(packed):
            head += b'%d %d ' % (n, len(body))
            body += self.objs[n] + b'\n'
            self.rows[n] = ('p', num, i)
        inside = b'/Type/ObjStm/N %d/First %d' % (len(packed), len(head)) + self.o.get('stm_extra', b'')
        self.one(num, stream(head + body, inside, flate=self.o.get('flate', True)))

    def table_rows(self, rows):
        out, nums = b'', sorted(rows)
        eol = self.o.get('row_eol', b' \n')
        while nums:
            n = 1
            while n < len(nums) and nums[n] == nums[0] + n:
                n += 1
            out += b'%d %d' % (nums[0], n) + self.eol
            for num in nums[:n]:
                kind, at, gen = rows[num]
                out += b'%010d %05d %c' % (at, gen, ord('n' if kind == 'n' else 'f')) + eol
            nums = nums[n:]
        return out

    def trailer_keys(self):
        o = self.o
        out = b'/Size %d' % o['size'] + b'/Root %s' % o.get('root', b'1 0 R')
        out += b''.join(b'/%s %s' % (k, o[k.decode().lower()]) for k in (b'Info', b'ID', b'Encrypt') if o.get(k.decode().lower()))
        if o.get('prev') is not None:
            out += b'/Prev %d' % o['prev']
        return out + o.get('extra', b'')

    def xref_stream(self, rows, num, keys):
        at = len(self.out)
        if num is not None:
            rows[num] = ('n', at, 0)
        w = 4
        data, index = b'', []
        for n in sorted(rows):
            kind, second, third = rows[n]
            data += bytes([{'n': 1, 'p': 2, 'f': 0}[kind]]) + second.to_bytes(w, 'big') + third.to_bytes(2, 'big')
            if index and index[-1][0] + index[-1][1] == n:
                index[-1][1] += 1
            else:
                index.append([n, 1])
        inside = b'/Type/XRef/W[1 %d 2]/Index[%s]' % (w, b' '.join(b'%d %d' % tuple(x) for x in index)) + keys
        self.out += b'%d 0 obj' % num + self.eol + stream(data, inside, flate=self.o.get('flate', True)) + self.eol + b'endobj' + self.eol
        return at

    def section(self):
        """The cross references; where they stand."""
        o, kind = self.o, self.o.get('kind', 'table')
        rows = {n: r for n, r in self.rows.items() if n not in o.get('omit', ())}
        rows.update(o.get('rows', {}))
        if kind == 'stream':
            return self.xref_stream(rows, o['xref'], self.trailer_keys())
        keys = self.trailer_keys()
        if kind == 'hybrid':
            packed = {n: r for n, r in rows.items() if r[0] == 'p' or n in o.get('hybrid_only', ())}
            inner = self.xref_stream(dict(packed), o['xref'], b'/Size %d' % o['size'])
            rows = {n: r for n, r in rows.items() if n not in packed}
            rows.update({n: ('f', 0, 0) for n in packed})
            keys += b'/XRefStm %d' % inner
        at = len(self.out)
        self.out += b'xref' + self.eol + self.table_rows(rows) + b'trailer' + self.eol + b'<<' + keys + b'>>' + self.eol
        return at

    def write(self):
        self.objects()
        self.out += self.o.get('before_xref', b'')
        at = self.section()
        start = self.o.get('startxref', at)
        self.out += b'startxref' + self.eol + b'%d' % start + self.eol + b'%%EOF' + self.o.get('end', self.eol)
        return bytes(self.out), at


class Pdf:
    """A file, and what one must know to go on behind it. objs: newest body of each object."""

    def __init__(self, data, objs, start, **o):
        self.data, self.objs, self.start, self.o = data, objs, start, o

    @property
    def size(self):
        return self.o['size']

    def update(self, objs, **o):
        """An update behind the file. Numbers beyond the size raise it. o: kind, packed, stm, xref, rows, omit, gens, extra, root, info,
        id, prev, size, startxref, eol, end, before_xref, prefix (bytes between the file and the update)."""
        keep = {k: v for k, v in self.o.items() if k in ('kind', 'root', 'info', 'id', 'encrypt', 'eol', 'size')}
        o = {'prev': self.start, **keep, **o}
        nums = list(objs) + list(o.get('rows', {}))
        if o.get('kind') == 'hybrid' and 'xref' not in o:
            o['kind'] = 'table'
        size = max([o['size']] + [n + 1 for n in nums])
        if o.get('kind') == 'stream' and 'xref' not in o:
            o['xref'] = size
            size += 1
        if o.get('packed') and 'stm' not in o:
            o['stm'] = size
            size += 1
        o['size'] = max(size, o.get('xref', 0) + 1)
        data, start = Writer(self.data + o.get('prefix', b''), objs, o).write()
        return Pdf(data, {**self.objs, **objs}, start, **{**self.o, **{k: o[k] for k in ('size', 'root', 'kind', 'info', 'id', 'encrypt') if k in o}})

    def raw(self, data):
        """The same with other bytes."""
        return Pdf(data, self.objs, self.start, **self.o)

    def tail(self, more):
        return self.raw(self.data + more)

    # ---- signing ----

    def sign(self, cms, field=10, **o):
        """cms: bytes covered -> Contents (DER). field: number of the field; one that is not there becomes a new invisible one.
        o: sub, reason, sig (more entries), sig_num, type, objs (more objects), field_more, range, contents, reserve, order, template,
        reference, perms, and all of update()."""
        num = o.get('sig_num', max(self.size, field + 1, *(n + 1 for n in o.get('objs') or {0: 0})))
        objs = dict(o.get('objs', {}))
        if o.get('perms'):
            objs[1] = put(objs.get(1, self.objs[1]), b'/Perms<</DocMDP %d 0 R>>' % num)
        if not o.get('no_field'):
            objs.update(self.field_objects(field, num, objs, o))
        objs[num] = o.get('template') or signature_dictionary(**{k: v for k, v in o.items() if k in (
            'sub', 'reason', 'sig', 'type', 'reserve', 'order', 'reference', 'm', 'range_text', 'contents_text')})
        update = {k: v for k, v in o.items() if k in ('kind', 'packed', 'stm', 'xref', 'rows', 'omit', 'gens', 'extra', 'root', 'info', 'id',
                                                      'prev', 'size', 'startxref', 'eol', 'end', 'before_xref', 'prefix', 'row_eol', 'flate',
                                                      'hybrid_only', 'stm_extra')}
        pdf = self.update(objs, **update)
        out = pdf.raw(finish(pdf.data, len(self.data), cms, o))
        out.sig = num
        return out

    def field_objects(self, field, num, objs, o):
        out = {}
        body = objs.get(field, self.objs.get(field))
        if body is None:
            body = b'<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/Rect[0 0 0 0]/P 4 0 R/F 132>>' % o.get('name', b'Signature%d' % field)
            form, page = objs.get(3, self.objs[3]), objs.get(9, self.objs[9])
            out[3] = swap(form, b'/Fields[', b'/Fields[%d 0 R ' % field) if o.get('field_first') else swap(form, b'0 R]/', b'0 R %d 0 R]/' % field)
            if not o.get('no_annots'):
                out[9] = page[:-1] + b' %d 0 R]' % field
        out[field] = put(body, (b'/V %s' % o['v'] if 'v' in o else b'/V %d 0 R' % num) + o.get('field_more', b''))
        return out


def signature_dictionary(sub=b'ETSI.CAdES.detached', reason=None, sig=b'', type=b'/Type/Sig', reserve=RESERVE, order='range', reference=b'',
                         m=b'(D:20260301000000Z)', range_text=RANGE, contents_text=None):
    contents = b'/Contents ' + (contents_text or b'<' + b'0' * (2 * reserve) + b'>')
    byte_range = b'/ByteRange ' + range_text
    head = b'<<' + type + b'/Filter/Adobe.PPKLite/SubFilter/' + sub
    tail = (b'/M' + m if m else b'') + (b'/Reason(' + reason + b')' if reason else b'')
    tail += (b'/Reference[' + reference + b']' if reference else b'') + sig + b'>>'
    return head + (byte_range + contents if order == 'range' else contents + byte_range) + tail


def finish(data, behind, cms, o):
    """Fills ByteRange and Contents of the placeholder behind a place. o: range(a, b, n) -> text, contents(der, width) -> text."""
    at = data.index(b'<' + b'0' * 100, behind)
    end = data.index(b'>', at) + 1
    text = o['range'](at, end, len(data)) if 'range' in o else b'[0 %d %d %d]' % (at, end, len(data) - end)
    mark = data.find(RANGE, behind)
    if mark >= 0:
        assert len(text) <= len(RANGE), text
        data = data[:mark] + text.ljust(len(RANGE)) + data[mark + len(RANGE):]
    covered = o['covered'](data, at, end) if 'covered' in o else data[:at] + data[end:]
    der = cms(covered)
    width = end - at - 2
    value = o['contents'](der, width) if 'contents' in o else der.hex().encode()
    assert len(value) <= width, (len(value), width)
    return data[:at] + b'<' + value.ljust(width, b'0') + b'>' + data[end:]


# ---- documents ----

def mdp(level, v=b'/1.2'):
    return b'<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V%s%s>>>>' % (v, b'/P %d' % level if level else b'')


def field_mdp(action, names=None):
    fields = b'/Fields[' + b''.join(b'(%s)' % n for n in names) + b']' if names is not None else b''
    return b'<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/%s%s>>>>' % (action, fields)


WIDGET = b'<</Type/Annot/Subtype/Widget/F 4'
PICTURE = b'/Type/XObject/Subtype/Form/BBox[0 0 100 20]'


def contract():
    """Two pages; empty signature fields Worker 10, Employer 11, Archive1 14 (invisible), a text field 12, a check box 13, a button 20; the
    lists of annotations are objects of their own."""
    return {
        1: b'<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>',
        2: b'<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2>>',
        3: b'<</Fields[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 20 0 R]/DR<</Font<</Helv 8 0 R>>>>/DA(/Helv 10 Tf 0 g)/SigFlags 3>>',
        4: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</F1 8 0 R>>>>/Annots 9 0 R>>',
        5: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Resources<</Font<</F1 8 0 R>>>>/Annots 15 0 R>>',
        6: stream(b'BT /F1 12 Tf 72 770 Td (TEST labour contract: the monthly wage is 8000 yuan) Tj ET'),
        7: stream(b'BT /F1 12 Tf 72 770 Td (Page two: the term ends on 2029-02-28) Tj ET'),
        8: b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
        9: b'[10 0 R 12 0 R 13 0 R 14 0 R]',
        10: b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Worker)/Rect[72 100 242 185]/P 4 0 R/F 132>>',
        11: b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Employer)/Rect[300 100 420 220]/P 5 0 R/F 132>>',
        12: WIDGET + b'/FT/Tx/T(Note)/Rect[72 600 172 620]/P 4 0 R/DA(/Helv 10 Tf 0 g)/V()/AP<</N 17 0 R>>>>',
        13: WIDGET + b'/FT/Btn/T(Agree)/Rect[72 560 84 572]/P 4 0 R/V/Off/AS/Off/AP<</N<</Yes 18 0 R/Off 19 0 R>>>>>>',
        14: b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Archive1)/Rect[0 0 0 0]/P 4 0 R/F 132>>',
        15: b'[11 0 R 20 0 R]',
        16: b'<</Title(TEST contract)/Producer(attack files)>>',
        17: stream(b'/Tx BMC EMC', PICTURE + b'/Resources<</Font<</Helv 8 0 R>>>>'),
        18: stream(b'0 0 m 12 12 l S', b'/Type/XObject/Subtype/Form/BBox[0 0 12 12]'),
        19: stream(b'', b'/Type/XObject/Subtype/Form/BBox[0 0 12 12]'),
        20: b'<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65537/T(Seam1)/Rect[575 300 595 420]/P 5 0 R/F 132>>',
    }


def build(objs=None, **o):
    """A whole file. kind as for updates; header, lead (bytes before it)."""
    objs = contract() if objs is None else objs
    o = {'kind': 'table', 'info': b'16 0 R' if 16 in objs else None, 'id': b'[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]', **o}
    size = max(objs) + 1
    if o['kind'] in ('stream', 'hybrid'):
        o.setdefault('xref', size)
        o.setdefault('stm', size + 1)
        size += 2
    o['size'] = o.get('size', size)
    o['rows'] = {0: ('f', 0, 65535), **o.get('rows', {})}
    data, start = Writer(o.get('lead', b'') + o.get('header', HEADER), objs, o).write()
    return Pdf(data, objs, start, **{k: o[k] for k in ('kind', 'info', 'id', 'root', 'size', 'eol', 'encrypt') if k in o and o[k] is not None})


NOTE_AP = stream(b'/Tx BMC q BT /Helv 10 Tf 0 g 2 6 Td (agreed) Tj ET Q EMC', PICTURE + b'/Resources<</Font<</Helv 8 0 R>>>>')


def fill_note(pdf, text=b'agreed', ap=NOTE_AP, **o):
    """The text field filled, as viewers do it: value and a new appearance."""
    n = pdf.size
    body = swap(swap(pdf.objs[12], b'/V()', b'/V(%s)' % text), b'17 0 R', b'%d 0 R' % n)
    return pdf.update({12: body, n: ap}, **o)
