"""A document of many parts, and each of them changed after signing: every key of every object removed, replaced and added, every object
replaced, freed and re-pointed. Whatever is not on the short list of what may change is CHANGED."""
import re

from kit import CHANGED, EXT, GOOD, case
from pdf import build, contract, stream, swap

# (object, key) that a filled form, new properties or validation data may touch; whether such a change still stands depends on its value
MAY = {(1, b'AcroForm'), (1, b'Metadata'), (1, b'Extensions'), (1, b'Version'), (1, b'DSS'), (3, b'DR'), (3, b'DA'), (3, b'SigFlags'), (3, b'NeedAppearances'), (3, b'Q'),
       *((n, k) for n in (12, 13, 20) for k in (b'V', b'AS', b'AP', b'Ff', b'F', b'DA', b'Q', b'M', b'MK')), (4, b'Tabs'), (5, b'Tabs'), 
       *((n, k) for n in (4, 5) for k in (b'Annots', b'LastModified')),
       *((60, k) for k in (b'Contents', b'Rect', b'C', b'F', b'AP', b'Popup', b'M', b'T', b'Border', b'Subtype', b'Type', b'P', b'NM'))}
# whole objects of which the same is true: properties, metadata, appearances of fields, an annotation
MAY_ALL = {16, 17, 18, 19, 60, 61, 70, 9, 15}
TYPE = re.compile(rb'/Type\b')


def rich():
    """Everything a page can lean on: fonts of two kinds, images, forms, patterns, shadings, states, spaces; layers, names, outlines, labels,
    structure, attachments, metadata, actions."""
    c = contract()
    resources = (b'<</Font<</F1 8 0 R/F2 30 0 R>>/XObject<</Im 35 0 R/Fm 36 0 R>>/ExtGState<</G 38 0 R>>/ColorSpace<</C 39 0 R>>/Pattern<</P 41 0 R>>'
                 b'/Shading<</S 43 0 R>>/Properties<</L 45 0 R>>>>')
    c.update({
        1: b'<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/OCProperties 46 0 R/Names 47 0 R/Outlines 50 0 R/PageLabels 53 0 R/StructTreeRoot 54 0 R/MarkInfo<</Marked true>>'
           b'/Metadata 70 0 R/Lang(zh-CN)/PageMode/UseOutlines/Dests 57 0 R/OutputIntents[58 0 R]/ViewerPreferences<</DisplayDocTitle true>>>>',
        4: swap(c[4], b'<</Font<</F1 8 0 R>>>>', resources)[:-2] + b'/StructParents 0/Group<</S/Transparency/CS/DeviceRGB>>>>',
        9: b'[10 0 R 12 0 R 13 0 R 14 0 R 60 0 R]',
        30: b'<</Type/Font/Subtype/Type0/BaseFont/TESTAA+Song/Encoding 31 0 R/DescendantFonts[32 0 R]/ToUnicode 34 0 R>>',
        31: stream(b'begincmap endcmap', b'/Type/CMap/CMapName/T'), 32: b'<</Type/Font/Subtype/CIDFontType2/BaseFont/TESTAA+Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 33 0 R/W[1[500]]/DW 1000>>',
        33: b'<</Type/FontDescriptor/FontName/TESTAA+Song/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80/FontFile2 37 0 R>>',
        34: stream(b'1 beginbfchar <0001> <4E00> endbfchar'), 35: stream(b'\xff\x00\x00', b'/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8/SMask 40 0 R'),
        36: stream(b'0 0 10 10 re f', b'/Type/XObject/Subtype/Form/BBox[0 0 10 10]/Resources<<>>'), 37: stream(b'font program', b'/Length1 12'), 38: b'<</Type/ExtGState/ca 1/BM/Normal>>',
        39: b'[/ICCBased 42 0 R]', 40: stream(b'\xff', b'/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8'),
        41: stream(b'0 0 5 5 re f', b'/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9/Resources<<>>'), 42: stream(b'profile', b'/N 3'),
        43: b'<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 9 9]/Function 44 0 R>>', 44: b'<</FunctionType 2/Domain[0 1]/C0[0]/C1[1]/N 1>>', 45: b'<</Type/OCG/Name(Layer)>>',
        46: b'<</OCGs[45 0 R]/D<</ON[45 0 R]/Order[45 0 R]>>>>', 47: b'<</Dests 48 0 R/EmbeddedFiles 49 0 R>>', 48: b'<</Names[(a)[4 0 R/Fit]]>>', 49: b'<</Names[(x.txt)55 0 R]>>',
        50: b'<</Type/Outlines/First 51 0 R/Last 52 0 R/Count 2>>', 51: b'<</Title(One)/Parent 50 0 R/Next 52 0 R/Dest[4 0 R/Fit]>>', 52: b'<</Title(Two)/Parent 50 0 R/Prev 51 0 R/Dest[5 0 R/Fit]>>',
        53: b'<</Nums[0<</S/D>>]>>', 54: b'<</Type/StructTreeRoot/K 59 0 R/ParentTree 62 0 R/ParentTreeNextKey 1>>', 55: b'<</Type/Filespec/F(x.txt)/EF<</F 56 0 R>>>>',
        56: stream(b'attached', b'/Type/EmbeddedFile'), 57: b'<</Chapter[4 0 R/Fit]>>', 58: b'<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/DestOutputProfile 42 0 R>>',
        59: b'<</Type/StructElem/S/P/P 54 0 R/Pg 4 0 R/K 0/Alt(wage)>>', 60: b'<</Type/Annot/Subtype/Text/Rect[9 9 29 29]/Contents(note)/P 4 0 R/F 4/AP<</N 61 0 R>>>>',
        61: stream(b'0 0 m', b'/Type/XObject/Subtype/Form/BBox[0 0 20 20]'), 62: b'<</Nums[0[59 0 R]]>>', 70: stream(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', b'/Type/Metadata/Subtype/XML'),
        6: stream(b'/OC/L BDC BT /F1 12 Tf 72 770 Td (wage 8000) Tj /F2 9 Tf <0001> Tj ET EMC /Im Do /Fm Do /G gs /C cs /P scn /S sh')})
    return c


def entries(body):
    """Key, and where it and its value stand, of a dictionary's own entries."""
    depth, i, out = 0, 2, []
    tokens = re.compile(rb'<<|>>|\[|\]|\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\]()]*|\d+ \d+ R\b|[^\s/<>\[\]()]+')
    key, start = None, 0
    while i < len(body):
        m = tokens.search(body, i)
        t = m[0]
        if depth == 0 and t == b'>>':
            return out
        if depth == 0 and key is None:
            key, start, value = t[1:], m.start(), m.end()
        else:
            depth += {b'<<': 1, b'[': 1, b'>>': -1, b']': -1}.get(t, 0)
            if depth == 0:
                out.append((key, start, value, m.end()))
                key = None
        i = m.end()
    return out


def other(value):
    """A different value of the same kind."""
    v = value.strip()
    if re.fullmatch(rb'-?\d+', v):
        return b' %d' % (int(v) + 1)
    if re.fullmatch(rb'\d+ \d+ R', v):
        return b' 90 0 R'
    if v.startswith(b'('):
        return b'(changed)'
    if v.startswith(b'/'):
        return b'/Changed'
    if v.startswith(b'['):
        return b'[' + v[1:-1] + b' 7]'
    return b'<</Changed 1>>' if v.startswith(b'<<') else b' null'


def changes_of_keys(pdf, num, body):
    """name, key, body with one entry changed."""
    whole = body.split(b'stream\n')[0] if b'stream\n' in body else body
    if not whole.startswith(b'<<'):
        return
    for key, start, value, end in entries(whole):
        if key == b'Length':
            continue
        yield f'/{key.decode()} of {num} removed', key, body[:start] + body[end:]
        yield f'/{key.decode()} of {num} replaced', key, body[:value] + other(body[value:end]) + body[end:]
        yield f'/{key.decode()} of {num} null', key, body[:value] + b' null' + body[end:]
        yield f'/{key.decode()} of {num} as an object of its own, another one', key, body[:value] + b' 90 0 R' + body[end:]
    for key in (b'AA', b'A', b'OC', b'Resources', b'Unknown', b'Kids', b'Parent'):
        if b'/' + key + b'[' not in whole and not re.search(b'/' + key + rb'\b', whole):
            yield f'/{key.decode()} for {num}', key, body[:2] + b'/' + key + b' 90 0 R' + body[2:]


def keys(kit, pdf, where, strict):
    for num, body in sorted(pdf.objs.items()):
        if num in (10, pdf.sig):
            continue
        for name, key, changed in changes_of_keys(pdf, num, body):
            loose = num in MAY_ALL or (num, key) in MAY
            neutral = changed.replace(b' null', b'') == body or (b'/Type' in body and key == b'Type')
            # 62, the tree from marks to the structure, shows nothing
            want = EXT + CHANGED if loose and not strict or neutral or num == 62 or key == b'ParentTreeNextKey' else CHANGED
            yield case('every key', f'{name}, {where}', want + (('INTACT_EXTENDED',) if num in (16, 70) or key in (b'Metadata', b'Extensions', b'Version', b'DSS') else ()),
                       pdf.update({num: changed, 90: b'<</S/JavaScript/JS(app.alert(1))>>'}))


def objects(kit, pdf):
    """Every object: another one, nothing, freed, another's offset, another generation."""
    at = {int(m[1]): m.start() + 1 for m in re.finditer(rb'\n(\d+) 0 obj\n', pdf.data)}
    nums = sorted(n for n in pdf.objs if n != pdf.sig and n != 10)
    for i, num in enumerate(nums):
        want = EXT + CHANGED if num in MAY_ALL else CHANGED
        twin = nums[i - 1]
        evil = stream(b'evil') if b'stream\n' in pdf.objs[num] else b'<</Evil true>>' if pdf.objs[num].startswith(b'<<') else b'[(evil)]'
        yield case('every object', f'{num} replaced', want, pdf.update({num: evil}))
        yield case('every object', f'{num} null', want, pdf.update({num: b'null'}))
        yield case('every object', f'{num} freed', want, pdf.update({}, rows={num: ('f', 0, 1)}))
        yield case('every object', f'{num} at the place of {twin}', CHANGED, pdf.update({}, rows={num: ('n', at[twin], 0)}))
        yield case('every object', f'{num} of another generation', want, pdf.update({num: pdf.objs[num]}, gens={num: 1}))
        yield case('every object', f'{num} in an object stream', want, pdf.update({num: evil}, kind='stream', packed=[] if b'stream\n' in evil else [num]))
        yield case('every object', f'{num} written again as it was', EXT, pdf.update({num: pdf.objs[num]}))


def cases(kit):
    base = build(rich())
    signed = base.sign(kit.cms())
    yield case('every key', 'before', GOOD, signed)
    yield from keys(kit, signed, 'not certified', False)
    certified = kit.certified(1, base)
    yield case('every key', 'before, certified at 1', GOOD, certified)
    yield from keys(kit, certified, 'certified at 1', True)
    yield from objects(kit, signed)
