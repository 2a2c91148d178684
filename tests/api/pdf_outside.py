"""What other programs say about a signed PDF, and what a forger could do to one. Knows nothing of qyq but its command line."""
import re
import subprocess

from harness import QYQ, check, check_eq, fail, json, new_path, os, run, write


def signatures(pdf):
    """[(byte range, CMS as DER)] of all filled signature fields, in file order."""
    found = []
    for m in re.finditer(rb'/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]', pdf):
        a, b, c, d = (int(x) for x in m.groups())
        gap = pdf[a + b:c]
        check(gap[:1] == b'<' and gap[-1:] == b'>', 'the gap of a ByteRange is not a hex string: %r' % gap[:20])
        raw = bytes.fromhex(gap[1:-1].decode('ascii'))
        found.append(((a, b, c, d), raw[:_der_length(raw)]))
    return found


def _der_length(der):
    """Length of the first DER value; what follows it is padding of the placeholder."""
    check(der[:1] == b'\x30', 'the CMS is no SEQUENCE')
    if der[1] < 0x80:
        return 2 + der[1]
    n = der[1] & 0x7f
    return 2 + n + int.from_bytes(der[2:2 + n], 'big')


SM3_OID = bytes.fromhex('06082a811ccf55018311')


def is_sm2(cms):
    """Whether the first digest algorithm of the SignedData is SM3."""
    return SM3_OID in cms[:80]


def openssl_cms(pdf, root_pem, sm2=True):
    """Every CMS over the bytes of its ByteRange, against the root. Answers how many were verified. sm2 False: passes
    over those that openssl's cms command cannot do (see openssl_sm2)."""
    found = [s for s in signatures(pdf) if sm2 or not is_sm2(s[1])]
    for (a, b, c, d), der in found:
        got = run('openssl', 'cms', '-verify', '-binary', '-inform', 'DER', '-in', write('cms', der), '-content',
                  write('content', pdf[a:a + b] + pdf[c:c + d]), '-CAfile', root_pem, '-purpose', 'any', '-out', '/dev/null')
        check(got.returncode == 0, 'openssl refuses the signature over %r: %s' % ((a, b, c, d), got.stderr))
    return len(found)


def _children(der):
    """[(tag, whole element, its value)] of the elements in a row."""
    out = []
    while der:
        n, head = der[1], 2
        if n >= 0x80:
            head = 2 + (n & 0x7f)
            n = int.from_bytes(der[2:head], 'big')
        out.append((der[0], der[:head + n], der[head:head + n]))
        der = der[head + n:]
    return out


def openssl_sm2(pdf):
    """Every SM2 signature of the PDF taken apart by hand (RFC 5652 5.3, 5.4): its messageDigest is the SM3 of the bytes of
    its ByteRange, and openssl verifies the value over the signed attributes with the first certificate's key and the
    identifier of GM/T 0009. Answers how many."""
    sm2 = [s for s in signatures(pdf) if is_sm2(s[1])]
    for (a, b, c, d), der in sm2:
        signed_data = _children(_children(_children(_children(der)[0][2])[1][2])[0][2])
        certificate = _children([v for t, _, v in signed_data if t == 0xa0][0])[0][1]
        signer = _children(_children(signed_data[-1][2])[0][2])
        at = [t for t, _, _ in signer].index(0xa0)
        attributes = b'\x31' + signer[at][1][1:]
        value = signer[at + 2][2]
        content = write('content', pdf[a:a + b] + pdf[c:c + d])
        digest = run('openssl', 'dgst', '-sm3', '-r', content).stdout.split()[0]
        check(bytes.fromhex('0420' + digest) in attributes, 'messageDigest over %r is another' % ((a, b, c, d),))
        key = run('openssl', 'x509', '-inform', 'DER', '-in', write('cert', certificate), '-noout', '-pubkey').stdout
        got = run('openssl', 'dgst', '-sm3', '-verify', write('key', key.encode()), '-sigopt', 'distid:1234567812345678',
                  '-signature', write('value', value), write('attributes', attributes))
        check('Verified OK' in got.stdout, 'openssl refuses the SM2 signature over %r: %s' % ((a, b, c, d), got.stdout))
    return len(sm2)


def nss_with(root_pem):
    """A certificate store for pdfsig that trusts this root."""
    path = new_path('nss')
    os.mkdir(path)
    for command in (['-N', '--empty-password'], ['-A', '-n', 'root', '-t', 'CT,C,C', '-i', root_pem]):
        got = run('certutil', '-d', path, *command)
        check(got.returncode == 0, 'certutil: ' + got.stderr)
    return path


def pdfsig(pdf, root_pem):
    """What pdfsig says: [{'field', 'signer', 'total', 'signature', 'certificate'}] of the signed fields."""
    got = run('pdfsig', '-nssdir', nss_with(root_pem), write('signed.pdf', pdf))
    signed = []
    for part in re.split(r'^Signature #\d+:$', got.stdout, flags=re.M)[1:]:
        if 'is not signed' in part:
            continue
        value = lambda name: (re.search(r'- %s: *(.*)' % name, part) or [None, ''])[1]
        signed.append({'field': value('Signature Field Name'), 'signer': value('Signer Certificate Common Name'),
                       'total': '- Total document signed' in part, 'signature': value('Signature Validation'),
                       'certificate': value('Certificate Validation')})
    return signed


def check_outside(pdf, root_pem, fields):
    """All that others must find good about a document whose fields are signed in this order."""
    told = pdfsig(pdf, root_pem)
    check_eq([s['field'] for s in told], fields, 'fields that pdfsig sees signed')
    for s in told:
        check_eq(s['signature'], 'Signature is Valid.', 'pdfsig on %s' % s['field'])
        check_eq(s['certificate'], 'Certificate is Trusted.', 'pdfsig on the certificate of %s' % s['field'])
    check_eq([s['total'] for s in told], [False] * (len(told) - 1) + [True], 'which signatures cover the whole file')
    got = run('qpdf', '--check', write('check.pdf', pdf))
    check(got.returncode == 0, 'qpdf --check: %s%s' % (got.stdout, got.stderr))
    check_eq(openssl_cms(pdf, root_pem), len(fields), 'signatures that openssl verified')


def qyq_verify(pdf, root_pem=None):
    """(exit code, report) of qyq verify --json."""
    trust = ['--trust', root_pem] if root_pem else []
    got = run(QYQ, 'verify', *trust, '--json', write('verify.pdf', pdf))
    check(got.stderr == '' or got.returncode in (0, 1, 2, 3), 'qyq verify: %d %s' % (got.returncode, got.stderr))
    lines = got.stdout.splitlines()
    check_eq(len(lines), 1, 'lines of qyq verify --json')
    return got.returncode, json.loads(lines[0])


# ---- forgers ----

def flipped(pdf, at):
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1:]


def qpdf_object(path, number, *what):
    got = subprocess.run(['qpdf', '--show-object=%d' % number, *what, path], stdout=subprocess.PIPE, check=True)
    return got.stdout


def page_contents(pdf):
    """Object numbers of the first page and of its (first) content stream."""
    path = write('pages.pdf', pdf)
    got = run('qpdf', '--show-pages', path).stdout
    page = re.search(r'page 1: (\d+) 0 R\s+content:\s+(\d+) 0 R', got)
    if not page:
        fail('no page in %r' % got[:300])
    return path, int(page[1]), int(page[2])


def appended(pdf, objects):
    """An incremental update that brings new bodies for these objects: {number: bytes}. Well-formed (ISO 32000-1 7.5.6)."""
    out = bytearray(pdf if pdf.endswith(b'\n') else pdf + b'\n')
    last = [int(x) for x in re.findall(rb'startxref\s+(\d+)', pdf)][-1]
    trailer = pdf[pdf.rindex(b'trailer') + 7:pdf.rindex(b'startxref')].strip()
    trailer = re.sub(rb'/Prev\s+\d+', b'', trailer)
    check(trailer.startswith(b'<<') and trailer.endswith(b'>>'), 'no classic trailer')
    size = int(re.search(rb'/Size\s+(\d+)', trailer)[1])
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b'%d 0 obj\n' % number + body + b'\nendobj\n'
    at = len(out)
    out += b'xref\n'
    for number in sorted(offsets):
        out += b'%d 1\n%010d 00000 n \n' % (number, offsets[number])
    trailer = re.sub(rb'/Size\s+\d+', b'/Size %d' % max(size, max(objects) + 1), trailer)
    out += b'trailer\n' + trailer[:-2] + b'/Prev %d>>\nstartxref\n%d\n%%%%EOF\n' % (last, at)
    return bytes(out)


def stream(data):
    return b'<</Length %d>>\nstream\n' % len(data) + data + b'\nendstream'


def with_other_page(pdf):
    """The first page's content replaced: a figure painted over, as a changed wage would be."""
    path, _, content = page_contents(pdf)
    data = qpdf_object(path, content, '--filtered-stream-data')
    return appended(pdf, {content: stream(b'q ' + data + b' Q q 1 1 1 rg 90 400 400 120 re f Q\n')})


def with_note_over_page(pdf):
    """A new annotation over the first page, in a page dictionary of its own."""
    path, page, _ = page_contents(pdf)
    body = qpdf_object(path, page).strip()
    number = int(re.findall(rb'/Size\s+(\d+)', pdf)[-1])
    note = (b'<</Type/Annot/Subtype/FreeText/Rect[90 400 490 520]/F 4/DA(/Helv 20 Tf 0 g)/Contents(65000.00)>>')
    plain = re.sub(rb'/Annots\s+(\d+ \d+ R|\[.*?\])', b'', body, flags=re.S)
    return appended(pdf, {page: plain[:-2] + b'/Annots[%d 0 R]>>' % number, number: note})
