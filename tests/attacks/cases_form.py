"""Forms, annotations and locks: what certification levels permit, evil annotation, sneaky signature (§7, §8)."""
from kit import BROKEN, CHANGED, EXT, GOOD, case
from pdf import NOTE_AP, PICTURE, WIDGET, build, contract, field_mdp, fill_note, put, stream, swap, without

LEVELS = (None, 1, 2, 3)
EVIL_AP = stream(b'1 g 0 0 400 40 re f BT /Helv 12 Tf 0 g 2 6 Td (the monthly wage is 1 yuan) Tj ET', b'/Type/XObject/Subtype/Form/BBox[0 0 400 40]')
FULL_PAGE = stream(b'q 595 0 0 842 0 0 cm /Im Do Q', PICTURE + b'/Resources<</XObject<</Im 70 0 R>>>>')


def at_level(kit, level):
    return kit.signed if level is None else kit.certified(level)


def allowed(level, lowest):
    """Intact with an addition when the level reaches the lowest one that permits it; no certification permits everything here."""
    return EXT if level is None or level >= lowest else CHANGED


def annot(pdf, body, *more, page=9):
    n = pdf.size
    objs = {n + 1 + i: b for i, b in enumerate(more)}
    return pdf.update({page: pdf.objs[page][:-1] + b' %d 0 R]' % n, n: body.replace(b'@', b'%d' % (n + 1)), **objs})


def annotations(kit):
    row = 'evil annotation'
    box = b'/Rect[72 760 472 800]/P 4 0 R/F 4'
    shapes = {
        'note': b'<</Type/Annot/Subtype/Text' + box + b'/Contents(note)>>', 'free text': b'<</Type/Annot/Subtype/FreeText' + box + b'/DA(/Helv 9 Tf)/Contents(1 yuan)/AP<</N @ 0 R>>>>',
        'stamp': b'<</Type/Annot/Subtype/Stamp' + box + b'/AP<</N @ 0 R>>>>', 'redaction': b'<</Type/Annot/Subtype/Redact' + box + b'/IC[1 1 1]/AP<</N @ 0 R>>>>',
        'square': b'<</Type/Annot/Subtype/Square' + box + b'/IC[1 1 1]/AP<</N @ 0 R>>>>', 'highlight': b'<</Type/Annot/Subtype/Highlight' + box + b'/QuadPoints[72 760 472 760 72 800 472 800]>>',
    }
    for level in LEVELS:
        pdf = at_level(kit, level)
        where = 'not certified' if level is None else f'certified at {level}'
        for name, body in shapes.items():
            want = allowed(level, 3)
            if want == EXT and name in ('free text', 'stamp', 'redaction'):
                want = EXT + CHANGED  # reported with page and rectangle; whether it still stands is the reader's to judge
            yield case(row, f'{name}, {where}', want, annot(pdf, body, EVIL_AP))
    page_two = swap(kit.certified(2).objs[5], b'/Annots 15 0 R', b'/Annots[11 0 R 20 0 R 60 0 R]')
    yield case(row, 'list of annotations becomes direct', CHANGED, kit.certified(2).update({5: page_two, 60: shapes['note']}))
    noted = build({**contract(), 9: b'[10 0 R 12 0 R 13 0 R 14 0 R 30 0 R]', 30: swap(shapes['note'], b'(note)', b'(before)')})
    for level in LEVELS:
        pdf = noted.sign(kit.cms()) if level is None else kit.certified(level, noted)
        where = 'not certified' if level is None else f'certified at {level}'
        yield case('annotation', f'changed, {where}', allowed(level, 3), pdf.update({30: swap(pdf.objs[30], b'(before)', b'(after)')}))
        yield case('annotation', f'removed, {where}', allowed(level, 3), pdf.update({9: swap(pdf.objs[9], b' 30 0 R', b'')}))
    yield case('annotation', 'with a script', CHANGED + EXT, annot(kit.certified(3), b'<</Type/Annot/Subtype/Link/Rect[9 9 29 29]/A<</S/JavaScript/JS(1)>>>>'))
    yield case('annotation', 'the font of the page as its appearance', CHANGED, kit.certified(3).update(
        {9: kit.certified(3).objs[9][:-1] + b' 60 0 R]', 60: b'<</Type/Annot/Subtype/Stamp/Rect[9 9 29 29]/AP<</N 8 0 R>>>>', 8: EVIL_AP}))
    yield case('annotation', 'the content of the page as its appearance', CHANGED, kit.certified(3).update(
        {9: kit.certified(3).objs[9][:-1] + b' 60 0 R]', 60: b'<</Type/Annot/Subtype/Stamp/Rect[9 9 29 29]/AP<</N 6 0 R>>>>', 6: EVIL_AP}))
    yield case('annotation', 'widget of a signed field removed', CHANGED, kit.signed.update({9: swap(kit.signed.objs[9], b'10 0 R ', b'')}))
    yield case('annotation', 'a page as an annotation', CHANGED, kit.certified(3).update({9: kit.certified(3).objs[9][:-1] + b' 5 0 R]', 5: put(kit.base.objs[5], b'/Rotate 90')}))


def signatures_added(kit):
    row = 'sneaky signature'
    for level in LEVELS:
        pdf = at_level(kit, level)
        where = 'not certified' if level is None else f'certified at {level}'
        yield case(row, f'prepared field, {where}', GOOD if level != 1 else CHANGED, pdf.sign(kit.cms(kit.second), field=11),
                   signatures={'Worker': 'CHANGED'} if level == 1 else {})
        yield case(row, f'prepared field with an appearance, {where}', GOOD if level != 1 else CHANGED, pdf.sign(
            kit.cms(kit.second), field=11, field_more=b'/AP<</N 60 0 R>>', objs={60: stream(b'0 0 m 9 9 l S', b'/Type/XObject/Subtype/Form/BBox[0 0 120 120]')}))
        yield case(row, f'new invisible field, {where}', GOOD if level != 1 else CHANGED, pdf.sign(kit.cms(kit.second), field=50))
        evil = b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Evil)/Rect[72 760 472 800]/P 4 0 R/F 132/AP<</N 60 0 R>>>>'
        want = {None: GOOD + CHANGED, 1: CHANGED, 2: CHANGED, 3: GOOD + CHANGED}[level]
        yield case(row, f'new visible field over the text, {where}', want, sneaky(kit, pdf, evil))
        unsigned = with_field(pdf, without(evil, rb'/AP<</N 60 0 R>>'), {})
        yield case(row, f'new empty visible field, {where}', {None: EXT + CHANGED, 1: CHANGED, 2: CHANGED, 3: EXT + CHANGED}[level], unsigned)
        yield case(row, f'new empty visible field with an appearance, {where}', {None: EXT + CHANGED, 1: CHANGED, 2: CHANGED, 3: EXT + CHANGED}[level], with_field(pdf, evil, {60: EVIL_AP}))
    forged = with_field(kit.certified(2), b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Evil)/Rect[72 760 472 800]/P 4 0 R/F 132/V 61 0 R>>',
                        {61: b'<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 99 9]/Contents<00>>>'})
    yield case(row, 'new field with a false signature', BROKEN, forged)
    yield case(row, 'look of an empty prepared field', CHANGED, kit.certified(2).update({11: put(kit.base.objs[11], b'/AP<</N 60 0 R>>'), 60: EVIL_AP}))
    yield case(row, 'look of a button without a signature', CHANGED, kit.certified(1).update({20: put(kit.base.objs[20], b'/AP<</N 60 0 R>>'), 60: EVIL_AP}))
    yield case(row, 'field of the same name again', CHANGED, with_field(kit.signed, b'<</Type/Annot/Subtype/Widget/FT/Sig/T(Worker)/Rect[0 0 0 0]/P 4 0 R/F 132>>', {}))


def with_field(pdf, body, more):
    return pdf.update({3: swap(pdf.objs[3], b'20 0 R]', b'20 0 R 50 0 R]'), 9: pdf.objs[9][:-1] + b' 50 0 R]', 50: body, **more})


def sneaky(kit, pdf, body):
    """Field, appearance and signature in one update."""
    objs = {3: swap(pdf.objs[3], b'20 0 R]', b'20 0 R 50 0 R]'), 9: pdf.objs[9][:-1] + b' 50 0 R]', 60: EVIL_AP, 50: body}
    return pdf.sign(kit.cms(kit.second), field=50, objs=objs, sig_num=61)


def filling(kit):
    row = 'form'
    for level in LEVELS:
        pdf = at_level(kit, level)
        where = 'not certified' if level is None else f'certified at {level}'
        want = allowed(level, 2)
        yield case(row, f'text filled, {where}', want, fill_note(pdf))
        yield case(row, f'text filled, then signed, {where}', GOOD if want == EXT else CHANGED, fill_note(pdf).sign(kit.cms(kit.second), field=11))
        yield case(row, f'box ticked, {where}', want, pdf.update({13: pdf.objs[13].replace(b'/Off/AS/Off', b'/Yes/AS/Yes')}))
        yield case(row, f'value without appearance, NeedAppearances, {where}', EXT + CHANGED if want == EXT else CHANGED, pdf.update(
            {12: without(swap(pdf.objs[12], b'/V()', b'/V(agreed)'), rb'/AP<</N 17 0 R>>'), 3: put(pdf.objs[3], b'/NeedAppearances true')}))
    pdf = kit.certified(2)
    yield case(row, 'appearance says something else than the value', CHANGED, fill_note(pdf, b'refused'))
    yield case(row, 'appearance without the value', CHANGED, pdf.update({12: swap(pdf.objs[12], b'17 0 R', b'60 0 R'), 60: NOTE_AP}))
    yield case(row, 'appearance paints beyond its rectangle', CHANGED, fill_note(pdf, ap=stream(
        b'/Tx BMC q 1 g -500 -500 2000 2000 re f BT /Helv 10 Tf 0 g 2 6 Td (agreed) Tj ET Q EMC', b'/Type/XObject/Subtype/Form/BBox[-500 -500 1500 1500]/Resources<</Font<</Helv 8 0 R>>>>')))
    yield case(row, 'appearance with a picture of the page', CHANGED, pdf.update({12: swap(swap(pdf.objs[12], b'17 0 R', b'60 0 R'), b'/V()', b'/V(agreed)'), 60: FULL_PAGE, 70: stream(
        b'\xff', b'/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8')}))
    yield case(row, 'old appearance changed in place', EXT + CHANGED, pdf.update({12: swap(pdf.objs[12], b'/V()', b'/V(agreed)'), 17: NOTE_AP}))
    shared = kit.certified(2, build({**contract(), 11: put(contract()[11], b'/AP<</N 17 0 R>>')}))
    yield case(row, 'appearance of two widgets changed in place', CHANGED, shared.update({12: swap(shared.objs[12], b'/V()', b'/V(agreed)'), 17: NOTE_AP}))
    for name, old, new in (('rectangle', b'72 600 172 620', b'72 760 472 800'), ('kind', b'/FT/Tx', b'/FT/Ch'), ('name', b'(Note)', b'(Wage)'), ('page', b'/P 4 0 R', b'/P 5 0 R')):
        yield case(row, name + ' of a field', CHANGED, pdf.update({12: swap(pdf.objs[12], old, new)}))
    for name, more in (('action', b'/A<</S/JavaScript/JS(1)>>'), ('additional actions', b'/AA<</K<</S/JavaScript/JS(1)>>>>'), ('kids', b'/Kids[]'), ('parent', b'/Parent 13 0 R')):
        yield case(row, name + ' for a field', CHANGED, pdf.update({12: put(pdf.objs[12], more)}))
    yield case(row, 'a field taken out', CHANGED, pdf.update({3: swap(pdf.objs[3], b'12 0 R ', b'')}))
    yield case(row, 'a text field added', CHANGED, with_field(pdf, WIDGET + b'/FT/Tx/T(New)/Rect[72 500 172 520]/P 4 0 R/V(1 yuan)>>', {}))
    yield case(row, 'value as an object of the page', CHANGED, pdf.update({12: swap(pdf.objs[12], b'/V()', b'/V 6 0 R'), 6: stream(b'evil')}))
    yield case(row, 'appearance is the content of the page, changed', CHANGED, pdf.update({12: swap(swap(pdf.objs[12], b'17 0 R', b'6 0 R'), b'/V()', b'/V(agreed)'), 6: NOTE_AP}))
    yield case(row, 'resources of the form taken away', CHANGED + EXT, pdf.update({3: swap(pdf.objs[3], b'/DR<</Font<</Helv 8 0 R>>>>', b'')}))
    yield case(row, 'flags of signatures lowered', CHANGED, pdf.update({3: swap(pdf.objs[3], b'/SigFlags 3', b'/SigFlags 0')}))


def grouped(kit):
    """A group with two text fields below it."""
    c = contract()
    kid = WIDGET + b'/T(%s)/Parent 30 0 R/Rect[%d 400 %d 420]/P 4 0 R/DA(/Helv 10 Tf 0 g)/AP<</N 17 0 R>>>>'
    return build({**c, 3: swap(c[3], b'20 0 R]', b'20 0 R 30 0 R]'), 9: b'[10 0 R 12 0 R 13 0 R 14 0 R 31 0 R 32 0 R]',
                  30: b'<</T(Group)/FT/Tx/Kids[31 0 R 32 0 R]>>', 31: kid % (b'a', 72, 172), 32: kid % (b'b', 200, 300)})


def locks(kit):
    row = 'lock'
    tick = lambda pdf: pdf.update({13: pdf.objs[13].replace(b'/Off/AS/Off', b'/Yes/AS/Yes')})
    rows = [('All', b'All', None, CHANGED, CHANGED), ('Include Note', b'Include', [b'Note'], CHANGED, EXT), ('Exclude Note', b'Exclude', [b'Note'], EXT, CHANGED),
            ('Include the beginning of the name', b'Include', [b'Not'], EXT, EXT), ('Include nothing', b'Include', [], EXT, EXT), ('Exclude nothing', b'Exclude', [], CHANGED, CHANGED),
            ('an unknown action', b'Sometimes', [b'Note'], CHANGED, CHANGED), ('Include both', b'Include', [b'Note', b'Agree'], CHANGED, CHANGED)]
    for name, action, names, note, agree in rows:
        signed = kit.base.sign(kit.cms(), reference=field_mdp(action, names))
        yield case(row, name, GOOD, signed)
        yield case(row, name + ', Note filled', note, fill_note(signed))
        yield case(row, name + ', Agree ticked', agree, tick(signed))
    everything = kit.base.sign(kit.cms(), reference=field_mdp(b'All'))
    yield case(row, 'All, then signed', CHANGED, everything.sign(kit.cms(kit.second), field=11))
    yield case(row, 'All, then a document timestamp', GOOD, kit.stamped_file(everything))
    second = kit.signed.sign(kit.cms(kit.second), field=11, reference=field_mdp(b'Include', [b'Note']))
    yield case(row, 'by the second signature, filled afterwards', CHANGED, fill_note(second))
    yield case(row, 'by the second signature, filled before', GOOD, fill_note(kit.signed).sign(kit.cms(kit.second), field=11, reference=field_mdp(b'Include', [b'Note'])))
    for p, want in ((1, CHANGED), (2, EXT), (3, EXT)):
        lock = b'/Lock<</Type/SigFieldLock/Action/Include/Fields[(Other)]/P %d>>' % p
        base = build({**contract(), 10: put(contract()[10], lock)})
        reference = field_mdp(b'Include', [b'Other']).replace(b'/Action', b'/P %d/Action' % p)
        yield case(row, f'P {p}, filled', want, fill_note(base.sign(kit.cms(), reference=reference)))
        yield case(row, f'P {p} in the field alone, filled', want, fill_note(base.sign(kit.cms())))
    group = grouped(kit)
    for name, names, want in (('the group', [b'Group'], CHANGED), ('one of the group', [b'Group.a'], CHANGED), ('the other of the group', [b'Group.b'], EXT), ('another group', [b'Grou'], EXT)):
        signed = group.sign(kit.cms(), reference=field_mdp(b'Include', names))
        filled = signed.update({31: swap(put(signed.objs[31], b'/V(agreed)'), b'17 0 R', b'60 0 R'), 60: NOTE_AP})
        yield case(row, f'Include {name}, filled', want, filled)
    signed = group.sign(kit.cms(), reference=field_mdp(b'Include', [b'Group']))
    yield case(row, 'kid taken out of a locked group', CHANGED, signed.update({30: swap(signed.objs[30], b'31 0 R 32 0 R', b'32 0 R')}))
    yield case(row, 'kid added to a locked group', CHANGED, signed.update({30: swap(signed.objs[30], b'32 0 R]', b'32 0 R 60 0 R]'), 60: WIDGET + b'/T(c)/Parent 30 0 R/Rect[0 0 9 9]>>'}))
    yield case(row, 'flags of a locked field', CHANGED, kit.base.sign(kit.cms(), reference=field_mdp(b'All')).update({12: put(contract()[12], b'/Ff 1')}))


def cases(kit):
    for part in (annotations, signatures_added, filling, locks):
        yield from part(kit)
