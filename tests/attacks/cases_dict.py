"""Signature dictionaries: universal forgery, gap stuffing, signature wrapping, nesting, hidden and detached signatures (§6)."""
import re
import zlib

from kit import ATTACK, BROKEN, CHANGED, GOOD, NEVER, UNSIGNED, case
from pdf import RANGE, build, contract, finish, patch, put, signature_dictionary, stream, swap, without

BAD_RANGES = {
    'null': b'null', 'empty': b'[]', 'one number': b'[0]', 'zeros': b'[0 0 0 0]', 'three numbers': b'[0 9 99]', 'five numbers': b'[0 9 99 9 9]',
    'six numbers': b'[0 9 99 9 200 9]', 'negative start': b'[-1 9 99 9]', 'negative length': b'[0 -9 99 9]', 'negative end': b'[0 9 99 -9]',
    'starts at 1': b'[1 %(a)d %(b)d %(c)d]', 'strings': b'[(0) (9) (99) (9)]', 'names': b'[/0 /9 /99 /9]', 'a string': b'(0 9 99 9)',
    'a number': b'0', 'a name': b'/Whole', 'a dictionary': b'<</A 0>>', 'true': b'true', 'reals': b'[0.0 %(a)d.0 %(b)d.0 %(c)d.0]',
    'a real among integers': b'[0 %(a)d %(b)d. %(c)d]', 'half a byte': b'[0 %(a)d.5 %(b)d %(c)d]', 'huge': b'[0 99999999999999999999 9 9]',
    'beyond 64 bits': b'[0 %(a)d 18446744073709551617 9]', 'wraps around': b'[0 %(a)d %(b)d 9223372036854775807]', 'beyond the file': b'[0 %(a)d %(b)d %(c1)d]',
    'far beyond the file': b'[0 %(a)d %(b)d 99999999]', 'an array in an array': b'[[0 %(a)d %(b)d %(c)d]]', 'a null in it': b'[0 %(a)d null %(c)d]',
    'nothing but the first part': b'[0 %(a)d]', 'reversed': b'[%(b)d %(c)d 0 %(a)d]', 'overlapping': b'[0 %(b)d %(a)d %(c)d]', 'no gap': b'[0 %(a)d %(a)d %(c)d]',
    'the whole file': b'[0 %(n)d %(n)d 0]', 'gap a byte early': b'[0 %(a_)d %(b)d %(c)d]', 'gap a byte late': b'[0 %(a)d %(b1)d %(c_)d]',
    'gap begins inside': b'[0 %(a1)d %(b)d %(c)d]', 'gap ends inside': b'[0 %(a)d %(b_)d %(c1)d]', 'ends a byte early': b'[0 %(a)d %(b)d %(c_)d]',
    'ends before the trailer': b'[0 %(a)d %(b)d %(c60)d]', 'second part empty': b'[0 %(a)d %(b)d 0]', 'first part empty': b'[0 0 %(b)d %(c)d]',
    'a reference': b'8 0 R', 'references inside': b'[0 21 0 R %(b)d %(c)d]',
}
BAD_CONTENTS = {
    'null': b'null', 'empty': b'<>', 'one zero': b'<00>', 'a literal string': b'(0)', 'a literal CMS': b'(0\\202)', 'a name': b'/Signature', 'a number': b'0',
    'an array': b'[<30>]', 'a dictionary': b'<</A 1>>', 'a reference': b'8 0 R', 'odd digits': b'<308>', 'true': b'true', 'no hex': b'<ZZ>',
}


def place(pdf):
    """a and b of the newest signature."""
    numbers = [tuple(int(x) for x in m) for m in re.findall(rb'/ByteRange ?\[0 (\d+) (\d+) (\d+)\s*\]', pdf.data)]
    return numbers[-1]


def bad_range(text):
    def make(a, b, n):
        v = {'a': a, 'b': b, 'c': n - b, 'n': n, 'a_': a - 1, 'a1': a + 1, 'b_': b - 1, 'b1': b + 1, 'c1': n - b + 1, 'c_': n - b - 1, 'c60': n - b - 60}
        return text % {k.encode(): x for k, x in v.items()}
    return make


def covered_by(text):
    """The bytes that a ByteRange covers for whom it suffices; else the usual ones."""
    def covered(data, a, b):
        v = [int(x) for x in re.findall(rb'\d+', bad_range(text)(a, b, len(data)))] if b'R' not in text else []
        usual = data[:a] + data[b:]
        return b''.join(data[v[i]:v[i] + v[i + 1]] for i in range(0, len(v) - 1, 2)) if len(v) > 1 and max(v) <= len(data) else usual
    return covered


def universal_forgery(kit):
    """By a signer who signs what the odd range says, so that the digest never helps; and by patching a signed file."""
    row = 'universal forgery'
    for name, text in BAD_RANGES.items():
        want = {'ends a byte early': GOOD, 'ends before the trailer': ATTACK}.get(name, BROKEN)  # a line end behind the range is tolerated
        yield case(row, 'ByteRange ' + name, want, kit.base.sign(kit.cms(), range=bad_range(text), covered=covered_by(text)))
    a, b, c = place(kit.signed)
    old = b'[0 %d %d %d]' % (a, b, c)
    for name in ('null', 'empty', 'zeros', 'three numbers', 'negative start', 'strings', 'beyond the file', 'the whole file'):
        text = bad_range(BAD_RANGES[name])(a, b, len(kit.signed.data))
        yield case(row, 'patched: ByteRange ' + name, BROKEN, patch(kit.signed.data, old, text) if len(text) <= len(old) else kit.signed.data.replace(old, text))
    value = kit.signed.data[a:b]
    for name, text in BAD_CONTENTS.items():
        yield case(row, 'patched: Contents ' + name, BROKEN, patch(kit.signed.data, value, text))
        dictionary = signature_dictionary(contents_text=text, range_text=b'[0 %d %d %d]' % (a, b, c))
        yield case(row, 'written: Contents ' + name, BROKEN, kit.base.update({10: put(kit.base.objs[10], b'/V 21 0 R'), 21: dictionary}))
    yield case(row, 'patched: Contents zeros', BROKEN, patch(kit.signed.data, value, b'<' + b'0' * (len(value) - 2) + b'>'))
    for key in (b'/ByteRange', b'/Contents', b'/SubFilter'):
        yield case(row, 'patched: no ' + key[1:].decode(), BROKEN, patch(kit.signed.data, key, key[:-1] + b'X', last=True))
        body = kit.signed.objs[21]
        body = swap(finished(kit.signed), key, key[:-1] + b'X')
        yield case(row, 'by update: no ' + key[1:].decode(), ATTACK, kit.signed.update({21: body}))
    yield case(row, 'neither ByteRange nor Contents', BROKEN, kit.base.update(
        {10: put(kit.base.objs[10], b'/V 21 0 R'), 21: b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached>>'}))
    yield case(row, 'empty dictionary', BROKEN, kit.base.update({10: put(kit.base.objs[10], b'/V 21 0 R'), 21: b'<<>>'}))
    for name, v in (('a string', b'(signed)'), ('a number', b'1'), ('an array', b'[]'), ('true', b'true'), ('a dangling reference', b'99 0 R'),
                    ('a page', b'4 0 R'), ('a stream', b'6 0 R'), ('itself', b'10 0 R')):
        yield case(row, 'value of the field is ' + name, BROKEN, kit.base.update({10: put(kit.base.objs[10], b'/V ' + v)}))
    yield case(row, 'value null', UNSIGNED, kit.base.update({10: put(kit.base.objs[10], b'/V null')}))
    yield case(row, 'direct dictionary', BROKEN, kit.base.sign(kit.cms(), template=b'<<>>', sig_num=21, objs={
        10: put(kit.base.objs[10], b'/V ' + signature_dictionary())}, no_field=True))


def finished(pdf):
    """The text of the newest signature dictionary as it stands in the file."""
    at = pdf.data.rfind(b'/Filter/Adobe.PPKLite')
    start = pdf.data.rfind(b'obj\n', 0, at) + 4
    return pdf.data[start:pdf.data.index(b'\nendobj', at)]


def key_tricks(kit):
    """Signed as they are: keys twice, in other spellings, in other places."""
    row = 'dictionary'
    sign = lambda **o: kit.base.sign(kit.cms(), **o)
    yield case(row, 'ByteRange twice, the same', BROKEN, sign(sig=b'/ByteRange [0 1 2 3]'))
    yield case(row, 'ByteRange twice, before', BROKEN, sign(type=b'/Type/Sig/ByteRange [0 1 2 3]'))
    yield case(row, 'Contents twice, behind', BROKEN, sign(sig=b'/Contents <00>'))
    yield case(row, 'Contents twice, before', BROKEN, sign(type=b'/Type/Sig/Contents <00>'))
    yield case(row, 'Contents twice, spelled otherwise', BROKEN, sign(sig=b'/Conten#74s <00>'))
    yield case(row, 'ByteRange twice, spelled otherwise', BROKEN, sign(sig=b'/Byte#52ange [0 1 2 3]'))
    yield case(row, 'SubFilter twice', BROKEN, sign(sig=b'/SubFilter/adbe.pkcs7.sha1'))
    yield case(row, 'Reason twice', BROKEN, sign(reason=b'yes', sig=b'/Reason(no)'))
    yield case(row, 'no SubFilter', BROKEN, sign(template=swap(signature_dictionary(), b'/SubFilter/ETSI.CAdES.detached', b'')))
    yield case(row, 'SubFilter a string', BROKEN, sign(template=swap(signature_dictionary(), b'/SubFilter/ETSI.CAdES.detached', b'/SubFilter(ETSI.CAdES.detached)')))
    yield case(row, 'Type is something else', BROKEN, sign(type=b'/Type/Annot'))
    yield case(row, 'Contents indirect', BROKEN, sign(template=b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange %s/Contents 22 0 R>>' % RANGE,
                                                     objs={22: b'<' + b'0' * 8192 + b'>'}, sig_num=21))
    yield case(row, 'ByteRange indirect', BROKEN, sign(template=swap(signature_dictionary(), RANGE, b'22 0 R'), objs={22: RANGE}, sig_num=21))
    nested = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/X %s>>' % signature_dictionary()
    yield case(row, 'Contents and ByteRange in a dictionary inside', BROKEN, sign(template=nested))
    swapped = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange %s/Contents <00>/Cert <%s>>>' % (RANGE, b'0' * 8192)
    yield case(row, 'the gap is another string than Contents', BROKEN, sign(template=swapped))
    packed = kit.stream_base.sign(kit.cms(), kind='stream')
    yield case(row, 'in a file with streams', GOOD, packed)
    yield case(row, 'in an object stream', BROKEN, kit.stream_base.sign(kit.cms(), kind='stream', packed=[24], stm=25, xref=26, flate=False, sig_num=24))
    yield case(row, 'an empty name in the way', GOOD, sign(sig=b'/ (x)'))
    yield case(row, 'a comment between key and value', GOOD, sign(template=swap(signature_dictionary(), b'/ByteRange ', b'/ByteRange % the range\n')))
    yield case(row, 'a comment with a false range', GOOD, sign(template=swap(signature_dictionary(), b'/ByteRange ', b'% /ByteRange [0 1 2 3]\n/ByteRange ')))
    yield case(row, 'a string with a false range', GOOD, sign(reason=b'/ByteRange [0 1 2 3]'))


def gap_stuffing(kit):
    row = 'gap stuffing'
    for name, tail in (('a key', b'>/Reason(I agree)/X<'), ('a comment', b'>%evil\n/X<'), ('ByteRange again', b'>/ByteRange[0 1 2 3]/X<'), ('Contents again', b'>/Contents<'),
                       ('the end of the object', b'>>>endobj 6 0 obj(evil)endobj 60 0 obj<</X<'), ('space and comment', b' % '), ('a second string', b'><'),
                       ('letters', b'evil'), ('mixed digits', b'aAaA'), ('an odd digit', b'f')):
        def contents(der, width, tail=tail):
            return der.hex().encode() + tail
        yield case(row, name, BROKEN, kit.base.sign(kit.cms(), contents=contents, reserve=4096))
    a, b, _ = place(kit.signed)
    data = kit.signed.data
    yield case(row, 'zeros removed, keys in their place', BROKEN, data[:b - 40] + b'>/Name(somebody else)/X'.ljust(40)[:40] + data[b:])
    yield case(row, 'zeros become spaces', GOOD, data[:b - 41] + b' ' * 40 + data[b - 1:])
    yield case(row, 'digits moved apart by line ends', GOOD, data[:a + 1] + spread(data[a + 1:b - 1]) + data[b - 1:])
    yield case(row, 'upper case', GOOD, data[:a] + data[a:b].upper() + data[b:])
    yield case(row, 'mixed case', NEVER, data[:a] + data[a:a + 300] + data[a + 300:b].upper() + data[b:])
    yield case(row, 'a NUL among the digits', NEVER + GOOD, data[:b - 3] + b'\0\0' + data[b - 1:])
    yield case(row, 'a comment among the digits', BROKEN, data[:b - 11] + b'%comment\n0' + data[b - 1:])


def spread(digits):
    out = b''.join(digits[i:i + 64] + b'\r\n' for i in range(0, len(digits), 64))
    return out[:len(digits)] if out[len(digits):].strip(b'0\r\n') == b'' else digits


def wrapping(kit):
    """The second part moved away from Contents; what is put between is read by parsers that follow the cross references."""
    row = 'wrapping'
    for order in ('range', 'contents'):
        for zero_pad in (False, True):
            name = f"{'ByteRange' if order == 'range' else 'Contents'} first, {'padding cut' if zero_pad else 'padding kept'}"
            signed = kit.base.sign(kit.cms(), order=order)
            yield case(row, 'new dictionary in the gap, ' + name, BROKEN, wrap(kit, signed, zero_pad))
            yield case(row, 'without cross references in the gap, ' + name, ATTACK, wrap(kit, signed, zero_pad, xref=False))
            yield case(row, 'old dictionary kept, ' + name, ATTACK, wrap(kit, signed, zero_pad, new_dict=False))
    signed = kit.base.sign(kit.cms(), order='contents', sig=b'/X 1')
    a, b, c = place(signed)
    moved = swap(signed.data, b'[0 %d %d %d]' % (a, b, c), b'[0 %d %d %d]' % (a, b + 100, c))
    yield case(row, 'second part moved behind a comment', BROKEN, moved[:b] + b'%'.ljust(99) + b'\n' + moved[b:])
    yield case(row, 'whole old file appended to an evil one', ATTACK, evil_with_copy(kit))
    yield case(row, 'signed file inside a stream', ATTACK + UNSIGNED, build({**contract(), 30: stream(kit.signed.data)}))
    yield case(row, 'signature copied to another document', ('BROKEN', 'TAMPERED'), copied_signature(kit))


def wrap(kit, signed, cut, xref=True, new_dict=True):
    a, b, c = place(signed)
    data = signed.data
    start = int(re.findall(rb'startxref\n(\d+)', data)[-1])
    value = data[a:b]
    if cut:
        value = value[:-1].rstrip(b'0')
        value += b'0' * (len(value) % 2 == 0) + b'>'
    evil_page = stream(b'BT /F1 12 Tf 72 770 Td (the monthly wage is 1 yuan) Tj ET')
    gap = value + b'>>\nendobj\n'
    gap += b'%' + b' ' * max(0, start - a - len(gap) - 2) + b'\n'
    assert a + len(gap) == start or not xref, (a, len(gap), start)
    body, rows = b'', {}
    section = b''
    total = 0
    # Two rounds: the dictionary names the place of the second part, which its own length decides.
    for _ in range(3):
        new = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange [0 %010d %010d %010d]/Contents %s/M(D:20260301000000Z)>>' % (
            a, total, c, value)
        objs = {6: evil_page, **({signed.sig: new} if new_dict else {})}
        at = start + len(section)
        body, rows = b'', {}
        for num, text in objs.items():
            rows[num] = at + len(body)
            body += b'%d 0 obj\n%s\nendobj\n' % (num, text)
        rows[10] = data.rindex(b'\n10 0 obj', 0, a) + 1
        lines = b''.join(b'%d 1\n%010d 00000 n \n' % (n, p) for n, p in sorted(rows.items()))
        section = b'xref\n' + lines + b'trailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (signed_prev(data), start) if xref else b''
        total = a + len(gap) + len(section) + len(body)
    return data[:a] + gap + section + body + data[b:]


def signed_prev(data):
    return int(re.findall(rb'/Prev (\d+)', data)[-1])


def evil_with_copy(kit):
    """An evil file that carries a whole signed one, with a signature dictionary pointing at the copy."""
    evil = build({**contract(), 6: stream(b'BT (the wage is 1 yuan) Tj ET')})
    a, b, c = place(kit.signed)
    shift = len(evil.data) + len(b'30 0 obj\n<</Length %d>>\nstream\n' % len(kit.signed.data))
    new = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange [%d %d %d %d]/Contents %s>>' % (
        shift, a, shift + b, c, kit.signed.data[a:b])
    return evil.update({30: stream(kit.signed.data), 31: new, 10: put(contract()[10], b'/V 31 0 R')})


def copied_signature(kit):
    other = build({**contract(), 6: stream(b'BT (the wage is 1 yuan) Tj ET')})
    a, b, _ = place(kit.signed)
    value = kit.signed.data[a:b]
    return other.sign(lambda covered: bytes.fromhex(value[1:-1].decode())[:4090].rstrip(b'\0'))


def nesting(kit):
    row = 'nesting'
    first = kit.signed
    a, b, c = place(first)
    yield case(row, 'two signatures', GOOD, kit.two())
    yield case(row, 'three signatures and a timestamp', GOOD, kit.stamped_file(kit.two().sign(kit.cms(), field=30)))
    text = finished(first)
    second = put(kit.base.objs[11], b'/V 22 0 R')
    yield case(row, 'the same range in two dictionaries', BROKEN, first.update({22: text, 11: second}))
    yield case(row, 'the same dictionary in two fields, later', CHANGED, first.update({11: put(kit.base.objs[11], b'/V 21 0 R')}))
    both = kit.base.sign(kit.cms(), objs={11: put(kit.base.objs[11], b'/V 21 0 R')}, sig_num=21)
    yield case(row, 'the same dictionary in two fields, signed so', GOOD, both)
    # Two dictionaries in one revision: the later one fills its gap over the earlier one's.
    yield case(row, 'two signatures over one revision', BROKEN, side_by_side(kit))
    yield case(row, 'the second covers less than the first', BROKEN, kit.signed.sign(
        kit.cms(kit.second), field=11, range=lambda x, y, n: b'[0 %d %d %d]' % (a, b, c), covered=lambda data, x, y: data[:a] + data[b:b + c]))
    yield case(row, 'the second begins inside the first', BROKEN, kit.signed.sign(
        kit.cms(kit.second), field=11, range=lambda x, y, n: b'[0 %d %d %d]' % (a, y, n - y), covered=lambda data, x, y: data[:a] + data[y:]))


def side_by_side(kit):
    """Both dictionaries in one update, each covering all but both values: four parts would be needed, two are claimed."""
    one, two = signature_dictionary(), signature_dictionary()
    pdf = kit.base.update({10: put(kit.base.objs[10], b'/V 21 0 R'), 11: put(kit.base.objs[11], b'/V 22 0 R'), 21: one, 22: two})
    data = finish(pdf.data, len(kit.base.data), kit.cms(), {})
    return finish(data, data.index(b'22 0 obj'), kit.cms(kit.second), {})


def hidden(kit):
    """Signatures that no field shows any more must not look like a document that was never signed."""
    row = 'detach'
    s, base = kit.signed, kit.base
    yield case(row, 'never signed', UNSIGNED, base)
    yield case(row, 'never signed, streams', UNSIGNED, kit.stream_base)
    yield case(row, 'no form', UNSIGNED, build({k: v for k, v in {**contract(), 1: b'<</Type/Catalog/Pages 2 0 R>>'}.items() if k != 3}))
    yield case(row, 'never signed, the word in a comment', UNSIGNED, base.tail(b'% /ByteRange\n'))
    yield case(row, 'never signed, the word in a content stream', UNSIGNED, base.update({6: stream(b'BT (/ByteRange [0 1 2 3]) Tj ET')}))
    yield case(row, 'form removed', CHANGED, s.update({1: without(s.objs[1], rb'/AcroForm 3 0 R')}))
    yield case(row, 'form replaced by null', CHANGED, s.update({1: swap(s.objs[1], b'3 0 R', b'null')}))
    yield case(row, 'form empty', CHANGED, s.update({3: swap(s.objs[3], b'[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 20 0 R]', b'[]')}))
    yield case(row, 'field removed', CHANGED, s.update({3: swap(s.objs[3], b'[10 0 R ', b'[')}))
    yield case(row, 'field empty again', CHANGED, s.update({10: base.objs[10]}))
    yield case(row, 'field of another kind', CHANGED, s.update({10: swap(s.objs[10], b'/FT/Sig', b'/FT/Tx')}))
    yield case(row, 'value null', CHANGED, s.update({10: put(base.objs[10], b'/V null')}))
    yield case(row, 'value freed', ATTACK, s.update({}, rows={21: ('f', 0, 1)}))
    yield case(row, 'field freed', CHANGED, s.update({}, rows={10: ('f', 0, 1)}))
    yield case(row, 'form freed', CHANGED, s.update({}, rows={3: ('f', 0, 1)}))
    yield case(row, 'value of another generation', ATTACK, s.update({10: put(base.objs[10], b'/V 21 1 R')}))
    yield case(row, 'back to the older startxref', CHANGED, s.tail(b'startxref\n%d\n%%%%EOF\n' % base.start))
    yield case(row, 'back by an empty update', CHANGED, s.update({}, prev=base.start))
    yield case(row, 'back by a copy of the older table', CHANGED, s.data + base.data[base.start:].replace(b'%d\n%%%%EOF' % base.start, b'%d\n%%%%EOF' % len(s.data)))
    yield case(row, 'another root', CHANGED, s.update({40: without(base.objs[1], rb'/AcroForm 3 0 R')}, root=b'40 0 R'))
    yield case(row, 'a whole new file behind', ATTACK, s.data + shifted(base, len(s.data)))
    yield case(row, 'page tree of a document without the form', CHANGED, s.update({
        40: b'<</Type/Catalog/Pages 41 0 R>>', 41: b'<</Type/Pages/Kids[42 0 R]/Count 1>>', 42: b'<</Type/Page/Parent 41 0 R/MediaBox[0 0 9 9]>>'}, root=b'40 0 R'))
    yield from hidden_in_streams(kit)
    two = kit.two()
    yield case(row, 'one of two fields emptied', CHANGED, two.update({10: base.objs[10]}), signatures={'Employer': 'CHANGED'})
    yield case(row, 'the second field emptied', CHANGED, two.update({11: base.objs[11]}))
    yield case(row, 'cut back to the first revision', GOOD, two.data[:len(s.data)])
    yield case(row, 'cut to before the signature', UNSIGNED, s.data[:len(base.data)])
    rights = b'/Reference[<</Type/SigRef/TransformMethod/UR3/TransformParams<</Type/TransformParams/V/2.2/Form[/FillIn]>>>>]'
    usage = build({**contract(), 1: b'<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/Perms<</UR3 30 0 R>>>>', 30: put(finished(kit.signed), rights)})
    yield case(row, 'usage rights are no signature', UNSIGNED, usage)
    yield case(row, 'usage rights and a signature', GOOD, usage.sign(kit.cms()))
    yield case(row, 'usage rights that nothing points to', UNSIGNED, usage.update({1: contract()[1]}))
    yield case(row, 'Perms points to the signature of a field that is empty', CHANGED, s.update(
        {10: base.objs[10], 1: put(s.objs[1], b'/Perms<</UR3 21 0 R>>')}))


def shifted(pdf, by):
    """The same file for another place: all offsets moved."""
    data = re.sub(rb'(\d{10}) (\d{5}) n', lambda m: b'%010d %s n' % (int(m[1]) + by, m[2]), pdf.data)
    return re.sub(rb'startxref\n(\d+)', lambda m: b'startxref\n%d' % (int(m[1]) + by), data)


def hidden_in_streams(kit):
    """Dictionaries in object streams cannot be signatures; hidden there, they are still traces of one."""
    row = 'detach'
    fake = b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 99 9]/Contents<00>>>'
    base = build(contract(), kind='stream', packed=[1, 2, 3])
    yield case(row, 'in an object stream, no field', CHANGED, base.update({30: fake}, packed=[30], stm=31, xref=32))
    yield case(row, 'in an object stream that is not compressed', CHANGED, base.update({30: fake}, packed=[30], stm=31, xref=32, flate=False))
    older = base.update({30: fake}, packed=[30], stm=31, xref=32)
    yield case(row, 'in an object stream of an older revision', CHANGED, older.update({30: b'null'}))
    yield case(row, 'in an object stream, freed later', CHANGED, older.update({}, rows={30: ('f', 0, 1)}))
    yield case(row, 'in an object stream that no row names', CHANGED, base.update({30: stream(zlib.compress(b'31 0 ' + fake), b'/Type/ObjStm/N 1/First 5/Filter/FlateDecode')}))
    yield case(row, 'in an object stream, name spelled otherwise', CHANGED, base.update({30: swap(fake, b'/ByteRange', b'/Byte#52ange')}, packed=[30], stm=31, xref=32))
    signed = base.sign(kit.cms(), kind='stream')
    again = signed.update({10: contract()[10]}, packed=[10])
    yield case(row, 'field emptied by an object stream', CHANGED, again)
    yield case(row, 'signature overridden by an object stream', ATTACK, signed.update({signed.sig: fake}, packed=[signed.sig]))
    yield case(row, 'a string in an object stream', UNSIGNED, base.update({30: b'(/ByteRange [0 1 2 3])'}, packed=[30], stm=31, xref=32))


def cases(kit):
    for part in (universal_forgery, key_tricks, gap_stuffing, wrapping, nesting, hidden):
        yield from part(kit)
