"""Keys, certificates, SignedData and timestamp tokens of the attack files. Keys and certificates come from the openssl command,
RSA values from Python's own arithmetic, so that nothing here shares code with the program under test."""
import datetime
import hashlib
import os
import secrets
import subprocess

from der import (NULL, algorithm, ctx, general_time, indefinite, inside, integer, octets, oid, read, seq, set_of, tlv, utc_time)

GM_ID = b'1234567812345678'


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


CONFIG = '''[req]
distinguished_name=dn
prompt=no
[dn]
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
[tsa]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[tsa_soft]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=timeStamping
[tsa_more]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping,codeSigning
[tsa_none]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
[web]
basicConstraints=critical,CA:FALSE
extendedKeyUsage=serverAuth
[leaf_ski]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
subjectKeyIdentifier=hash
'''


def run(*args, stdin=None):
    return subprocess.run(['openssl', *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def digest(name, data):
    return hashlib.new(name, data).digest()


class Signer:
    """A key with its certificate. kind: rsa, ec, sm2, ed25519."""

    def __init__(self, folder, name, kind):
        self.name, self.kind = name, kind
        self.key = os.path.join(folder, name + '.key')
        self.cert_path = os.path.join(folder, name + '.pem')
        self.cert = b''

    def _read_rsa(self):
        if not hasattr(self, 'rsa'):
            numbers = [int.from_bytes(read(x)[1], 'big') for x in inside(run('rsa', '-in', self.key, '-traditional', '-outform', 'DER'))]
            self.rsa = numbers[1:9]
        return self.rsa

    def rsa_raw(self, block):
        n, _, _, p, q, dp, dq, qinv = self._read_rsa()
        m = int.from_bytes(block, 'big')
        a, b = pow(m % p, dp, p), pow(m % q, dq, q)
        return (b + (qinv * (a - b) % p) * q).to_bytes((n.bit_length() + 7) // 8, 'big')

    def pkcs1(self, md, value, info=None):
        """PKCS#1 v1.5 over a digest; info: another DigestInfo."""
        info = seq(algorithm(md, NULL), octets(value)) if info is None else info
        size = (self._read_rsa()[0].bit_length() + 7) // 8
        return self.rsa_raw(b'\0\1' + b'\xff' * (size - 3 - len(info)) + b'\0' + info)

    def pss(self, md, value, mgf=None, salt=None):
        mgf = mgf or md
        bits = self._read_rsa()[0].bit_length() - 1
        size, h = (bits + 7) // 8, hashlib.new(md).digest_size
        salt = secrets.token_bytes(h if salt is None else salt)
        mark = digest(md, bytes(8) + value + salt)
        db = bytes(size - len(salt) - h - 2) + b'\1' + salt
        mask = b''.join(digest(mgf, mark + i.to_bytes(4, 'big')) for i in range(size // 20 + 1))[:len(db)]
        masked = bytearray(x ^ y for x, y in zip(db, mask))
        masked[0] &= 0xff >> (8 * size - bits)
        return self.rsa_raw(bytes(masked) + mark + b'\xbc')

    def sm2(self, tbs, who=GM_ID):
        with open(self.key + '.tbs', 'wb') as f:
            f.write(tbs)
        option = 'distid:' + who.decode() if who else 'hexdistid:'
        return run('pkeyutl', '-sign', '-rawin', '-digest', 'sm3', '-inkey', self.key, '-in', self.key + '.tbs', '-pkeyopt', option)

    def sign(self, tbs, md, scheme, **o):
        if scheme == 'pss':
            return self.pss(md, digest(md, tbs), o.get('mgf'), o.get('salt'))
        if self.kind == 'rsa':
            return self.pkcs1(md, digest(md, tbs))
        if self.kind == 'sm2':
            return self.sm2(tbs, o.get('sm2_id', GM_ID))
        if self.kind == 'ed25519':
            with open(self.key + '.tbs', 'wb') as f:
                f.write(tbs)
            return run('pkeyutl', '-sign', '-rawin', '-inkey', self.key, '-in', self.key + '.tbs')
        return run('dgst', '-' + md, '-sign', self.key, stdin=tbs)

    def scheme(self, md):
        return {'rsa': md + '-rsa', 'ec': md + '-ecdsa', 'sm2': 'sm2-sm3', 'ed25519': 'ed25519'}[self.kind]

    def md(self):
        return {'sm2': 'sm3', 'ed25519': 'sha512'}.get(self.kind, 'sha256')

    def tbs_parts(self):
        parts = inside(inside(self.cert)[0])
        return parts if parts[0][0] == 0xa0 else [b''] + parts

    def issuer_and_serial(self):
        parts = self.tbs_parts()
        return seq(parts[3], parts[1])

    def key_id(self):
        """SubjectKeyIdentifier from the extensions."""
        extensions = inside(read(self.tbs_parts()[-1])[1])
        for e in extensions:
            if inside(e)[0] == oid('2.5.29.14'):
                return read(read(inside(e)[-1])[1])[1]
        raise KeyError('no key identifier')


class Pki:
    """One root for RSA, EC and Ed25519 and one for SM2, both trusted; everything made when first asked for."""

    KINDS = {'rsa': ('RSA', 'rsa_keygen_bits:2048'), 'ec': ('EC', 'ec_paramgen_curve:P-256'), 'ec384': ('EC', 'ec_paramgen_curve:P-384'),
             'sm2': ('EC', 'ec_paramgen_curve:SM2'), 'ed25519': ('ED25519', None), 'rsa1024': ('RSA', 'rsa_keygen_bits:1024')}

    def __init__(self, folder):
        self.folder = folder
        self.signers = {}
        os.makedirs(folder, exist_ok=True)
        self.config = os.path.join(folder, 'openssl.cnf')
        with open(self.config, 'w') as f:
            f.write(CONFIG)
        self.root = self.get('root', 'rsa', 'ca', None)
        self.gm_root = self.get('gm-root', 'sm2', 'ca', None)
        self.trust = os.path.join(folder, 'trust.pem')
        with open(self.trust, 'wb') as f:
            for s in (self.root, self.gm_root):
                f.write(open(s.cert_path, 'rb').read())

    def get(self, name, kind='rsa', profile='leaf', issuer='root', key_of=None, days=3650):
        """profile: a section of CONFIG. key_of: another signer whose key this certificate is for."""
        if name in self.signers:
            return self.signers[name]
        s = Signer(self.folder, name, {'ec384': 'ec', 'rsa1024': 'rsa'}.get(kind, kind))
        if key_of:
            s.key = self.signers[key_of].key
        else:
            alg, option = self.KINDS[kind]
            run('genpkey', '-algorithm', alg, *(['-pkeyopt', option] if option else []), '-out', s.key)
        subject = '/O=TEST attack files/CN=TEST ' + name
        gm = ['-sigopt', 'distid:' + GM_ID.decode()]
        hash_name = {'sm2': '-sm3', 'ed25519': None}.get(s.kind, '-sha256')
        request = ['req', '-new', '-config', self.config, '-key', s.key, '-subj', subject, *([hash_name] if hash_name else [])]
        if issuer is None:
            run(*request, '-x509', '-days', '7300', '-extensions', profile, *(gm if s.kind == 'sm2' else []), '-out', s.cert_path)
        else:
            csr = run(*request, *(gm if s.kind == 'sm2' else []))
            ca = self.signers['gm-root' if issuer == 'root' and s.kind == 'sm2' else issuer]
            verify = ['-vfyopt', 'distid:' + GM_ID.decode()] if s.kind == 'sm2' else []
            run('x509', '-req', '-CA', ca.cert_path, '-CAkey', ca.key, '-set_serial', str(secrets.randbits(60) + 1), '-days', str(days),
                '-extfile', self.config, '-extensions', profile, '-sm3' if ca.kind == 'sm2' else '-sha256',
                *(gm if ca.kind == 'sm2' else []), *verify, '-out', s.cert_path, stdin=csr)
        s.cert = run('x509', '-in', s.cert_path, '-outform', 'DER')
        self.signers[name] = s
        return s


# ---- SignedData ----

def attribute(name, *values, ordered=True):
    return seq(oid(name), set_of(*values, ordered=ordered))


def ess_v2(signer, md='sha256', **o):
    """signingCertificateV2 (RFC 5035); o: hash, serial (bool) of another certificate."""
    value = o.get('hash') or digest(md, signer.cert)
    alg = [] if md == 'sha256' else [algorithm(md)]
    names = []
    if o.get('serial_of'):
        parts = o['serial_of'].tbs_parts()
        names = [seq(seq(ctx(4, parts[3])), parts[1])]
    return attribute('signingCertV2', seq(seq(seq(*alg, octets(value), *names))))


def ess_v1(signer):
    return attribute('signingCert', seq(seq(seq(octets(digest('sha1', signer.cert))))))


def signed_attributes(signer, value, md, o):
    type_name = o.get('attr_type', o.get('content_type', 'gmData' if o.get('gm') else 'data'))
    out = [attribute('contentType', oid(type_name)), attribute('messageDigest', octets(value))]
    if o.get('ess', 'v2') == 'v2':
        out.append(ess_v2(o.get('ess_of', signer), o.get('ess_md', 'sha256'), hash=o.get('ess_hash'), serial_of=o.get('ess_serial_of')))
    elif o.get('ess') == 'v1':
        out.append(ess_v1(signer))
    if o.get('signing_time'):
        out.append(attribute('signingTime', utc_time(now())))
    if o.get('protect'):
        out.append(attribute('algProtect', seq(algorithm(md), ctx(1, *inside(algorithm(o['protect'], NULL))))))
    return out + list(o.get('more_attrs', []))


def pss_parameters(md, mgf, salt, trailer=None):
    return seq(ctx(0, algorithm(md, NULL)), ctx(1, algorithm('mgf1', algorithm(mgf, NULL))), ctx(2, integer(salt)),
               *([ctx(3, integer(trailer))] if trailer else []))


def signer_info(signer, value, md, o):
    """One SignerInfo over a content digest (value)."""
    scheme_name = o.get('scheme') or signer.scheme(md)
    if o.get('no_attrs'):
        attrs, tbs = b'', None
    else:
        attr_list = o['attrs'](signer, value, md) if 'attrs' in o else signed_attributes(signer, value, md, o)
        attr_list = attr_list if o.get('unsorted') else sorted(attr_list)
        attrs, tbs = ctx(0, *attr_list), tlv(0x31, *attr_list)
    if 'value' in o:
        signature = o['value'](signer, tbs)
    elif tbs is None:
        signature = signer.sm2(o['content_bytes'], o.get('sm2_id', GM_ID)) if signer.kind == 'sm2' else signer.pkcs1(md, value) \
            if signer.kind == 'rsa' else run('dgst', '-' + md, '-sign', signer.key, stdin=o['content_bytes'])
    else:
        signature = signer.sign(tbs, o.get('sign_md', md), scheme_name, **{k: o[k] for k in ('mgf', 'salt', 'sm2_id') if k in o})
    if scheme_name == 'pss':
        salt = o.get('salt_said', o.get('salt', hashlib.new(md).digest_size))
        params = o.get('pss_params', pss_parameters(md, o.get('mgf', md), salt))
        alg = algorithm('pss', params) if params is not None else algorithm('pss')
    else:
        alg = o.get('sig_alg') or algorithm(scheme_name, *([NULL] if signer.kind == 'rsa' else []))
    sid = o.get('sid') or signer.issuer_and_serial()
    unsigned = o['unsigned'](signature) if callable(o.get('unsigned')) else o.get('unsigned', [])
    version = o.get('info_version', 3 if sid[0] == 0x80 else 1)
    digest_alg = o.get('digest_alg') or algorithm(md, *o.get('md_params', []))
    return seq(integer(version), sid, digest_alg, attrs, alg, octets(signature), *([ctx(1, *sorted(unsigned))] if unsigned else []),
               *o.get('info_tail', []))


def signed_data(signer, content_bytes, **o):
    """A detached SignedData over content_bytes, or one of its many wrong relatives."""
    md = o.get('md') or signer.md()
    o = {**o, 'content_bytes': content_bytes}
    value = o.get('digest_value') or digest(md, o.get('digest_of', content_bytes))
    infos = [signer_info(s, value, s.md() if s is not signer else md, o if s is signer else {}) for s in o.get('signers', [signer])]
    econtent = [ctx(0, o['econtent'])] if 'econtent' in o else []
    content = seq(oid(o.get('content_type', 'gmData' if o.get('gm') else 'data')), *econtent)
    certs = o['certs'] if 'certs' in o else [signer.cert]
    parts = [integer(o.get('version', 1)),
             o['digest_algs'] if 'digest_algs' in o else set_of(*{o.get('digest_alg') or algorithm(md, *o.get('md_params', []))}), content]
    if certs:
        parts.append(ctx(0, *certs))
    if o.get('crls'):
        parts.append(ctx(1, *o['crls']))
    parts.append(tlv(0x31, *infos))
    outer = oid(o.get('outer', 'gmSignedData' if o.get('gm') else 'signedData'))
    if o.get('indefinite'):
        return indefinite(0x30, outer, indefinite(0xa0, indefinite(0x30, *parts)))
    return seq(outer, ctx(0, seq(*parts, *o.get('tail', []))), *o.get('outer_tail', []))


# ---- timestamps (RFC 3161) ----

def tst_info(imprint, md='sha256', at=None, nonce=7, **o):
    return seq(integer(o.get('tst_version', 1)), oid('1.3.6.1.4.1.99999.1'), seq(algorithm(md, NULL), octets(imprint)),
               integer(secrets.randbits(60)), general_time(at or now()), *([integer(nonce)] if nonce is not None else []),
               *o.get('tst_tail', []))


def token(tsa, covered, imprint_md='sha256', **o):
    """A TimeStampToken over the bytes covered; o as for signed_data and tst_info."""
    imprint = o.get('imprint') or digest(imprint_md, covered)
    info = o.get('info') or tst_info(imprint, imprint_md, at=o.get('at'), nonce=o.get('nonce', 7), **{k: v for k, v in o.items() if k.startswith('tst_')})
    inner = {k: v for k, v in o.items() if k not in ('imprint', 'info', 'at', 'nonce') and not k.startswith('tst_')}
    inner.setdefault('ess', 'v2')
    return signed_data(tsa, info, **{'content_type': 'tstInfo', 'version': 3, 'econtent': octets(info), **inner})


def stamped(tsa, **o):
    """An unsigned= option: a signature timestamp over the signature value."""
    return lambda signature: [attribute('timestampToken', token(tsa, signature, **o))]


def openssl_token(pki, tsa, covered, md='sha256'):
    """The same made by openssl ts."""
    conf, data, query, reply = (os.path.join(pki.folder, x) for x in ('ts.cnf', 'ts.data', 'ts.tsq', 'ts.tsr'))
    serial = os.path.join(pki.folder, 'ts.serial')
    with open(conf, 'w') as f:
        f.write(f'[tsa]\ndefault_tsa=t\n[t]\nserial={serial}\nsigner_cert={tsa.cert_path}\nsigner_key={tsa.key}\ncerts={tsa.cert_path}\n'
                'signer_digest=sha256\ndefault_policy=1.3.6.1.4.1.99999.1\ndigests=sha1,sha256,sha384,sha512,sm3\ness_cert_id_chain=no\n'
                'ess_cert_id_alg=sha256\n')
    with open(data, 'wb') as f:
        f.write(covered)
    run('ts', '-query', '-data', data, '-' + md, '-cert', '-out', query)
    run('ts', '-reply', '-config', conf, '-queryfile', query, '-out', reply)
    return inside(open(reply, 'rb').read())[1]
