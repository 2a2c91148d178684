"""Honest files in the habits of many writers: the verdict must not simply be "changed"."""
import re

from der import NULL, algorithm
from kit import CHANGED, EXT, GOOD, NEVER, UNSIGNED, case
from pdf import HEADER, RANGE, Pdf, Writer, build, contract, field_mdp, finish, mdp, put, signature_dictionary, stream, swap
import pki as P


def shapes_of_files(kit):
    row = 'files'
    sign = lambda base, **o: base.sign(kit.cms(), **o)
    packed = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 20]
    yield case(row, 'table', GOOD, kit.signed)
    yield case(row, 'stream', GOOD, sign(build(contract(), kind='stream')))
    yield case(row, 'stream, not compressed', GOOD, sign(build(contract(), kind='stream', flate=False), flate=False))
    yield case(row, 'object streams', GOOD, sign(kit.stream_base))
    yield case(row, 'object streams, update with them', GOOD, sign(kit.stream_base, packed=[10]))
    yield case(row, 'object streams of the whole update but the signature', GOOD, sign(kit.stream_base, field=50, packed=[3, 9, 50]))
    yield case(row, 'hybrid', GOOD, sign(build(contract(), kind='hybrid', packed=packed)))
    yield case(row, 'hybrid, signed by a stream', GOOD + CHANGED, sign(build(contract(), kind='hybrid', packed=packed), kind='stream', xref=60))
    yield case(row, 'table, signed by a stream', GOOD, sign(kit.base, kind='stream', xref=60))
    yield case(row, 'stream, signed by a table', GOOD, sign(kit.stream_base, kind='table'))
    for name, eol, row_eol in (('CR', b'\r', b' \r'), ('CR LF', b'\r\n', b'\r\n'), ('LF', b'\n', b' \n')):
        o = {'eol': eol, 'row_eol': row_eol}
        header = HEADER.replace(b'\n', eol)
        objs = {n: b for n, b in contract().items()}
        base = build(objs, header=header, **o)
        yield case(row, f'line ends {name}', GOOD, sign(base, **o))
    for name, row_eol in (('CR LF', b'\r\n'), ('space CR', b' \r'), ('space LF', b' \n'), ('LF LF', b'\n\n'), ('CR CR', b'\r\r')):
        yield case(row, f'rows end with {name}', GOOD, sign(build(contract(), row_eol=row_eol), row_eol=row_eol))
    yield case(row, 'rows of 19 bytes', GOOD, sign(build(contract(), row_eol=b'\n')))
    yield case(row, 'no line end behind %%EOF', GOOD, sign(build(contract(), end=b''), prefix=b'\n'))
    yield case(row, 'no line end behind %%EOF of the signed revision', GOOD, sign(kit.base, end=b''))
    yield case(row, 'CR behind %%EOF', GOOD, sign(kit.base, end=b'\r'))
    yield case(row, 'CR LF behind %%EOF', GOOD, sign(kit.base, end=b'\r\n'))
    yield case(row, 'line ends between the revisions', GOOD, sign(kit.base, prefix=b'\n\n\r\n'))
    yield case(row, 'lines in front of the header', GOOD, sign(build(contract(), lead=b'\n\n')))
    yield case(row, 'text in front of the header', GOOD, sign(build(contract(), lead=b'Content-Type: application/pdf\r\n\r\n')))
    yield case(row, 'version 1.3', GOOD, sign(build(contract(), header=b'%PDF-1.3\n')))
    yield case(row, 'version 2.0', GOOD, sign(build(contract(), header=b'%PDF-2.0\n%\xe2\xe3\xcf\xd3\n')))
    yield case(row, 'version in the catalog', GOOD, sign(build({**contract(), 1: put(contract()[1], b'/Version/1.7')}, header=b'%PDF-1.4\n')))
    yield case(row, 'no ID', GOOD, sign(build(contract(), id=None)))
    yield case(row, 'ID appears', GOOD, sign(build(contract(), id=None), id=b'[<00><11>]'))
    yield case(row, 'ID of the update', GOOD, sign(kit.base, id=b'[<00112233445566778899AABBCCDDEEFF><FF>]'))
    yield case(row, 'no Info', GOOD, sign(build({k: v for k, v in contract().items() if k != 16})))
    yield case(row, 'signed in the only revision', GOOD, single(kit))
    yield case(row, 'signed in the only revision, stream', GOOD, single(kit, kind='stream', xref=40))
    yield case(row, 'signed in the only revision, linearised', GOOD, linearised(kit, True))
    yield case(row, 'linearised, then signed', GOOD, linearised(kit, False).sign(kit.cms()))
    yield case(row, 'free rows', GOOD, sign(build(contract(), rows={0: ('f', 30, 65535), 30: ('f', 31, 1), 31: ('f', 0, 3)})))
    yield case(row, 'numbers of other generations', GOOD, sign(build(swap_generation(), gens={6: 3})))
    yield case(row, 'Prev 0 is not there', GOOD, sign(kit.base, extra=b''))
    yield case(row, 'objects in the order of nobody', GOOD, sign(build(dict(reversed(contract().items())))))
    yield case(row, 'comments between objects', GOOD, sign(commented()))
    yield case(row, 'fifty revisions', GOOD, many(kit, 50))
    yield case(row, 'two hundred pages', GOOD, sign(pages(200)))
    yield case(row, 'form direct in the catalog', GOOD, direct_form(kit))
    yield case(row, 'annotations direct in the page', GOOD, sign(direct_annots(kit)))
    yield case(row, 'size larger than needed', GOOD, sign(build(contract(), size=100)))
    yield case(row, 'startxref with zeros in front', GOOD, kit.base.raw(kit.base.data.replace(b'startxref\n', b'startxref\n000')).sign(kit.cms()))
    yield case(row, 'startxref on one line', GOOD, kit.base.raw(re.sub(rb'startxref\n(\d+)\n', rb'startxref \1 ', kit.base.data)).sign(kit.cms()))


def single(kit, **o):
    """A writer that signs what it writes, in one revision."""
    objs = {**contract(), 10: put(contract()[10], b'/V 21 0 R'), 21: signature_dictionary()}
    pdf = build(objs, **o)
    return pdf.raw(finish(pdf.data, 0, kit.cms(), {}))


def linearised(kit, signed):
    """Two sections in one revision, the first one is at the front and found by startxref (annex F)."""
    objs = contract()
    if signed:
        objs.update({10: put(objs[10], b'/V 21 0 R'), 21: signature_dictionary()})
    objs[30] = b'<</Linearized 1/L 0000000000/H[0 0]/O 4/E 0/N 2/T 0000000000>>'
    front, back = [30, 1, 3, 4, 6, 8, 9, 10], [n for n in objs if n not in (30, 1, 3, 4, 6, 8, 9, 10)]
    size, at, out = 31, {}, bytearray(HEADER)

    def write(numbers):
        for n in numbers:
            at[n] = len(out)
            out.extend(b'%d 0 obj\n%s\nendobj\n' % (n, objs[n]))
    write([30])
    front_at = len(out)
    out += b'xref\n' + b''.join(b'%d 1\n@%09d 00000 n \n' % (n, n) for n in sorted(front))
    out += b'trailer\n<</Size %d/Root 1 0 R/Prev @@@@@@@@@@>>\nstartxref\n0\n%%%%EOF\n' % size
    write(front[1:] + back)
    main_at = len(out)
    out += b'xref\n0 1\n0000000000 65535 f \n' + b''.join(b'%d 1\n%010d 00000 n \n' % (n, at[n]) for n in sorted(back))
    out += b'trailer\n<</Size %d>>\nstartxref\n%d\n%%%%EOF\n' % (size, front_at)
    data = bytes(out)
    for n in front:
        data = data.replace(b'@%09d' % n, b'%010d' % at[n], 1)
    data = data.replace(b'/Prev @@@@@@@@@@', b'/Prev %-10d' % main_at).replace(b'/L 0000000000', b'/L %010d' % len(data))
    pdf = Pdf(data, objs, front_at, size=size, kind='table')
    return pdf.raw(finish(data, 0, kit.cms(), {})) if signed else pdf


def swap_generation():
    objs = contract()
    objs[4] = swap(objs[4], b'/Contents 6 0 R', b'/Contents 6 3 R')
    return objs


def commented():
    """A comment in front of each object."""
    class Talkative(Writer):
        def one(self, num, body):
            self.out += b'%% object %d\n' % num
            super().one(num, body)
    objs = contract()
    data, start = Talkative(HEADER, objs, {'kind': 'table', 'size': 21, 'rows': {0: ('f', 0, 65535)}}).write()
    return Pdf(data, objs, start, kind='table', size=21)


def many(kit, n):
    pdf = kit.base
    for i in range(n):
        pdf = pdf.update({40: b'(revision %d)' % i})
    return pdf.sign(kit.cms())


def pages(n):
    objs = contract()
    kids = b' '.join(b'%d 0 R' % (100 + i) for i in range(n))
    objs[2] = b'<</Type/Pages/Kids[4 0 R 5 0 R %s]/Count %d>>' % (kids, n + 2)
    objs.update({100 + i: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Resources<</Font<</F1 8 0 R>>>>>>' for i in range(n)})
    return build(objs)


def direct_form(kit):
    c = contract()
    base = build({**{k: v for k, v in c.items() if k != 3}, 1: b'<</Type/Catalog/Pages 2 0 R/AcroForm%s>>' % c[3]})
    return base.sign(kit.cms())


def direct_annots(kit):
    c = contract()
    return build({**{k: v for k, v in c.items() if k != 9}, 4: swap(c[4], b'9 0 R', c[9])})


def shapes_of_signatures(kit):
    row = 'signatures'
    sign = lambda **o: kit.base.sign(kit.cms(), **o)
    bare = lambda **o: kit.base.sign(kit.cms(ess=None, signing_time=True), sub=b'adbe.pkcs7.detached', **o)
    yield case(row, 'Contents first', GOOD, sign(order='contents'))
    yield case(row, 'no /Type', GOOD, sign(type=b''))
    yield case(row, 'no /M', GOOD, sign(m=None))
    yield case(row, 'M that is no date', GOOD, sign(m=b'(yesterday)'))
    yield case(row, 'upper-case digits', GOOD, sign(contents=lambda der, width: der.hex().upper().encode()))
    yield case(row, 'lines of digits', GOOD, sign(contents=in_lines))
    yield case(row, 'space behind the digits', GOOD, sign(contents=lambda der, width: der.hex().encode().ljust(width)))
    yield case(row, 'no padding', GOOD, exact(kit))
    yield case(row, 'a large reserve', GOOD, sign(reserve=60000))
    yield case(row, 'range behind Contents, spaces in it', GOOD, sign(order='contents', range=lambda a, b, n: b'[ 0  %d  %d  %d ]' % (a, b, n - b)))
    yield case(row, 'range with zeros in front', GOOD, sign(range=lambda a, b, n: b'[0 %010d %010d %010d]' % (a, b, n - b)))
    yield case(row, 'range with a plus sign', GOOD + ('BROKEN',), sign(range=lambda a, b, n: b'[0 +%d %d %d]' % (a, b, n - b)))
    yield case(row, 'names written with #', GOOD, sign(template=swap(signature_dictionary(), b'/ByteRange', b'/Byte#52ange')))
    yield case(row, 'another Filter', GOOD, sign(template=swap(signature_dictionary(), b'Adobe.PPKLite', b'Entrust.PPKEF')))
    yield case(row, 'claims', GOOD, sign(reason=b'I agree', sig=b'/Name(TEST Worker)/Location(Beijing)/ContactInfo(none)/Prop_Build<</App<</Name/TEST>>>>'))
    yield case(row, 'claims in Chinese', GOOD, sign(sig=b'/Name<FEFF5F204E09>/Reason<FEFF540C610F>'))
    yield case(row, 'keys that nobody knows', GOOD, sign(sig=b'/V 0/R 1/Changes[0 1 2]/Unknown null'))
    yield case(row, 'adbe.pkcs7.detached', GOOD, bare())
    yield case(row, 'adbe.pkcs7.detached, whole chain with its root', GOOD, kit.base.sign(kit.cms(
        ess=None, signing_time=True, certs=[kit.signer.cert, kit.pki.root.cert]), sub=b'adbe.pkcs7.detached'))
    yield case(row, 'certificates in another order', GOOD, kit.base.sign(kit.cms(certs=[kit.pki.root.cert, kit.signer.cert])))
    yield case(row, 'signer known by key identifier', GOOD, kit.base.sign(kit.cms(sid=bytes([0x80, 20]) + kit.signer.key_id(), version=3)))
    yield case(row, 'RSA key OID as signature algorithm', GOOD, kit.base.sign(kit.cms(sig_alg=algorithm('rsa', NULL))))
    yield case(row, 'RSA without NULL', GOOD, kit.base.sign(kit.cms(sig_alg=algorithm('sha256-rsa'))))
    yield case(row, 'digest with NULL', GOOD, kit.base.sign(kit.cms(md_params=[NULL])))
    yield case(row, 'signingTime in CAdES', GOOD, kit.base.sign(kit.cms(signing_time=True)))
    yield case(row, 'both signingCertificates', GOOD, kit.base.sign(kit.cms(more_attrs=[P.ess_v1(kit.signer)])))
    yield case(row, 'ESSCertIDv2 with its digest named', GOOD, kit.base.sign(kit.cms(ess_md='sha512', md='sha512')))
    yield case(row, 'S/MIME capabilities', GOOD, kit.base.sign(kit.cms(more_attrs=[P.attribute('smimeCapabilities', b'\x30\x00')])))
    yield case(row, 'timestamped', GOOD, kit.base.sign(kit.cms(unsigned=P.stamped(kit.tsa))))
    yield case(row, 'SHA-384', GOOD, kit.base.sign(kit.cms(md='sha384')))
    yield case(row, 'SHA-512', GOOD, kit.base.sign(kit.cms(md='sha512')))
    sub_ca = kit.get('sub-ca', profile='ca')
    leaf = kit.get('below', issuer='sub-ca')
    yield case(row, 'by way of an intermediate authority', GOOD, kit.base.sign(kit.cms(leaf, certs=[leaf.cert, sub_ca.cert])))


def in_lines(der, width):
    """Sixty-four digits a line, as much padding as fits."""
    lines = (width + 1) // 65
    digits = der.hex().encode().ljust(lines * 64, b'0')
    return b'\n'.join(digits[i:i + 64] for i in range(0, len(digits), 64)).ljust(width, b'\n')


def habits(kit):
    """Small liberties seen in the wild."""
    row, c = 'habits', contract()
    sign = lambda base=kit.base, **o: base.sign(kit.cms(), **o)
    yield case(row, 'everything in another order', GOOD, sign(template=b'<</Contents <%s>/ByteRange %s/SubFilter/ETSI.CAdES.detached/Filter/Adobe.PPKLite/M(D:2026)/Type/Sig>>' % (b'0' * 8192, RANGE)))
    yield case(row, 'range with six digits', GOOD, sign(range=lambda a, b, n: b'[000000 %06d %06d %06d]' % (a, b, n - b)))
    for name, reference in (('DigestMethod', mdp(2)[:-2] + b'/DigestMethod/SHA256>>'), ('no V', mdp(2).replace(b'/V/1.2', b'')), ('Data', mdp(2)[:-2] + b'/Data 1 0 R>>')):
        yield case(row, 'certified, ' + name, GOOD, kit.base.sign(kit.cms(), reference=reference, perms=True).sign(kit.cms(kit.second), field=11))
    for name, value, more in (('direct', b'<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>', {}), ('indirect', b'60 0 R', {60: b'<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>'}),
                              ('a list for a prefix', b'<</ISO_[<</BaseVersion/2.0/ExtensionLevel 1>><</BaseVersion/2.0/ExtensionLevel 2>>]>>', {})):
        base = build({**c, 1: put(c[1], b'/Extensions ' + value), **more})
        yield case(row, 'extensions ' + name, GOOD, kit.stamped_file(sign(base)))
    kids = build({**c, 10: b'<</FT/Sig/T(Worker)/Kids 31 0 R>>', 30: b'<</Type/Annot/Subtype/Widget/Parent 10 0 R/Rect[72 100 242 185]/P 4 0 R/F 132>>', 31: b'[30 0 R]', 9: swap(c[9], b'10 0 R', b'30 0 R')})
    yield case(row, 'list of kids an object of its own', GOOD, sign(kids))
    fields = build({**c, 3: b'<</Fields 30 0 R/DR<</Font<</Helv 8 0 R>>>>/DA(/Helv 10 Tf 0 g)/SigFlags 3>>', 30: b'[10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 20 0 R]'})
    yield case(row, 'list of fields an object of its own', GOOD, fields.sign(kit.cms()).sign(kit.cms(kit.second), field=11))
    yield case(row, 'size too small', GOOD + CHANGED, sign(build(c, size=5)))
    padded = kit.base.data.replace(b' 00000 n ', b' 00000  n ')
    yield case(row, 'rows with another blank', GOOD + CHANGED + UNSIGNED, kit.base.raw(padded).sign(kit.cms()))
    for off in (-6, -1, 1, 6):
        yield case(row, f'startxref off by {off}', GOOD + NEVER, build(c, startxref=kit.base.start + off).sign(kit.cms(), prev=kit.base.start))
    yield case(row, 'object number 0 in use', GOOD + NEVER, sign(build(c, rows={0: ('n', 15, 0)})))
    tree = build({**c, 1: put(c[1], b'/StructTreeRoot 30 0 R'), 30: b'<</Type/StructTreeRoot/K 31 0 R>>', 31: b'<</S/P/P 30 0 R/K[31 0 R 30 0 R]>>'})
    yield case(row, 'structure in a circle', GOOD, sign(tree))
    yield case(row, 'structure in a circle, then extended', EXT + CHANGED, sign(tree).update({90: b'(x)'}))
    yield case(row, 'header of text', GOOD, sign(build(c, header=b'%PDF-1.4\n% text only\n')))
    yield case(row, 'signingCertificate with issuer and serial', GOOD, kit.base.sign(kit.cms(ess_serial_of=kit.signer)))
    yield case(row, 'Ed448', ('UNSUPPORTED',), kit.base.sign(kit.cms(sig_alg=algorithm('1.3.101.113'), value=lambda *a: bytes(114))))
    short = lambda pdf, **o: pdf.sign(kit.cms(), range=lambda x, y, n: b'[0 %d %d %d]' % (x, y, n - y - 200), covered=lambda data, x, y: data[:x] + data[y:len(data) - 200], **o)
    yield case(row, 'tail not covered, then a proper revision', CHANGED, short(kit.base).sign(kit.cms(kit.second), field=11))


def exact(kit):
    """Contents without a spare byte."""
    size = len(kit.cms()(b'x'))
    return kit.base.sign(kit.cms(), reserve=size)


def forms(kit):
    row = 'forms'
    c = contract()
    group = build({**c, 3: swap(c[3], b'10 0 R 11 0 R', b'30 0 R 11 0 R'), 30: b'<</T(Group)/Kids[10 0 R]>>', 10: put(c[10], b'/Parent 30 0 R')})
    yield case(row, 'field below a group', GOOD, group.sign(kit.cms()), signatures={'Group.Worker': 'INTACT'})
    inherited = build({**c, 3: swap(c[3], b'10 0 R 11 0 R', b'30 0 R 11 0 R'), 30: b'<</T(Group)/FT/Sig/Kids[10 0 R]>>', 10: put(swap(c[10], b'/FT/Sig', b''), b'/Parent 30 0 R')})
    yield case(row, 'kind inherited', GOOD, inherited.sign(kit.cms()))
    kids = build({**c, 10: b'<</FT/Sig/T(Worker)/Kids[30 0 R]>>', 30: b'<</Type/Annot/Subtype/Widget/Parent 10 0 R/Rect[72 100 242 185]/P 4 0 R/F 132>>', 9: swap(c[9], b'10 0 R', b'30 0 R')})
    yield case(row, 'widget apart from its field', GOOD, kids.sign(kit.cms()))
    yield case(row, 'Chinese name', GOOD, build({**c, 10: swap(c[10], b'(Worker)', b'<FEFF52B352A880055B57>')}).sign(kit.cms()), signatures={'劳动者字': 'INTACT'})
    yield case(row, 'new field', GOOD, kit.base.sign(kit.cms(), field=50))
    plain = build({1: b'<</Type/Catalog/Pages 2 0 R>>', 2: b'<</Type/Pages/Kids[4 0 R]/Count 1>>', 4: b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 6 0 R>>', 6: c[6]})
    objs = {1: b'<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[50 0 R]/SigFlags 3>>>>', 4: put(plain.objs[4], b'/Annots[50 0 R]'), 50: c[10]}
    yield case(row, 'no form before', GOOD, plain.sign(kit.cms(), field=50, objs=objs))
    yield case(row, 'no form before, nothing signed', UNSIGNED, plain)
    yield case(row, 'two signers', GOOD, kit.two())
    yield case(row, 'two signers, the second field first', GOOD, kit.base.sign(kit.cms(), field=11).sign(kit.cms(kit.second), field=10))
    yield case(row, 'eight signers', GOOD, signers(kit, 8))
    yield case(row, 'fifty-one signers', GOOD, signers(kit, 51))
    yield case(row, 'certified, then two signers and a timestamp', GOOD, kit.stamped_file(kit.certified(2, field=11).sign(kit.cms(kit.second), field=10)))
    yield case(row, 'signer, then validation data, then timestamp', GOOD, kit.stamped_file(kit.signed.update(
        {1: put(kit.signed.objs[1], b'/DSS<</Certs[60 0 R]>>'), 60: stream(kit.pki.root.cert)})))
    yield case(row, 'locked fields that nobody touched', GOOD, kit.base.sign(kit.cms(), reference=field_mdp(b'Include', [b'Note'])).sign(kit.cms(kit.second), field=11))
    yield case(row, 'signed and stamped in files with object streams', GOOD, kit.stamped_file(kit.stream_base.sign(kit.cms()).sign(kit.cms(kit.second), field=11)))
    yield case(row, 'mixed algorithms', GOOD, kit.base.sign(kit.cms(kit.get('gm', 'sm2'))).sign(kit.cms(kit.get('ec', 'ec')), field=11).sign(kit.cms(scheme='pss'), field=50))


def signers(kit, n):
    pdf = kit.base
    for i in range(n):
        pdf = pdf.sign(kit.cms(kit.signer if i % 2 else kit.second), field=max(50, pdf.size))
    return pdf


def cases(kit):
    for part in (shapes_of_files, shapes_of_signatures, habits, forms):
        yield from part(kit)
