"""What follows behind the signed revision: incremental saving, shadow attacks, dictionary spoofing, cross-reference tricks, validation data,
encryption, certification (§6.7–§6.11, §7, §8)."""
from kit import ATTACK, BROKEN, CHANGED, EXT, GOOD, NEVER, UNSIGNED, UNSUPPORTED, case
from pdf import build, contract, fill_note, finish, last_start, mdp, patch, put, signature_dictionary, stream, swap, without
from cases_dict import finished, place
from cases_good import linearised

EVIL = stream(b'BT /F1 12 Tf 72 770 Td (the monthly wage is 1 yuan) Tj ET')
EVIL_AP = stream(b'0 0 100 50 re f', b'/Type/XObject/Subtype/Form/BBox[0 0 100 50]')


def obj(num, body, gen=0):
    return b'%d %d obj\n%s\nendobj\n' % (num, gen, body)


def incremental_saving(kit):
    row, s = 'incremental saving 1', kit.signed
    c = contract()
    tricks = {
        'content replaced': {6: EVIL}, 'content of page two replaced': {7: EVIL},
        'content added beside': {4: swap(s.objs[4], b'/Contents 6 0 R', b'/Contents[6 0 R 60 0 R]'), 60: EVIL},
        'content switched': {4: swap(s.objs[4], b'/Contents 6 0 R', b'/Contents 60 0 R'), 60: EVIL},
        'page replaced': {4: swap(s.objs[4], b'6 0 R', b'7 0 R')}, 'media box': {4: swap(s.objs[4], b'595 842', b'595 100')},
        'crop box': {4: put(s.objs[4], b'/CropBox[0 0 9 9]')}, 'rotated': {4: put(s.objs[4], b'/Rotate 180')}, 'user unit': {4: put(s.objs[4], b'/UserUnit 2')},
        'page added': {2: b'<</Type/Pages/Kids[4 0 R 5 0 R 60 0 R]/Count 3>>', 60: swap(c[4], b'/Annots 9 0 R', b'')},
        'page removed': {2: b'<</Type/Pages/Kids[4 0 R]/Count 1>>'}, 'pages swapped': {2: b'<</Type/Pages/Kids[5 0 R 4 0 R]/Count 2>>'},
        'page tree moved and turned': {1: swap(c[1], b'2 0 R', b'60 0 R'), 60: put(c[2], b'/Rotate 180')},
        'page tree moved and emptied': {1: swap(c[1], b'2 0 R', b'60 0 R'), 60: b'<</Type/Pages/Kids[5 0 R]/Count 1>>'}, 'inherited rotation': {2: put(c[2], b'/Rotate 90')},
        'a node between': {2: b'<</Type/Pages/Kids[60 0 R]/Count 2>>', 60: b'<</Type/Pages/Parent 2 0 R/Kids[4 0 R 5 0 R]/Count 2>>'},
        'font replaced': {8: swap(c[8], b'Helvetica', b'Courier')}, 'font encoding': {8: swap(c[8], b'WinAnsiEncoding', b'MacRomanEncoding')},
        'font switched': {4: swap(s.objs[4], b'/F1 8 0 R', b'/F1 60 0 R'), 60: swap(c[8], b'Helvetica', b'Courier')}, 'resources': {4: swap(s.objs[4], b'/F1 8 0 R', b'/F1 8 0 R/F2 8 0 R')},
        'layers': {1: put(c[1], b'/OCProperties<</OCGs[]/D<</OFF[]>>>>')}, 'open action': {1: put(c[1], b'/OpenAction<</S/JavaScript/JS(app.alert(1))>>')},
        'additional actions': {1: put(c[1], b'/AA<</WC<</S/JavaScript/JS(1)>>>>')}, 'actions of a page': {4: put(c[4], b'/AA<</O<</S/JavaScript/JS(1)>>>>')},
        'script names': {1: put(c[1], b'/Names<</JavaScript<</Names[(x)<</S/JavaScript/JS(1)>>]>>>>')},
        'attachment': {1: put(c[1], b'/Names<</EmbeddedFiles<</Names[(x.pdf)<</Type/Filespec/F(x.pdf)>>]>>>>')},
        'outlines': {1: put(c[1], b'/Outlines 60 0 R'), 60: b'<</Type/Outlines/Count 0>>'}, 'page labels': {1: put(c[1], b'/PageLabels<</Nums[0<</P(x)>>]>>')},
        'viewer preferences': {1: put(c[1], b'/ViewerPreferences<</Direction/R2L>>')}, 'collection': {1: put(c[1], b'/Collection<</Type/Collection>>')},
        'XFA added': {3: put(c[3], b'/XFA 60 0 R'), 60: stream(b'<xdp/>')}, 'unknown key in the catalog': {1: put(c[1], b'/Unknown 1')},
        'calculation order': {3: put(c[3], b'/CO[12 0 R]')}, 'requirements': {1: put(c[1], b'/Requirements[<</S/EnableJavaScripts>>]')},
        'thumbnail': {4: put(c[4], b'/Thumb 60 0 R'), 60: stream(b'', b'/Width 0/Height 0')},
        'fields in another order': {3: swap(c[3], b'10 0 R 11 0 R', b'11 0 R 10 0 R')}, 'default resources used by the page': {8: put(c[8], b'/Widths[1]')},
    }
    for name, objs in tricks.items():
        yield case(row, name, CHANGED, s.update(objs))
        if name in ('content replaced', 'open action', 'page added', 'font replaced', 'fields in another order'):
            yield case(row, name + ', certified at 3', CHANGED, kit.certified(3).update(merged(kit.certified(3), objs, c)))
            signed = kit.stream_base.sign(kit.cms(), kind='stream')
            yield case(row, name + ', in an object stream', CHANGED, signed.update(objs, packed=[n for n, b in objs.items() if b'stream' not in b]))
    for name, objs in (('page tree moved', {1: swap(c[1], b'2 0 R', b'60 0 R'), 60: c[2]}), ('an equal font', {4: swap(s.objs[4], b'/F1 8 0 R', b'/F1 60 0 R'), 60: c[8]})):
        yield case(row, name, EXT + CHANGED, s.update(objs))  # the same in another place
    for name, objs in (('nothing', {}), ('an object nobody needs', {60: b'(nobody)'}), ('the same font again', {8: c[8]}), ('the same content again', {6: c[6]}),
                       ('document information', {16: swap(c[16], b'TEST contract', b'TEST contract, again')}),
                       ('metadata', {1: put(c[1], b'/Metadata 60 0 R'), 60: stream(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', b'/Type/Metadata/Subtype/XML')}),
                       ('extension level', {1: put(c[1], b'/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>')}),
                       ('version', {1: put(c[1], b'/Version/2.0')})):
        yield case('allowed', name, EXT, s.update(objs))


def merged(pdf, objs, plain):
    """The changes of a table over the plain contract, on a certified one (Perms stay)."""
    out = dict(objs)
    if 1 in out:
        out[1] = pdf.objs[1][:-2] + out[1][len(plain[1]) - 2:]
    return out


def without_cross_references(kit):
    s = kit.signed
    new, old = s.start, kit.base.start
    tails = {
        'object alone': (2, obj(6, EVIL)), 'object and end': (2, obj(6, EVIL) + b'%%EOF\n'),
        'object and old startxref': (3, obj(6, EVIL) + b'startxref\n%d\n%%%%EOF\n' % new),
        'object, trailer and old startxref': (3, obj(6, EVIL) + b'trailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (new, new)),
        'object and trailer': (3, obj(6, EVIL) + b'trailer\n<</Size 30/Root 1 0 R>>\n'),
        'object, empty table': (3, obj(6, EVIL) + b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (new, len(s.data) + len(obj(6, EVIL)))),
        'object and a startxref to nowhere': (3, obj(6, EVIL) + b'startxref\n0\n%%EOF\n'),
        'object and a startxref into the object': (3, obj(6, EVIL) + b'startxref\n%d\n%%%%EOF\n' % len(s.data)),
        'object and startxref without a number': (3, obj(6, EVIL) + b'startxref\n%%EOF\n'),
        'trailer alone': (2, b'trailer\n<</Root 60 0 R>>\n'), 'another %%EOF': (2, b'%%EOF\n'), 'two more %%EOF': (2, b'%%EOF\n%%EOF\n'),
        'text': (2, b'hello\n'), 'a comment': (2, b'% a comment\n'), 'spaces': (2, b'     \n'), 'a NUL': (2, b'\0'), 'five line ends': (2, b'\n\n\n\n\n'),
        'a second header': (2, b'%PDF-1.7\n'), 'startxref again': (2, b'startxref\n%d\n%%%%EOF\n' % new), 'an older startxref': (3, b'startxref\n%d\n%%%%EOF\n' % old),
        'startxref alone': (2, b'startxref\n'),
    }
    for name, (kind, tail) in tails.items():
        yield case(f'incremental saving {kind}', name, CHANGED, s.tail(tail))
    for name, tail in (('one line end', b'\n'), ('CR LF', b'\r\n'), ('four line ends', b'\r\n\r\n')):
        yield case('allowed', 'behind the end: ' + name, GOOD, s.tail(tail))
    for name, o in (('an object between updates', {'prefix': obj(60, EVIL)}), ('an object before the table', {'before_xref': obj(60, EVIL)}),
                    ('a comment with an object in it', {'before_xref': b'% 6 0 obj (evil) endobj\n'}),
                    ('a comment with an object behind a CR', {'before_xref': b'% hidden\r6 0 obj\n(evil)\nendobj\n'}),
                    ('a comment with a trailer in it', {'before_xref': b'% trailer <</Root 60 0 R>>\n'}), ('a comment with startxref in it', {'before_xref': b'%% startxref %d\n' % kit.base.start}),
                    ('an old object before the table', {'before_xref': obj(6, EVIL)}),
                    ('text before the table', {'before_xref': b'hello\n'})):
        yield case('incremental saving 2', name, CHANGED, s.update({61: b'(x)'}, **o))
    yield case('allowed', '%%EOF in the update', EXT + CHANGED, s.update({61: b'(x)'}, before_xref=b'%%EOF\n'))
    yield case('allowed', 'a comment in the update', EXT + CHANGED, s.update({61: b'(x)'}, before_xref=b'% hidden\n'))
    yield case('incremental saving 2', 'a startxref of its own in the update', CHANGED, s.update({61: b'(x)'}, before_xref=b'startxref\n%d\n%%%%EOF\n' % new))


def copied(kit):
    """The signature object copied into the update; and its claims replaced."""
    s, text = kit.signed, finished(kit.signed)
    yield case('incremental saving 4', 'with other content', CHANGED, s.update({6: EVIL, 21: text}))
    yield case('incremental saving 4', 'alone', CHANGED, s.update({21: text}))
    yield case('incremental saving 4', 'without cross references', CHANGED, s.tail(obj(6, EVIL) + obj(21, text)))
    yield case('incremental saving 4', 'without cross references, old startxref', CHANGED, s.tail(
        obj(6, EVIL) + obj(21, text) + b'startxref\n%d\n%%%%EOF\n' % s.start))
    yield case('incremental saving 4', 'under another number', ATTACK, s.update({6: EVIL, 60: text, 10: swap(s.objs[10], b'21 0 R', b'60 0 R')}))
    yield case('incremental saving 4', 'into a second field', ATTACK, s.update({60: text, 11: put(s.objs[11], b'/V 60 0 R')}))
    c = place(s)[2]
    longer = s.update({6: EVIL, 21: text.replace(b'%d]' % c, b'%d]' % (c + 400), 1)})
    yield case('incremental saving 4', 'with a longer range', ATTACK, longer)
    row = 'dictionary spoofing'
    named = kit.base.sign(kit.cms(), reason=b'I agree', sig=b'/Name(TEST Worker)/Location(Beijing)')
    text = finished(named)
    for key, old, new in (('Reason', b'(I agree)', b'(I refuse)'), ('Name', b'(TEST Worker)', b'(Somebody else)'), ('Location', b'(Beijing)', b'(Shanghai)'),
                          ('M', b'20260301', b'20200101'), ('SubFilter', b'ETSI.CAdES.detached', b'adbe.pkcs7.detached'), ('Type', b'/Type/Sig', b'/Type/DocTimeStamp')):
        yield case(row, key, CHANGED if key not in ('Type', 'SubFilter') else ATTACK, named.update({21: text.replace(old, new)}))
        yield case(row, key + ', patched', ('TAMPERED', 'BROKEN'), named.data.replace(old, new.ljust(len(old))[:len(old)]) if len(new) == len(old) else
                   patch(named.data, old, new[:len(old) - 1] + new[-1:], last=True))
    yield case(row, 'ContactInfo added', CHANGED, named.update({21: put(text, b'/ContactInfo(x)')}))
    yield case(row, 'Reason removed', CHANGED, named.update({21: text.replace(b'/Reason(I agree)', b'')}))
    yield case(row, 'Prop_Build added', CHANGED, named.update({21: put(text, b'/Prop_Build<</App<</Name/x>>>>')}))
    yield case(row, 'Reference added', CHANGED, named.update({21: put(text, b'/Reference[' + mdp(3) + b']')}))
    indirect = kit.base.sign(kit.cms(), sig=b'/Reason 60 0 R/Name 61 0 R', objs={60: b'(I agree)', 61: b'(TEST Worker)'}, sig_num=62)
    yield case(row, 'indirect Reason', GOOD, indirect)
    yield case(row, 'indirect Reason replaced', CHANGED, indirect.update({60: b'(I refuse)'}))
    yield case(row, 'indirect Name replaced', CHANGED, indirect.update({61: b'(Somebody else)'}))
    yield case(row, 'name of the field changed', CHANGED, named.update({10: swap(named.objs[10], b'(Worker)', b'(Employer)')}))
    yield case(row, 'rectangle of the field changed', CHANGED, named.update({10: swap(named.objs[10], b'72 100 242 185', b'72 700 242 785')}))
    yield case(row, 'appearance of the signed field', CHANGED, named.update({10: put(named.objs[10], b'/AP<</N 60 0 R>>'), 60: EVIL_AP}))


def shadow(kit):
    """Prepared before signing, revealed afterwards."""
    row = 'shadow'
    c = contract()
    overlay = b'<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8'
    hide = build({**c, 4: swap(c[4], b'/Resources<<', b'/Resources<</XObject<</Over 40 0 R>>'),
                  6: stream(b'BT /F1 12 Tf 72 770 Td (wage 1) Tj ET q 300 0 0 20 72 765 cm /Over Do Q'), 40: stream(b'\xff', overlay[2:])})
    signed = hide.sign(kit.cms())
    yield case(row, 'hide: before', GOOD, signed)
    yield case(row, 'hide: overlay replaced', CHANGED, signed.update({40: stream(b'', overlay[2:])}))
    yield case(row, 'hide: overlay freed', CHANGED, signed.update({}, rows={40: ('f', 0, 1)}))
    yield case(row, 'hide: overlay of another generation', CHANGED, signed.update({40: stream(b'')}, gens={40: 1}))
    yield case(row, 'hide: overlay null', CHANGED, signed.update({40: b'null'}))
    form = build({**c, 12: put(c[12], b'/MK<</BG[1]>>')}).sign(kit.cms())
    yield case(row, 'replace: font of the form', CHANGED, form.update({8: b'<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<<>>/Encoding<<>>/FirstChar 0/LastChar 0/Widths[1]>>'}))
    yield case(row, 'replace: appearance that hides the value', CHANGED, fill_note(form, b'100', ap=stream(
        b'/Tx BMC q BT /Helv 10 Tf 0 g 2 6 Td (10000000) Tj ET Q EMC', b'/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</Helv 8 0 R>>>>')))
    # Hide and replace: two documents in one, the cross references choose.
    second = {50: b'<</Type/Catalog/Pages 51 0 R>>', 51: b'<</Type/Pages/Kids[52 0 R]/Count 1>>', 52: b'<</Type/Page/Parent 51 0 R/MediaBox[0 0 595 842]/Contents 53 0 R/Resources<<>>>>', 53: EVIL}
    both = build({**c, **second}).sign(kit.cms())
    yield case(row, 'hide and replace: before', GOOD, both)
    yield case(row, 'hide and replace: another root', CHANGED, both.update({}, root=b'50 0 R'))
    old = {n: both.data.index(b'\n%d 0 obj' % n) + 1 for n in (6, 53)}
    at = len(kit.base.data)
    double = kit.base.update({30: b'(x)'}, before_xref=obj(6, EVIL))
    hidden_at = double.data.index(obj(6, EVIL), at)
    double = double.sign(kit.cms())
    yield case(row, 'hide and replace: two versions of an object, before', GOOD + EXT, double)
    yield case(row, 'hide and replace: cross references alone', CHANGED, double.update({}, rows={6: ('n', hidden_at, 0)}))
    yield case(row, 'hide and replace: row to an object of another number', NEVER, both.update({}, rows={6: ('n', old[53], 0)}))
    yield case(row, 'replace: kids of the page tree prepared', CHANGED, build({**c, 2: b'<</Type/Pages/Kids 40 0 R/Count 2>>', 40: b'[4 0 R 5 0 R]'}).sign(
        kit.cms()).update({40: b'[5 0 R 4 0 R]'}))
    dangling = build({**c, 4: swap(c[4], b'/Contents 6 0 R', b'/Contents[6 0 R 40 0 R]')}).sign(kit.cms())
    yield case(row, 'place kept free: before', GOOD, dangling)
    yield case(row, 'place kept free: filled', CHANGED, dangling.update({40: EVIL}))
    yield case(row, 'place kept free: filled by an object stream', CHANGED, dangling.update({40: b'[]', 41: b'(x)'}, packed=[40], kind='stream'))
    layered = build({**c, 1: put(c[1], b'/OCProperties<</OCGs[40 0 R]/D<</OFF[40 0 R]>>>>'), 40: b'<</Type/OCG/Name(x)>>'}).sign(kit.cms())
    yield case(row, 'layer switched on', CHANGED, layered.update({1: swap(layered.objs[1], b'/OFF[40 0 R]', b'/OFF[]')}))
    yield case(row, 'length of a stream changed', CHANGED, build({**c, 6: b'<</Length 40 0 R>>\nstream\nBT (wage 8000) Tj ET BT (9) Tj ET\nendstream', 40: b'33'}).sign(
        kit.cms()).update({40: b'18'}))


def cross_reference_tricks(kit):
    row, s = 'cross references', kit.signed
    content_at = s.data.index(b'\n6 0 obj') + 1
    page_two_at = s.data.index(b'\n7 0 obj') + 1
    yield case(row, 'row repeated as it was', EXT, s.update({}, rows={6: ('n', content_at, 0)}))
    yield case(row, 'row to another object', CHANGED, s.update({}, rows={6: ('n', page_two_at, 0)}))
    yield case(row, 'row into the middle of an object', CHANGED, s.update({}, rows={6: ('n', content_at + 10, 0)}))
    yield case(row, 'row to offset 0', CHANGED, s.update({}, rows={6: ('n', 0, 0)}))
    yield case(row, 'row beyond the file', CHANGED, s.update({}, rows={6: ('n', 99999999, 0)}))
    yield case(row, 'row with another generation', CHANGED, s.update({}, rows={6: ('n', content_at, 1)}))
    yield case(row, 'freed', CHANGED, s.update({}, rows={6: ('f', 0, 1)}))
    yield case(row, 'freed, then used again', CHANGED, s.update({}, rows={6: ('f', 0, 1)}).update({6: EVIL}, gens={6: 1}))
    yield case(row, 'freed, then as it was', CHANGED, s.update({}, rows={6: ('f', 0, 1)}).update({}, rows={6: ('n', content_at, 0)}))
    yield case(row, 'changed, then changed back', CHANGED, s.update({6: EVIL}).update({6: contract()[6]}))
    yield case(row, 'changed, then signed over', CHANGED, s.update({6: EVIL}).sign(kit.cms(kit.second), field=11), signatures={'Worker': 'CHANGED', 'Employer': 'INTACT'})
    yield case(row, 'another generation defined', CHANGED, s.update({6: EVIL}, gens={6: 1}))
    yield case(row, 'override by an object stream', CHANGED, s.update({8: swap(contract()[8], b'Helvetica', b'Courier')}, kind='stream', packed=[8]))
    packed = kit.stream_base.sign(kit.cms(), kind='stream')
    yield case(row, 'object stream itself replaced', CHANGED, packed.update({22: stream(b'8 0 <</Type/Font/Subtype/Type1/BaseFont/Courier>>', b'/Type/ObjStm/N 1/First 4')}))
    yield case(row, 'row into an old object stream', CHANGED, packed.update({}, kind='stream', rows={6: ('p', 22, 5)}))
    hybrid = build(contract(), kind='hybrid', packed=[1, 2, 3, 8, 9])
    yield case(row, 'hybrid', GOOD, hybrid.sign(kit.cms()))
    later = s.update({8: swap(contract()[8], b'Helvetica', b'Courier')}, kind='hybrid', packed=[8], xref=60, stm=61)
    yield case(row, 'hybrid update hides an object from old readers', CHANGED, later)
    yield case(row, 'hybrid update with nothing in it', EXT, s.update({60: b'(x)'}, kind='hybrid', packed=[60], xref=61, stm=62))
    yield case(row, 'Prev skips the signed revision', CHANGED, s.update({60: b'(x)'}, prev=kit.base.start))
    yield case(row, 'Prev to itself', NEVER, s.data + b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (len(s.data), len(s.data)))
    yield case(row, 'no Prev', NEVER, s.update({60: b'(x)'}, prev=None))
    yield case(row, 'startxref to the old section', CHANGED, s.update({6: EVIL}, startxref=s.start))
    yield case(row, 'two sections in one update', CHANGED, s.update({60: b'(x)'}, before_xref=b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\n' % s.start))
    yield case(row, 'a row twice', CHANGED, s.data + double_row(s))
    yield case(row, 'size smaller', NEVER + EXT, s.update({60: b'(x)'}, size=5))
    yield case(row, 'other Root', CHANGED, s.update({60: contract()[1]}, root=b'60 0 R'))
    yield case(row, 'same Root of another generation', NEVER, s.update({}, root=b'1 1 R'))
    yield case(row, 'Root direct', NEVER, s.update({}, root=b'<</Type/Catalog/Pages 2 0 R>>'))
    yield case(row, 'update inside the signed prefix', CHANGED, early_update(kit))


def double_row(s):
    """Which of the two is object 6?"""
    at, old = len(s.data), s.data.index(b'\n6 0 obj') + 1
    evil = obj(6, EVIL)
    return evil + b'xref\n6 1\n%010d 00000 n \n6 1\n%010d 00000 n \ntrailer\n<</Size 30/Root 1 0 R/Info 16 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (
        old, at, s.start, at + len(evil))


def early_update(kit):
    """A newest section that lies in the signed prefix: prepared there, chosen by a startxref behind."""
    section = b'xref\n6 1\n%010d 00000 n \ntrailer\n<</Size 30/Root 1 0 R/Prev %d>>\n'
    at = len(kit.base.data)
    evil = obj(6, EVIL)
    text = evil + section % (at, kit.base.start)
    signed = kit.base.raw(kit.base.data).sign(kit.cms(), prefix=text)
    return signed.tail(b'startxref\n%d\n%%%%EOF\n' % (at + len(evil)))


def displaced(kit):
    """Bytes in front of the header: do offsets count from the file or from the header? And a linearised file, whose first section is the newest."""
    row, lead = 'displaced', b'Content-Type: application/pdf\r\n\r\n'
    plain = kit.base.update({10: put(kit.base.objs[10], b'/V 21 0 R'), 21: signature_dictionary()})
    from_header = finish(lead + plain.data, len(lead) + len(kit.base.data), kit.cms(), {})
    yield case(row, 'offsets from the header', GOOD + ('UNREADABLE',), from_header)
    signed = build(contract(), lead=lead).sign(kit.cms())
    yield case(row, 'offsets from the file', GOOD, signed)
    for name, data, base in (('header', from_header, len(lead)), ('file', signed.data, 0)):
        newest = last_start(data)
        for other in (False, True):
            # the update counts as the file does, or the other way
            shift = base if not other else len(lead) - base
            evil = obj(6, EVIL)
            at = len(data)
            tail = evil + b'xref\n6 1\n%010d 00000 n \ntrailer\n<</Size 30/Root 1 0 R/Info 16 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (
                at - shift, newest, at + len(evil) - shift)
            yield case(row, f"offsets from the {name}, content replaced{', counting the other way' if other else ''}", CHANGED, data + tail)
            nothing = b'xref\n0 0\ntrailer\n<</Size 30/Root 1 0 R/Info 16 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (newest, at - shift)
            yield case(row, f"offsets from the {name}, nothing added{', counting the other way' if other else ''}", EXT + CHANGED, data + nothing)
    linear = linearised(kit, True)
    yield case(row, 'linearised, content replaced', CHANGED, linear.update({6: EVIL}))
    yield case(row, 'linearised, nothing added', EXT, linear.update({60: b'(x)'}))
    yield case(row, 'linearised, back to the section at the end', CHANGED, linear.tail(b'startxref\n%d\n%%%%EOF\n' % linear.data.rindex(b'xref\n0 1\n')))
    yield case(row, 'linearised, Prev skips the first section', CHANGED, linear.update({60: b'(x)'}, prev=linear.data.rindex(b'xref\n0 1\n')))


def validation_data(kit):
    row, s = 'DSS', kit.signed
    root_der = stream(kit.pki.root.cert)
    dss = s.update({1: put(s.objs[1], b'/DSS<</Type/DSS/Certs[40 0 R]>>'), 40: root_der})
    yield case(row, 'added', EXT, dss)
    yield case(row, 'added, then stamped', GOOD, kit.stamped_file(dss))
    apart = s.update({1: put(s.objs[1], b'/DSS 41 0 R'), 41: b'<</Type/DSS/Certs 42 0 R/VRI<<>>>>', 42: b'[40 0 R]', 40: root_der})
    yield case(row, 'as objects of their own', EXT, apart)
    yield case(row, 'extended', EXT, apart.update({42: b'[40 0 R 43 0 R]', 43: stream(kit.signer.cert)}))
    yield case(row, 'dropped', CHANGED, apart.update({1: s.objs[1]}))
    yield case(row, 'a changed font hangs under it', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[8 0 R]>>'), 8: stream(b'0')}))
    yield case(row, 'a changed content hangs under it', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[6 0 R]>>'), 6: EVIL}))
    yield case(row, 'a page hangs under it', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[4 0 R]>>'), 4: put(s.objs[4], b'/Rotate 90')}))
    yield case(row, 'a foreign key in it', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[]/XObject 40 0 R>>'), 40: EVIL}))
    yield case(row, 'direct streams cannot be', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[(x)]>>')}))
    yield case(row, 'an old font in the list', CHANGED, s.update({1: put(s.objs[1], b'/DSS<</Certs[8 0 R]>>')}))
    yield case(row, 'no dictionary', CHANGED, s.update({1: put(s.objs[1], b'/DSS[]')}))
    stream_changed = apart.update({40: stream(kit.signer.cert)})
    yield case(row, 'a certificate replaced in place', CHANGED, stream_changed)
    vri = s.update({1: put(s.objs[1], b'/DSS 41 0 R'), 41: b'<</Type/DSS/Certs[40 0 R]/VRI<</' + b'A' * 40 + b'<</Cert[40 0 R]>>>>>>', 40: root_der})
    yield case(row, 'with VRI', EXT, vri)
    yield case(row, 'VRI entry changed', CHANGED, vri.update({41: swap(vri.objs[41], b'/Cert[40 0 R]', b'/Cert[]')}))
    yield case(row, 'VRI entry removed', CHANGED, vri.update({41: b'<</Type/DSS/Certs[40 0 R]/VRI<<>>>>'}))
    yield case(row, 'VRI entry added', EXT, vri.update({41: swap(vri.objs[41], b'/VRI<<', b'/VRI<</' + b'B' * 40 + b'<</Cert[40 0 R]/TU(D:20260301000000Z)>>')}))
    for level in (1, 2, 3):
        certified = kit.certified(level)
        yield case(row, f'added after certification at {level}', EXT, certified.update({1: put(certified.objs[1], b'/DSS<</Certs[40 0 R]>>'), 40: root_der}))
        yield case(row, f'timestamp after certification at {level}', GOOD, kit.stamped_file(certified))
    hollow = kit.stamped_file(kit.signed, objs={60: EVIL_AP}, field_more=b'/AP<</N 60 0 R>>')
    yield case(row, 'timestamp with an appearance in a field without extent', CHANGED + GOOD, hollow)
    yield case(row, 'timestamp in a visible field', CHANGED, kit.signed.sign(
        kit.stamp(), field=11, sub=b'ETSI.RFC3161', type=b'/Type/DocTimeStamp', m=None))
    yield case(row, 'timestamp in a visible field with an appearance', CHANGED, kit.signed.sign(
        kit.stamp(), field=11, sub=b'ETSI.RFC3161', type=b'/Type/DocTimeStamp', m=None, objs={60: EVIL_AP}, field_more=b'/AP<</N 60 0 R>>'))


def certification(kit):
    row = 'certification'
    c2 = kit.certified(2)
    for level in (1, 2, 3):
        certified = kit.certified(level)
        yield case(row, f'level {level}', GOOD, certified)
        signed = certified.sign(kit.cms(kit.second), field=11)
        yield case(row, f'level {level}, then signed', CHANGED if level == 1 else GOOD, signed)
        yield case(row, f'level {level}, then content', CHANGED, certified.update({6: EVIL}))
    yield case(row, 'level missing counts as 2: signed', GOOD, unleveled(kit).sign(kit.cms(kit.second), field=11))
    yield case(row, 'level missing counts as 2: annotated', CHANGED, annotate(unleveled(kit)))
    yield case(row, 'level 9 counts as 2', CHANGED, annotate(kit.base.sign(kit.cms(), reference=swap(mdp(3), b'/P 3', b'/P 9'), perms=True)))
    yield case(row, 'not the first signature', GOOD, kit.signed.sign(kit.cms(kit.second), field=11, reference=mdp(2), perms=True))
    yield case(row, 'two certifications', CHANGED, c2.sign(kit.cms(kit.second), field=11, reference=mdp(2)))
    yield case(row, 'two certifications, Perms moved', CHANGED, c2.sign(kit.cms(kit.second), field=11, reference=mdp(2), objs={1: swap(c2.objs[1], b'/DocMDP %d 0 R' % c2.sig, b'/DocMDP %d 0 R' % (c2.size))}))
    yield case(row, 'Perms removed', CHANGED, c2.update({1: kit.base.objs[1]}))
    yield case(row, 'Perms replaced', CHANGED, c2.update({1: swap(c2.objs[1], b'/DocMDP %d 0 R' % c2.sig, b'/DocMDP 99 0 R')}))
    yield case(row, 'Perms extended', CHANGED, c2.update({1: swap(c2.objs[1], b'/Perms<<', b'/Perms<</UR3 99 0 R')}))
    yield case(row, 'Reference replaced', CHANGED, c2.update({c2.sig: swap(finished(c2), b'/P 2', b'/P 3')}))
    yield case(row, 'Reference replaced, annotated', CHANGED, annotate(c2.update({c2.sig: swap(finished(c2), b'/P 2', b'/P 3')})))
    indirect = kit.base.sign(kit.cms(), sig=b'/Reference 60 0 R', objs={60: b'[61 0 R]', 61: swap(mdp(1), b'<</Type/TransformParams/V/1.2/P 1>>', b' 62 0 R'),
                                                                      62: b'<</Type/TransformParams/V/1.2/P 1>>'}, sig_num=63, perms=True)
    yield case(row, 'indirect Reference', GOOD, indirect)
    yield case(row, 'indirect parameters raised', CHANGED, indirect.update({62: b'<</Type/TransformParams/V/1.2/P 3>>'}))
    yield case(row, 'indirect parameters raised, then signed', CHANGED, indirect.update({62: b'<</Type/TransformParams/V/1.2/P 3>>'}).sign(kit.cms(kit.second), field=11))
    yield case(row, 'indirect Reference emptied', CHANGED, indirect.update({60: b'[]'}))
    yield case(row, 'certified in the second field', GOOD, kit.base.sign(kit.cms(), field=11, reference=mdp(2), perms=True).sign(kit.cms(kit.second), field=10))
    yield case(row, 'Reference without Perms', GOOD, kit.base.sign(kit.cms(), reference=mdp(2)))


def unleveled(kit):
    return kit.base.sign(kit.cms(), reference=mdp(0), perms=True)


def annotate(pdf, body=None):
    n = pdf.size
    body = body or b'<</Type/Annot/Subtype/Text/Rect[9 9 29 29]/Contents(note)/P 4 0 R/F 4>>'
    return pdf.update({9: pdf.objs[9][:-1] + b' %d 0 R]' % n, n: body})


def encryption_and_xfa(kit):
    s = kit.signed
    encrypt = b'<</Filter/Standard/V 2/R 3/Length 128/P -44/O<%s>/U<%s>>>' % (b'00' * 32, b'11' * 32)
    yield case('encryption', 'added later', CHANGED + UNSUPPORTED, s.update({60: encrypt}, encrypt=b'60 0 R'))
    yield case('encryption', 'added later, direct', CHANGED + UNSUPPORTED, s.update({}, encrypt=encrypt))
    yield case('encryption', 'a handler that nobody knows', UNSUPPORTED, build({**contract(), 60: b'<</Filter/Nobody.Knows/V 2>>'}, encrypt=b'60 0 R'))
    yield case('encryption', 'a handler that nobody knows, nothing encrypted', UNSUPPORTED + UNSIGNED, build(
        {**contract(), 60: b'<</Filter/Nobody.Knows/V 4>>'}, encrypt=b'60 0 R'))
    yield case('encryption', 'Encrypt null', GOOD, kit.base.sign(kit.cms(), extra=b'/Encrypt null'))
    xfa = build({**contract(), 3: put(contract()[3], b'/XFA[(template)40 0 R]'), 40: stream(b'<template/>')})
    signed = xfa.sign(kit.cms())
    yield case('XFA', 'signed', GOOD, signed)
    yield case('XFA', 'stream replaced', CHANGED, signed.update({40: stream(b'<template>evil</template>')}))
    yield case('XFA', 'list replaced', CHANGED, signed.update({3: swap(signed.objs[3], b'(template)40 0 R', b'(template)60 0 R'), 60: stream(b'<x/>')}))
    yield case('XFA', 'removed', CHANGED, signed.update({3: without(signed.objs[3], rb'/XFA\[\(template\)40 0 R\]')}))


def prefixes(kit):
    """§6.7: the signed bytes must be a whole document."""
    row = 'coverage'
    for name, cut in (('ends before %%EOF', 7), ('ends in startxref', 16), ('ends before startxref', 25)):
        yield case(row, name, CHANGED, kit.base.sign(kit.cms(), range=lambda x, y, n, cut=cut: b'[0 %d %d %d]' % (x, y, n - y - cut),
                                                     covered=lambda data, x, y, cut=cut: data[:x] + data[y:len(data) - cut]))
    yield case(row, 'one revision more than said', CHANGED, early_range(kit))
    yield case(row, 'nothing behind the dictionary', BROKEN, kit.base.sign(kit.cms(), range=lambda x, y, n: b'[0 %d %d 0]' % (x, y), covered=lambda data, x, y: data[:x]))
    yield case(row, 'startxref of the prefix is wrong', ATTACK + ('UNREADABLE',), kit.base.sign(kit.cms(), startxref=9))
    yield case(row, 'startxref of the prefix is the older one', ATTACK, kit.base.sign(kit.cms(), startxref=kit.base.start))


def early_range(kit):
    """Covers the signature's own object but not the cross references that list it."""
    return kit.base.sign(kit.cms(), range=lambda x, y, n: b'[0 %d %d 60]' % (x, y), covered=lambda data, x, y: data[:x] + data[y:y + 60])


def cases(kit):
    for part in (incremental_saving, without_cross_references, copied, shadow, cross_reference_tricks, displaced, validation_data, certification,
                 encryption_and_xfa, prefixes):
        yield from part(kit)
