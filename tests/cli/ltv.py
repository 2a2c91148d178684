#!/usr/bin/env python3
"""Long-term levels from outside: qyq sign --level lt|lta, qyq renew, qyq verify --online; two CAs: our own test CA, and one made of
the openssl program with a TSA, an OCSP responder and addresses in its certificates. TAP on standard output.

usage: ltv.py QYQ SOURCE_ROOT"""
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback

QYQ, ROOT = map(os.path.abspath, sys.argv[1:3])
sys.path.insert(0, os.path.join(ROOT, 'tests/attacks'))
from der import read as body  # noqa: E402
from der import algorithm, ctx, inside, integer, octets, oid, seq, set_of  # noqa: E402
results = []
TMP = tempfile.TemporaryDirectory()
D = TMP.name


def case(name):
    def wrap(fn):
        try:
            fn()
            results.append((True, name))
        except Exception as e:  # each case reports for itself
            row = traceback.extract_tb(e.__traceback__)[1].lineno
            results.append((False, f'{name}: line {row}: {type(e).__name__} {e}'.replace('\n', ' ')))
    return wrap


def at(name):
    return os.path.join(D, name)


def run(*args, code=0, says=None):
    p = subprocess.run(args, capture_output=True, timeout=120, cwd=D)
    text = (p.stdout + p.stderr).decode(errors='replace')
    assert p.returncode == code, f'{args[:3]}: exit {p.returncode}, not {code}: {text[-600:]}'
    assert says is None or says in text, f'{args[:3]}: {text[-600:]}'
    return text


def openssl(*args, **kw):
    return run('openssl', *args, **kw)


def qyq(*args, **kw):
    return run(QYQ, *args, **kw)


def read(name):
    with open(at(name), 'rb') as f:
        return f.read()


def write(name, data):
    with open(at(name), 'wb') as f:
        f.write(data)


def reports(*files, trust=('root.pem',), code=0, args=()):
    anchors = [x for t in trust for x in ('--trust', t)]
    out = qyq('verify', '--json', *anchors, *args, *files, code=code)
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == len(files)
    return lines


def levels(report):
    return [s['level'] for s in report['signatures']]


def codes(report):
    return {r['code'] for s in report['signatures'] for r in s['reasons']}


def dss(name):
    """The streams of the DSS, by qpdf."""
    doc = json.loads(run('qpdf', '--json=2', '--json-stream-data=none', name))['qpdf'][1]
    root = doc['obj:' + doc['trailer']['value']['/Root']]['value']
    store = root['/DSS']
    store = doc['obj:' + store]['value'] if isinstance(store, str) else store
    found = {}
    for key in ('/Certs', '/CRLs', '/OCSPs'):
        found[key] = []
        for ref in store.get(key, []):
            p = subprocess.run(['qpdf', '--show-object=' + ref.split()[0], '--raw-stream-data', name], capture_output=True, cwd=D)
            found[key].append(p.stdout)
    return found


def openssl_reads(store):
    for i, der in enumerate(store['/Certs']):
        write('x.der', der)
        openssl('x509', '-inform', 'DER', '-in', 'x.der', '-noout', '-subject')
    for der in store['/CRLs']:
        write('x.der', der)
        openssl('crl', '-inform', 'DER', '-in', 'x.der', '-noout', '-issuer')
    for der in store['/OCSPs']:
        write('x.der', der)
        openssl('ocsp', '-respin', 'x.der', '-noverify', '-text', says='OCSP Response Status: successful')


def signed_bytes(pdf):
    """Those of the last signature of the file."""
    a, b, c = [int(x) for x in re.findall(rb'/ByteRange \[0 (\d+) +(\d+) +(\d+) *\]', pdf)[-1]]
    assert b + c == len(pdf)
    return pdf[:a] + pdf[b:b + c]


def others_agree(name, valid):
    run('qpdf', '--check', name)
    assert run('pdfsig', '-nocert', name, code=0).count('Signature is Valid') == valid


# ---- a CA of the openssl program, and what serves for it ----

class Server(http.server.BaseHTTPRequestHandler):
    asked = []

    def log_message(self, *_):
        pass

    def reply(self, body, kind='application/octet-stream', status=200, location=None):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        if location:
            self.send_header('Location', location)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Server.asked.append(self.path)
        if self.path == '/moved.crl':
            return self.reply(b'', status=302, location='file://' + at('ca.crl'))
        name = at(self.path.strip('/').replace('/', '_'))
        if not os.path.exists(name):
            return self.reply(b'', status=404)
        with open(name, 'rb') as f:
            self.reply(f.read())

    def do_POST(self):
        Server.asked.append(self.path)
        body = self.rfile.read(int(self.headers['Content-Length']))
        write('in.der', body)
        if self.path == '/tsa':
            openssl('ts', '-reply', '-config', 'ts.cnf', '-queryfile', 'in.der', '-out', 'out.der', '-chain', 'ca.pem')
            return self.reply(read('out.der'), 'application/timestamp-reply')
        openssl('ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key', '-reqin', 'in.der', '-respout',
                'out.der', '-ndays', '1')
        self.reply(read('out.der'), 'application/ocsp-response')


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = f'http://127.0.0.1:{server.server_port}'
EXTENSIONS = f'''[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[ca]
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
crlDistributionPoints=URI:ldap://127.0.0.1:1/x,URI:{URL}/root.crl
authorityInfoAccess=caIssuers;URI:{URL}/root.der
[signer]
keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
crlDistributionPoints=URI:{URL}/ca.crl
authorityInfoAccess=OCSP;URI:{URL}/ocsp,caIssuers;URI:{URL}/ca.p7c
[plain]
keyUsage=critical,digitalSignature,nonRepudiation
authorityKeyIdentifier=keyid
[moved]
keyUsage=critical,digitalSignature
authorityKeyIdentifier=keyid
crlDistributionPoints=URI:{URL}/moved.crl
[web]
extendedKeyUsage=serverAuth
[tsa]
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
crlDistributionPoints=URI:{URL}/ca.crl
authorityInfoAccess=caIssuers;URI:{URL}/ca.p7c
[req]
distinguished_name=dn
[dn]
[ca_root]
database=index_root.txt
default_md=sha256
default_crl_days=30
crlnumber=number_root
[ca_ca]
database=index.txt
default_md=sha256
default_crl_days=30
crlnumber=number_ca
'''


def make(name, profile, issuer='ca', days=(-1, 365), key='ec:P-256', digest='-sha256', serial=[10]):
    kind, value = key.split(':')
    option = ['-pkeyopt', 'ec_paramgen_curve:' + value] if kind == 'ec' else ['-pkeyopt', 'rsa_keygen_bits:' + value]
    openssl('genpkey', '-algorithm', kind, *option, '-out', name + '.key')
    openssl('req', '-new', '-key', name + '.key', '-subj', f'/C=CN/CN=TEST {name}', '-out', 'x.csr', '-config', 'x.cnf')
    serial[0] += 1
    day = 86400
    start, end = [time.strftime('%Y%m%d%H%M%SZ', time.gmtime(time.time() + d * day)) for d in days]
    # "openssl ca" knows start and end, "openssl x509" does not
    write('index_new.txt', b'')
    write('serial_new', b'%04X\n' % serial[0])
    write('new.cnf', f'''[ca]
default_ca=c
[c]
database=index_new.txt
serial=serial_new
new_certs_dir=.
default_md=sha256
policy=p
unique_subject=no
[p]
countryName=optional
commonName=supplied
'''.encode())
    by = ['-selfsign', '-keyfile', name + '.key'] if issuer is None else ['-cert', issuer + '.pem', '-keyfile', issuer + '.key']
    openssl('ca', '-batch', '-config', 'new.cnf', '-in', 'x.csr', '-out', name + '.pem', '-notext', '-startdate', start, '-enddate', end,
            '-extfile', 'x.cnf', '-extensions', profile, '-md', digest.strip('-'), *by)
    if issuer == 'ca':
        with open(at('index.txt'), 'a') as f:
            f.write(f'V\t{end[2:]}\t\t{serial[0]:04X}\tunknown\t/C=CN/CN=TEST {name}\n')


def revoke(name, when):
    text = read('index.txt').decode().splitlines()
    stamp = time.strftime('%y%m%d%H%M%SZ', time.gmtime(when))
    for i, row in enumerate(text):
        p = row.split('\t')
        if row.endswith('CN=TEST ' + name):
            text[i] = '\t'.join(['R', p[1], stamp, p[3], p[4], p[5]])
    write('index.txt', ('\n'.join(text) + '\n').encode())
    crls()


def crls():
    for who in ('root', 'ca'):
        openssl('ca', '-config', 'x.cnf', '-name', 'ca_' + who, '-gencrl', '-cert', who + '.pem', '-keyfile', who + '.key', '-out', 'x.pem')
        openssl('crl', '-in', 'x.pem', '-outform', 'DER', '-out', who + '.crl')


def sign(src, out, *args, who='signer', code=0, says=None):
    return qyq('sign', src, out, '--key', who + '.key', '--cert', who + '.pem', *args, code=code, says=says)


for empty in ('index.txt', 'index_root.txt'):
    write(empty, b'')
write('number_root', b'01\n')
write('number_ca', b'01\n')
write('x.cnf', EXTENSIONS.encode())
make('root', 'root', None, (-100, 7300))
make('ca', 'ca', 'root', (-100, 6000), key='rsa:2048')
make('signer', 'signer')
make('plain', 'plain')
make('tsa', 'tsa', days=(-1, 3000), key='rsa:2048')
openssl('x509', '-in', 'root.pem', '-outform', 'DER', '-out', 'root.der')
openssl('crl2pkcs7', '-nocrl', '-certfile', 'ca.pem', '-outform', 'DER', '-out', 'ca.p7c')
crls()
write('ts.cnf', b'''[tsa]
default_tsa=t
[t]
serial=tsserial
signer_cert=tsa.pem
signer_key=tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ess_cert_id_alg=sha256
''')
write('tsserial', b'01\n')
write('chain.pem', read('ca.pem') + read('root.pem'))
TSA = ('--tsa', URL + '/tsa')
CRLS = ('--crl', 'ca.crl', '--crl', 'root.crl')
qyq('render', 'fixed-term-full-time', os.path.join(ROOT, 'schemas/contract.example.json'), 'base.pdf')


@case('level lt and lta from files, other programs agree')
def _():
    sign('base.pdf', 't.pdf', '--chain', 'chain.pem', *TSA, '--field', 'Worker')
    sign('base.pdf', 'lt.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lt', *CRLS, '--field', 'Worker')
    sign('base.pdf', 'lta.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lta', *CRLS, '--field', 'Worker')
    t, lt, lta = reports('t.pdf', 'lt.pdf', 'lta.pdf')
    assert levels(t) == ['B-T'] and levels(lt) == ['B-LT'] and levels(lta) == ['B-LTA', 'B-B'], (levels(lt), levels(lta))
    assert [r['verdict'] for r in (t, lt, lta)] == ['valid'] * 3 and lt['integrity'] == 'INTACT_EXTENDED' and lta['integrity'] == 'INTACT'
    assert lta['signatures'][1]['kind'] == 'doctimestamp' and lta['signatures'][1]['subfilter'] == 'ETSI.RFC3161'
    assert 'revocation_unknown' in codes(t) and 'revocation_unknown' not in codes(lta)
    for name in ('lt.pdf', 'lta.pdf'):
        others_agree(name, 1)
        store = dss(name)
        assert len(store['/Certs']) == 4 and len(store['/CRLs']) == 2, {k: len(v) for k, v in store.items()}
        openssl_reads(store)
    pem = b''.join(openssl('crl', '-inform', 'DER', '-in', who + '.crl').encode() for who in ('root', 'ca'))
    write('both.pem', b'lists of two authorities\n' + pem)
    sign('base.pdf', 'pem.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lt', '--crl', 'both.pem')
    assert levels(reports('pem.pdf')[0]) == ['B-LT']
    # which levels a file has does not depend on what is trusted
    assert levels(reports('lta.pdf', trust=(), code=2)[0]) == ['B-LTA', 'B-B']


@case('openssl accepts the document timestamp')
def _():
    qyq('verify', '--trust', 'root.pem', '--extract', 'x', 'lta.pdf')
    write('signed', signed_bytes(read('lta.pdf')))
    openssl('ts', '-verify', '-in', 'x/lta.pdf.2.tst', '-token_in', '-data', 'signed', '-CAfile', 'root.pem', '-untrusted', 'ca.pem',
            says='Verification: OK')
    # and that of the signature: its token is about the signature value
    info = inside(inside(inside(inside(read('x/lta.pdf.1.p7s'))[1])[0])[-1])[0]
    parts = inside(info)
    token = next(inside(inside(a)[1])[0] for a in inside(parts[6]) if inside(a)[0] == oid('timestampToken'))
    write('token', token)
    write('signed', body(parts[5])[1])
    openssl('ts', '-verify', '-in', 'token', '-token_in', '-data', 'signed', '-CAfile', 'root.pem', '-untrusted', 'ca.pem',
            says='Verification: OK')


@case('an encrypted file')
def _():
    run('qpdf', '--encrypt', 'user', 'owner', '256', '--', 'base.pdf', 'locked.pdf')
    write('pw', b'owner\n')
    sign('locked.pdf', 'no.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lta', *CRLS, code=1)
    sign('locked.pdf', 'locked1.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lta', *CRLS, '--password-file', 'pw')
    qyq('renew', 'locked1.pdf', 'no.pdf', *TSA, *CRLS, code=1)
    qyq('renew', 'locked1.pdf', 'locked2.pdf', *TSA, *CRLS, '--password-file', 'pw')
    assert levels(reports('locked2.pdf', args=('--password-file', 'pw'))[0]) == ['B-LTA', 'B-LTA', 'B-B']
    run('qpdf', '--check', '--password=user', 'locked2.pdf')


@case('what is missing is named, and nothing is written')
def _():
    for args, missing in ((('--crl', 'root.crl'), 'TEST signer'), (('--crl', 'ca.crl'), 'TEST ca'), ((), 'TEST ca')):
        sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lt', *args, code=1, says=missing)
    sign('base.pdf', 'no.pdf', *TSA, '--level', 'lt', *CRLS, '--online', '--trust', 'tsa.pem', code=1, says='TEST signer')
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', '--level', 'lt', code=64)
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', '--tsa', 'http://127.0.0.1:1/', '--level', 'lta', *CRLS, code=4)
    assert not os.path.exists(at('no.pdf'))


@case('without the root at hand: its list goes in by name')
def _():
    sign('base.pdf', 'rootless.pdf', '--chain', 'ca.pem', *TSA, '--level', 'lta', *CRLS)
    assert levels(reports('rootless.pdf')[0]) == ['B-LTA', 'B-B']
    assert levels(reports('rootless.pdf', trust=(), code=2)[0]) == ['B-T', 'B-B']


@case('an OCSP response from a file')
def _():
    openssl('ocsp', '-issuer', 'ca.pem', '-cert', 'signer.pem', '-reqout', 'q.der', '-no_nonce')
    openssl('ocsp', '-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key', '-reqin', 'q.der', '-respout', 'signer.ocsp',
            '-ndays', '1')
    sign('base.pdf', 'ocsp.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lt', *CRLS, '--ocsp', 'signer.ocsp')
    assert levels(reports('ocsp.pdf')[0]) == ['B-LT'] and len(dss('ocsp.pdf')['/OCSPs']) == 1
    assert 'TRY_LATER' not in codes(reports('t.pdf', args=('--ocsp', 'signer.ocsp'))[0])
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', *TSA, '--level', 'lt', '--ocsp', 'q.der', code=1)


@case('online: addresses in the certificates; offline nobody is asked')
def _():
    Server.asked.clear()
    sign('base.pdf', 'online.pdf', *TSA, '--level', 'lta', '--online')
    assert {'/ocsp', '/root.crl', '/ca.crl', '/ca.p7c', '/root.der', '/tsa'} <= set(Server.asked), Server.asked
    assert levels(reports('online.pdf')[0]) == ['B-LTA', 'B-B']
    others_agree('online.pdf', 1)
    openssl_reads(dss('online.pdf'))
    Server.asked.clear()
    sign('base.pdf', 'bare.pdf', *TSA)
    assert set(Server.asked) == {'/tsa'}
    Server.asked.clear()
    assert 'NO_CERTIFICATE_CHAIN_FOUND' in codes(reports('bare.pdf', code=2)[0])
    assert not Server.asked
    report = reports('bare.pdf', args=('--online',))[0]
    assert 'revocation_unknown' not in codes(report), codes(report)
    assert {'/ca.p7c', '/ca.crl'} <= set(Server.asked), Server.asked  # the list that came for the TSA speaks of the signer, too
    Server.asked.clear()
    assert reports('online.pdf', args=('--online',))[0]['verdict'] == 'valid'
    assert not Server.asked, Server.asked  # everything is in the file


@case('a redirect to a file is not followed')
def _():
    make('moved', 'moved')
    crls()
    Server.asked.clear()
    sign('base.pdf', 'moved.pdf', '--chain', 'chain.pem', who='moved')
    assert 'revocation_unknown' in codes(reports('moved.pdf', args=('--online', '--crl', 'root.crl'))[0])
    assert Server.asked == ['/moved.crl'], Server.asked


def cms_with_revocation(data, who, crls, ocsps):
    """What Adobe's programs write: revocation data as a signed attribute (adbe revocationInfoArchival)."""
    certs = [openssl_der(name) for name in (who, 'ca', 'root')]
    parts = inside(inside(certs[0])[0])
    attributes = [(oid('contentType'), oid('data')), (oid('messageDigest'), octets(hashlib.sha256(data).digest())),
                  (oid('signingCertV2'), seq(seq(seq(octets(hashlib.sha256(certs[0]).digest()))))),
                  (oid('1.2.840.113583.1.1.8'), seq(ctx(0, seq(*crls)), ctx(1, seq(*ocsps))))]
    rows = set_of(*[seq(name, set_of(value)) for name, value in attributes])
    write('tbs', rows)
    openssl('dgst', '-sha256', '-sign', who + '.key', '-out', 'value', 'tbs')
    info = seq(integer(1), seq(parts[3], parts[1]), algorithm('sha256'), b'\xa0' + rows[1:], algorithm('sha256-ecdsa'), octets(read('value')))
    return seq(oid('signedData'), ctx(0, seq(integer(1), set_of(algorithm('sha256')), seq(oid('data')), ctx(0, *certs), set_of(info))))


def openssl_der(name):
    openssl('x509', '-in', name + '.pem', '-outform', 'DER', '-out', 'x.der')
    return read('x.der')


@case('revocation data inside a signature')
def _():
    sign('base.pdf', 'b.pdf', '--chain', 'chain.pem')
    assert 'revocation_unknown' in codes(reports('b.pdf')[0])
    pdf = read('b.pdf')
    for crls, ocsps in (([read('ca.crl'), read('root.crl')], []), ([read('root.crl')], [read('signer.ocsp')])):
        cms = cms_with_revocation(signed_bytes(pdf), 'signer', crls, ocsps).hex().encode()
        at_ = pdf.rindex(b'/Contents <') + 11
        write('adbe.pdf', pdf[:at_] + cms + b'0' * (pdf.index(b'>', at_) - at_ - len(cms)) + pdf[pdf.index(b'>', at_):])
        report = reports('adbe.pdf')[0]
        assert report['verdict'] == 'valid' and 'revocation_unknown' not in codes(report), report
        # what the signature brings along is not put into the DSS again; the TSA's data is
        qyq('renew', 'adbe.pdf', 'r1.pdf', *TSA, *CRLS)
        store = dss('r1.pdf')
        assert (store['/CRLs'], store['/OCSPs']) == ([], []), store
        qyq('renew', 'r1.pdf', 'r2.pdf', *TSA, *CRLS)
        assert levels(reports('r2.pdf')[0]) == ['B-LTA', 'B-LTA', 'B-B']


@case('time goes by')
def _():
    sign('base.pdf', 'b.pdf', '--chain', 'chain.pem')
    year, decade = [time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + d * 86400)) for d in (500, 4000)]
    late = reports('b.pdf', code=2, args=('--at', year))[0]
    assert 'OUT_OF_BOUNDS_NO_POE' in codes(late) and late['integrity'] == 'INTACT'
    assert reports('lta.pdf', args=('--at', year))[0]['verdict'] == 'valid'
    late = reports('lta.pdf', code=2, args=('--at', decade))[0]
    assert late['trust'] == 'INDETERMINATE' and levels(late) == ['B-LTA', 'B-B']


@case('renewal')
def _():
    qyq('renew', 'lta.pdf', 'r1.pdf', *TSA, *CRLS)
    qyq('renew', 'r1.pdf', 'r2.pdf', *TSA, '--online', '--digest', 'sha512')
    first, second = reports('r1.pdf', 'r2.pdf')
    assert levels(first) == ['B-LTA', 'B-LTA', 'B-B'] and levels(second) == ['B-LTA', 'B-LTA', 'B-LTA', 'B-B']
    assert second['signatures'][3]['digest'] == 'sha512'
    before = b''
    for name in ('base.pdf', 'lta.pdf', 'r1.pdf', 'r2.pdf'):
        assert read(name).startswith(before)
        before = read(name)
        assert name == 'base.pdf' or others_agree(name, 1) is None
    qyq('renew', 't.pdf', 'r3.pdf', *TSA)  # nothing to be had: stamped all the same
    assert levels(reports('r3.pdf')[0]) == ['B-T', 'B-B']
    qyq('renew', 'r3.pdf', 'r4.pdf', *TSA, *CRLS)
    assert levels(reports('r4.pdf')[0]) == ['B-LTA', 'B-LTA', 'B-B']


@case('what cannot be renewed')
def _():
    qyq('renew', 'base.pdf', 'no.pdf', *TSA, code=1)
    qyq('renew', 'signer.pem', 'no.pdf', *TSA, code=3)
    qyq('renew', 'none.pdf', 'no.pdf', *TSA, code=74)
    qyq('renew', 'lta.pdf', 'no.pdf', '--tsa', 'http://127.0.0.1:1/', code=4)
    qyq('renew', 'lta.pdf', 'no.pdf', code=64)
    qyq('renew', 'lta.pdf', 'none/no.pdf', *TSA, code=74)
    changed = read('lta.pdf').replace(b'/Type/Page', b'/Type/PagE', 1)
    if changed == read('lta.pdf'):
        changed = read('lta.pdf').replace(b'/Type /Page', b'/Type /PagE', 1)
    write('changed.pdf', changed)
    qyq('renew', 'changed.pdf', 'no.pdf', *TSA, code=1)
    assert not os.path.exists(at('no.pdf'))


@case('revoked after signing, and before')
def _():
    revoke('signer', time.time() + 5)
    report = reports('t.pdf', args=CRLS)[0]
    assert 'revoked_later' in codes(report) and report['trust'] == 'PASSED', codes(report)
    revoke('signer', time.time() - 3600)
    report = reports('t.pdf', args=CRLS, code=1)[0]
    assert 'REVOKED' in codes(report) and report['trust'] == 'FAILED' and report['integrity'] == 'INTACT'
    assert reports('t.pdf', code=1, args=('--online',))[0]['trust'] == 'FAILED'
    # known to be revoked: no key is used
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', '--crl', 'ca.crl', code=1)
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', '--online', code=1)
    sign('base.pdf', 'no.pdf', '--online', *TSA, '--level', 'lt', code=1)
    assert not os.path.exists(at('no.pdf'))


@case('certificates that must not sign')
def _():
    make('old', 'plain', days=(-20, -10))
    make('young', 'plain', days=(10, 20))
    make('web', 'web')
    make('short', 'plain', key='rsa:1024')
    make('sha1', 'plain', digest='-sha1')
    for who in ('old', 'young', 'web', 'short', 'sha1', 'tsa'):
        sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', who=who, code=1)
    sign('base.pdf', 'no.pdf', '--chain', 'chain.pem', '--trust', 'plain.pem', who='young', code=1)
    sign('base.pdf', 'no.pdf', '--chain', 'ca.pem', '--trust', 'web.pem', who='plain', code=1)
    assert not os.path.exists(at('no.pdf'))
    sign('base.pdf', 'trusted.pdf', '--chain', 'ca.pem', '--trust', 'root.pem', who='plain')


# ---- our own test CA: two hierarchies, two keys of one signer ----

ca = subprocess.Popen([QYQ, 'testca', 'serve', '--dir', at('own'), '--port', '0'], stdout=subprocess.PIPE, cwd=D)
OWN = ('own/root.pem', 'own/root-sm2.pem')
first = [ca.stdout.readline().decode().split() for _ in range(2)]
OWN_TSA = next(words[-1] for words in first if words[1] == 'TSA')
for suffix, extra in (('', ()), ('2', ('--sm2',))):
    qyq('testca', 'issue', '--dir', 'own', '--name', 'TEST 试用者', '--key-out', f'k{suffix}.pem', '--cert-out', f'c{suffix}.pem', '--chain-out',
        f'h{suffix}.pem', *extra)
ECDSA = ('--key', 'k.pem', '--cert', 'c.pem', '--chain', 'h.pem')
ALSO = ('--also-key', 'k2.pem', '--also-cert', 'c2.pem', '--also-chain', 'h2.pem')


@case('two keys of one signer, level lta, SM2 and ECDSA timestamps')
def _():
    for tsa in (OWN_TSA, OWN_TSA + '-sm2'):
        qyq('sign', 'base.pdf', 'dual.pdf', *ECDSA, *ALSO, '--field', 'Worker', '--level', 'lta', '--tsa', tsa, '--online')
        report = reports('dual.pdf', trust=OWN)[0]
        assert levels(report) == ['B-LTA', 'B-LTA', 'B-B'] and report['verdict'] == 'valid'
        assert [s['field'] for s in report['signatures'][:2]] == ['WorkerSM2', 'Worker']
        assert [s['algorithm'] for s in report['signatures'][:2]] == ['sm2-sm3', 'ecdsa-sha256']
        run('qpdf', '--check', 'dual.pdf')
    qyq('sign', 'base.pdf', 'new.pdf', *ECDSA, *ALSO, '--page', '1', '--rect', '300,300,90,40', '--tsa', OWN_TSA)
    qyq('sign', 'base.pdf', 'locked.pdf', *ECDSA, *ALSO, '--certify', '2', '--lock', 'all', '--field', 'Lock', '--tsa', OWN_TSA)
    new, locked = reports('new.pdf', 'locked.pdf', trust=OWN)
    assert len(new['signatures']) == 2 and [s['kind'] for s in locked['signatures']] == ['certification', 'approval']
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, *ALSO, '--certify', '1', code=64)
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, '--also-key', 'k2.pem', code=64)
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, '--also-key', 'k.pem', '--also-cert', 'c.pem', code=1)
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, '--also-key', 'k2.pem', '--also-cert', 'c.pem', code=1)


@case('SM2 alone, both families of identifiers; an outside TSA without SM3')
def _():
    sm2 = ('--key', 'k2.pem', '--cert', 'c2.pem', '--chain', 'h2.pem')
    for oids in ((), ('--oids', 'gm')):
        qyq('sign', 'base.pdf', 'sm2.pdf', *sm2, *oids, '--level', 'lta', '--tsa', OWN_TSA + '-sm2', '--online')
        report = reports('sm2.pdf', trust=OWN)[0]
        assert levels(report) == ['B-LTA', 'B-B'] and report['signatures'][0]['timestamp']['imprint_alg'] == 'sm3'
        assert report['signatures'][1]['digest'] == 'sm3'
    qyq('sign', 'base.pdf', 'sm2.pdf', *sm2, '--level', 'lta', *TSA, '--online')
    report = reports('sm2.pdf', trust=(*OWN, 'root.pem'))[0]
    assert levels(report) == ['B-LTA', 'B-B'] and report['signatures'][0]['timestamp']['imprint_alg'] == 'sha256'


@case('revoked at the test CA')
def _():
    qyq('testca', 'revoke', '--dir', 'own', '--cert', 'c.pem')
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, '--online', code=1)
    qyq('sign', 'base.pdf', 'no.pdf', *ECDSA, *ALSO, '--online', code=1)
    report = reports('dual.pdf', trust=OWN, args=('--online',))[0]
    assert report['verdict'] == 'valid', report  # signed before


@case('help')
def _():
    qyq('renew', '--help', says='--tsa')
    qyq('sign', '--help', says='--also-key')
    qyq('verify', '--help', says='--online')


ca.terminate()
ca.wait(timeout=20)
server.shutdown()
print(f'1..{len(results)}')
for i, (ok, name) in enumerate(results, 1):
    print(('ok' if ok else 'not ok'), i, '-', name)
sys.exit(0 if all(ok for ok, _ in results) else 1)
