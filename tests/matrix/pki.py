"""Test keys and certificates made with the openssl command, so that nothing of them comes from the program under test.

Three families, each with a root, an issuing CA and a timestamp authority: RSA, ECDSA and SM2. All names say TEST."""
import concurrent.futures
import os
import subprocess

GM_ID = 'distid:1234567812345678'
FAMILIES = {'rsa': ('rsa2048', 'sha256'), 'ec': ('p256', 'sha256'), 'sm2': ('sm2', 'sm3')}
SIGNERS = {'rsa2048': 'rsa', 'rsa3072': 'rsa', 'rsa4096': 'rsa', 'p256': 'ec', 'p384': 'ec', 'p521': 'ec', 'sm2': 'sm2'}
KEYGEN = {
    'rsa2048': ('RSA', 'rsa_keygen_bits:2048'), 'rsa3072': ('RSA', 'rsa_keygen_bits:3072'), 'rsa4096': ('RSA', 'rsa_keygen_bits:4096'),
    'p256': ('EC', 'ec_paramgen_curve:P-256'), 'p384': ('EC', 'ec_paramgen_curve:P-384'), 'p521': ('EC', 'ec_paramgen_curve:P-521'),
    'sm2': ('EC', 'ec_paramgen_curve:SM2'),
}
CONFIG = '''
[req]
distinguished_name = dn
prompt = no
utf8 = yes
[dn]
CN = TEST
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ocsp]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
'''


def openssl(*args, stdin=None):
    got = subprocess.run(['openssl', *args], input=stdin, capture_output=True, timeout=120)
    if got.returncode:
        raise RuntimeError('openssl %s: %s' % (' '.join(args), got.stderr.decode(errors='replace')))
    return got.stdout


class Signer:
    """Files of one key: key (PEM, not encrypted), cert (PEM) and chain (PEM: the issuing CA)."""

    def __init__(self, folder, name, family):
        self.name, self.family = name, family
        self.key, self.cert = (os.path.join(folder, name + end) for end in ('.key', '.pem'))
        self.chain = os.path.join(folder, 'issuing-%s.pem' % family)

    def options(self):
        return ['--key', self.key, '--cert', self.cert, '--chain', self.chain]


class Pki:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.config = self.path('openssl.cnf')
        with open(self.config, 'w', encoding='utf-8') as f:
            f.write(CONFIG)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(self.family, FAMILIES))
            self.signers = dict(zip(SIGNERS, pool.map(lambda s: self.issue(s, s, SIGNERS[s], 'signer', 'TEST 签署人 ' + s), SIGNERS)))
        self.trust = self.path('trust.pem')
        with open(self.trust, 'wb') as f:
            for family in FAMILIES:
                with open(self.path('root-%s.pem' % family), 'rb') as root:
                    f.write(root.read())

    def signer(self, name):
        """The signer of this name; 'p256-7' is one more of the kind 'p256', made when first asked for."""
        if name not in self.signers:
            kind = name.split('-')[0]
            self.signers[name] = self.issue(name, kind, SIGNERS[kind], 'signer', 'TEST 签署人 ' + name)
        return self.signers[name]

    def path(self, name):
        return os.path.join(self.folder, name)

    def key(self, name, kind):
        algorithm, option = KEYGEN[kind]
        openssl('genpkey', '-algorithm', algorithm, '-pkeyopt', option, '-out', self.path(name + '.key'))

    def family(self, family):
        kind, digest = FAMILIES[family]
        root = 'root-' + family
        self.key(root, kind)
        openssl('req', '-x509', '-config', self.config, '-utf8', '-key', self.path(root + '.key'), '-' + digest, *self.sigopt(family),
                '-subj', '/O=TEST/CN=TEST root ' + family, '-days', '3650', '-extensions', 'root', '-out', self.path(root + '.pem'))
        self.issue('issuing-' + family, kind, family, 'issuing', 'TEST issuing ' + family, by=root)
        self.issue('tsa-' + family, kind, family, 'tsa', 'TEST TSA ' + family)

    def sigopt(self, family):
        return ['-sigopt', GM_ID] if family == 'sm2' else []

    def issue(self, name, kind, family, section, common_name, by=None):
        """A key and its certificate, by the issuing CA of the family or by another one."""
        by = by or 'issuing-' + family
        self.key(name, kind)
        request = openssl('req', '-new', '-config', self.config, '-utf8', '-key', self.path(name + '.key'), '-' + FAMILIES[family][1],
                          *self.sigopt(family), '-subj', '/O=TEST/CN=' + common_name)
        check = ['-vfyopt', GM_ID] if family == 'sm2' else []
        openssl('x509', '-req', '-CA', self.path(by + '.pem'), '-CAkey', self.path(by + '.key'), '-' + FAMILIES[family][1], '-days', '365',
                *self.sigopt(family), *check, '-extfile', self.config, '-extensions', section, '-set_serial', '0x' + os.urandom(8).hex(),
                '-out', self.path(name + '.pem'), stdin=request)
        return Signer(self.folder, name, family)

    def revocation_list(self, by):
        """A CRL of the CA of this name, empty, PEM."""
        path, base, family = self.path('crl-%s.pem' % by), self.path('db-' + by), by.split('-')[1]
        with open(base + '.txt', 'w'):
            pass
        with open(base + '.cnf', 'w') as f:
            f.write('[ca]\ndefault_ca = this\n[this]\ndatabase = %s.txt\ndefault_md = %s\n' % (base, FAMILIES[family][1]))
        openssl('ca', '-gencrl', '-config', base + '.cnf', '-keyfile', self.path(by + '.key'), '-cert', self.path(by + '.pem'), '-crldays', '30',
                *self.sigopt(family), '-out', path)
        return path

    def ocsp_response(self, name):
        """An OCSP response (DER) that says good of the certificate of this name, by a responder of its issuing CA."""
        family = name[len('tsa-'):] if name.startswith('tsa-') else SIGNERS[name]
        responder, issuer, index = 'ocsp-' + family, self.path('issuing-%s.pem' % family), self.path('index-%s.txt' % name)
        if not os.path.exists(self.path(responder + '.pem')):
            self.issue(responder, FAMILIES[family][0], family, 'ocsp', 'TEST OCSP ' + family)
        serial = openssl('x509', '-in', self.path(name + '.pem'), '-noout', '-serial').decode().strip().split('=')[1]
        with open(index, 'w') as f:
            f.write('V\t491231235959Z\t\t%s\tunknown\t/CN=TEST\n' % serial)
        out = self.path('ocsp-%s.der' % name)
        options = ['-rsigopt', GM_ID] if family == 'sm2' else []
        openssl('ocsp', '-index', index, '-CA', issuer, '-issuer', issuer, '-cert', self.path(name + '.pem'), '-rsigner', self.path(responder + '.pem'),
                '-rkey', self.path(responder + '.key'), '-rmd', FAMILIES[family][1], *options, '-ndays', '7', '-no_nonce', '-respout', out)
        return out
