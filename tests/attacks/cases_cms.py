"""SignedData, algorithms, SM2 and timestamps: every looseness of §4 and §5."""
import datetime
import hashlib

import pki as P
from der import NULL, algorithm, ctx, ctxp, general_time, inside, integer, octets, oid, seq, set_of, tlv
from kit import BROKEN, GOOD, NEVER, TAMPERED, TST_BAD, UNSUPPORTED, case

ADBE = {'sub': b'adbe.pkcs7.detached'}


def attribute_tables(kit):
    """name, want, options of signed_data."""
    s, other = kit.signer, kit.second
    twin = kit.get('twin', key_of='signer')
    md = lambda data: octets(P.digest('sha256', data))
    plain = lambda signer, value, alg: P.signed_attributes(signer, value, alg, {})
    drop = lambda name: {'attrs': lambda *a: [x for x in plain(*a) if inside(x)[0] != oid(name)]}
    more = lambda *extra: {'more_attrs': list(extra)}
    yield 'eContent beside the bytes', BROKEN, {'econtent': octets(b'something')}
    yield 'empty eContent', BROKEN, {'econtent': octets(b'')}
    yield 'no SignerInfo', BROKEN, {'signers': []}
    yield 'two SignerInfos', BROKEN, {'signers': [s, other], 'certs': [s.cert, other.cert]}
    yield 'the same SignerInfo twice', BROKEN, {'signers': [s, s]}
    yield 'a signature OID as digest algorithm', BROKEN, {'digest_alg': algorithm('sha256-rsa', NULL)}
    yield 'sha1 named, sha256 used', BROKEN, {'digest_alg': algorithm('sha1')}
    yield 'digest in the signature OID differs', BROKEN, {'sig_alg': algorithm('sha512-rsa', NULL)}
    yield 'digest in the signature OID differs and is used', BROKEN, {'sig_alg': algorithm('sha512-rsa', NULL), 'sign_md': 'sha512'}
    yield 'sha1 in the signature OID', BROKEN, {'sig_alg': algorithm('sha1-rsa', NULL), 'sign_md': 'sha1'}
    yield 'digestAlgorithms names another', BROKEN, {'digest_algs': set_of(algorithm('sha512'))}
    yield 'digestAlgorithms empty', BROKEN, {'digest_algs': tlv(0x31)}
    yield 'attributes not sorted', BROKEN, {'unsorted': True, 'attrs': lambda *a: sorted(plain(*a), reverse=True)}
    yield 'messageDigest missing', BROKEN, drop('messageDigest')
    yield 'contentType missing', BROKEN, drop('contentType')
    yield 'signingCertificateV2 missing', BROKEN, drop('signingCertV2')
    yield 'no attributes', BROKEN, {'no_attrs': True}
    yield 'attributes empty', BROKEN, {'attrs': lambda *a: []}
    yield 'contentType of a timestamp', BROKEN, {'attr_type': 'tstInfo'}
    yield 'content of another type', BROKEN, {'content_type': 'tstInfo'}
    yield 'messageDigest twice, right first', BROKEN, {'attrs': lambda *a: plain(*a) + [P.attribute('messageDigest', md(b'evil'))]}
    yield 'messageDigest with two values', BROKEN, {'attrs': lambda signer, value, alg: [
        x for x in plain(signer, value, alg) if inside(x)[0] != oid('messageDigest')] + [P.attribute('messageDigest', octets(value), md(b'evil'))]}
    yield 'contentType twice', BROKEN, more(P.attribute('contentType', oid('data')))
    yield 'signingCertificateV2 twice', BROKEN, more(P.ess_v2(other))
    yield 'signingTime twice', BROKEN, {'signing_time': True, **more(P.attribute('signingTime', general_time(P.now())))}
    yield 'signingCertificateV2 of another certificate', BROKEN, {'ess_of': other}
    yield 'signingCertificateV2 with a wrong hash', BROKEN, {'ess_hash': bytes(32)}
    yield 'signingCertificateV2 with a wrong serial', BROKEN, {'ess_serial_of': other}
    yield 'signingCertificateV2 empty', BROKEN, {'ess': None, **more(P.attribute('signingCertV2', seq(seq())))}
    yield 'certificate swapped for another of the same key', BROKEN, {'certs': [twin.cert], 'sid': twin.issuer_and_serial()}
    yield 'sid of another certificate', BROKEN, {'sid': other.issuer_and_serial(), 'certs': [s.cert, other.cert]}
    yield 'sid of nobody', BROKEN, {'sid': seq(s.tbs_parts()[3], integer(4711))}
    yield 'sid by a key identifier of nobody', BROKEN, {'sid': ctxp(0, bytes(20))}
    yield 'version of the sid wrong', ('BROKEN', 'UNSUPPORTED'), {'info_version': 3}
    yield 'no certificate', BROKEN, {'certs': []}
    yield 'only another certificate', BROKEN, {'certs': [other.cert]}
    yield 'algorithm protection names another digest', BROKEN, more(P.attribute('algProtect', seq(algorithm('sha512'), ctx(1, oid('sha512-rsa'), NULL))))
    yield 'bytes behind the SignedData', BROKEN, {'tail': [integer(1)]}
    yield 'bytes behind the content', BROKEN, {'outer_tail': [NULL]}
    yield 'bytes behind the SignerInfo', BROKEN, {'info_tail': [NULL]}
    yield 'version 9', BROKEN, {'version': 9}
    yield 'type is data', BROKEN, {'outer': 'data'}
    yield 'GM type around a standard one', ('INTACT', 'BROKEN'), {'outer': 'gmSignedData'}
    yield 'MD5', ('INTACT', 'UNSUPPORTED'), {'md': 'md5', 'sig_alg': algorithm('1.2.840.113549.1.1.4', NULL)}
    yield 'an unknown digest', UNSUPPORTED, {'digest_alg': algorithm('1.3.6.1.4.1.99999.7'), 'sig_alg': algorithm('1.3.6.1.4.1.99999.8')}
    yield 'digest of other bytes', TAMPERED, {'digest_of': b'another document'}
    yield 'digest of nothing', TAMPERED, {'digest_of': b''}
    yield 'value of zeros', BROKEN, {'value': lambda *a: bytes(256)}
    yield 'value empty', BROKEN, {'value': lambda *a: b''}
    yield 'value cut', BROKEN, {'value': lambda signer, tbs: signer.sign(tbs, 'sha256', '')[:-1]}
    yield 'value with a byte more', BROKEN, {'value': lambda signer, tbs: signer.sign(tbs, 'sha256', '') + b'\0'}
    yield 'value over the attributes tagged [0]', BROKEN, {'value': lambda signer, tbs: signer.sign(b'\xa0' + tbs[1:], 'sha256', '')}
    yield 'value over the content, attributes beside it', BROKEN, {'value': lambda signer, tbs: signer.sign(b'content', 'sha256', '')}
    yield 'value of another key', BROKEN, {'value': lambda signer, tbs: other.sign(tbs, 'sha256', '')}
    yield 'value with another digest OID in its DigestInfo', NEVER, {'value': lambda signer, tbs: signer.pkcs1('sha256', b'', seq(
        algorithm('sha512', NULL), octets(P.digest('sha256', tbs))))}
    yield 'value with bytes behind the DigestInfo', BROKEN, {'value': lambda signer, tbs: signer.pkcs1('sha256', b'', seq(
        algorithm('sha256', NULL), octets(P.digest('sha256', tbs))) + b'\0\0')}
    yield 'another certificate of the same authority beside it', GOOD, {'certs': [s.cert, other.cert]}


def pss_tables(kit):
    o = {'scheme': 'pss'}
    yield 'PSS', GOOD, o
    yield 'PSS with sha512', GOOD, {**o, 'md': 'sha512'}
    yield 'PSS, salt of 20 bytes as it says', ('INTACT', 'BROKEN'), {**o, 'salt': 20}
    yield 'PSS with another MGF digest', BROKEN, {**o, 'mgf': 'sha512'}
    yield 'PSS with MGF1 of SHA-1', BROKEN, {**o, 'mgf': 'sha1'}
    yield 'PSS parameters name SHA-512', BROKEN, {**o, 'pss_params': P.pss_parameters('sha512', 'sha512', 32)}
    yield 'PSS parameters name another MGF digest', BROKEN, {**o, 'pss_params': P.pss_parameters('sha256', 'sha512', 32)}
    yield 'PSS without parameters', BROKEN, {**o, 'pss_params': None}
    yield 'PSS with empty parameters', BROKEN, {**o, 'pss_params': seq()}
    yield 'PSS with another salt length', BROKEN, {**o, 'salt_said': 20}
    yield 'PSS with trailer 2', BROKEN, {**o, 'pss_params': P.pss_parameters('sha256', 'sha256', 32, 2)}
    yield 'PSS said, PKCS#1 done', BROKEN, {**o, 'value': lambda signer, tbs: signer.sign(tbs, 'sha256', '')}
    yield 'PKCS#1 said, PSS done', BROKEN, {'value': lambda signer, tbs: signer.sign(tbs, 'sha256', 'pss')}


def detached_adbe(kit):
    """adbe.pkcs7.detached: what it tolerates and what it does not."""
    s = kit.signer
    yield 'no attributes', GOOD, {'no_attrs': True}
    yield 'no attributes, other bytes', TAMPERED, {'no_attrs': True, 'digest_of': b'another document'}
    yield 'no attributes, value of zeros', BROKEN, {'no_attrs': True, 'value': lambda *a: bytes(256)}
    yield 'no signingCertificate', GOOD, {'ess': None, 'signing_time': True}
    yield 'signingCertificate in its first form', GOOD, {'ess': 'v1'}
    yield 'wrong signingCertificate', BROKEN, {'ess_of': kit.second}
    yield 'eContent', BROKEN, {'econtent': octets(b'x')}
    yield 'two SignerInfos', BROKEN, {'signers': [s, s]}
    yield 'attributes not sorted', BROKEN, {'unsorted': True, 'ess': None, 'attrs': lambda *a: sorted(P.signed_attributes(*a, {'ess': None}), reverse=True)}
    yield 'messageDigest missing', BROKEN, {'attrs': lambda *a: [P.attribute('contentType', oid('data'))]}
    yield 'SHA-1', GOOD, {'md': 'sha1', 'ess': None}


def algorithms(kit):
    ec, ec384, ed = kit.get('ec', 'ec'), kit.get('ec384', 'ec384'), kit.get('ed', 'ed25519')
    small = kit.get('small', 'rsa1024')
    yield 'ECDSA', GOOD, ec, {}
    yield 'ECDSA with a zero value', BROKEN, ec, {'value': lambda *a: seq(integer(0), integer(0))}
    yield 'ECDSA with a negative value', BROKEN, ec, {'value': lambda *a: seq(integer(-1), integer(1))}
    yield 'ECDSA, raw r and s', BROKEN, ec, {'value': lambda signer, tbs: bytes(64)}
    yield 'ECDSA with bytes behind the value', BROKEN, ec, {'value': lambda signer, tbs: signer.sign(tbs, 'sha256', '') + b'\0'}
    yield 'ECDSA OID with SHA-384, SHA-256 used', BROKEN, ec, {'sig_alg': algorithm('sha384-ecdsa')}
    yield 'ECDSA said, RSA key', BROKEN, kit.signer, {'sig_alg': algorithm('sha256-ecdsa')}
    yield 'RSA said, EC key', BROKEN, ec, {'sig_alg': algorithm('sha256-rsa', NULL)}
    yield 'SM2 said, P-256 key', BROKEN, ec, {'md': 'sm3', 'sig_alg': algorithm('sm2-sm3'), 'value': lambda signer, tbs: signer.sign(tbs, 'sha256', '')}
    yield 'P-384', GOOD, ec384, {'md': 'sha384'}
    yield 'Ed25519', UNSUPPORTED, ed, {'md': 'sha512'}
    yield 'RSA of 1024 bits', GOOD, small, {}
    yield 'certificate of a web server', GOOD, kit.get('web', profile='web'), {}


def sm2(kit):
    s, plain = kit.get('gm', 'sm2'), {}
    yield 'SM2', GOOD, s, plain
    yield 'SM2 with parameters NULL', GOOD, s, {'sig_alg': algorithm('sm2-sm3', NULL), 'md_params': [NULL]}
    yield 'GM types', GOOD, s, {'gm': True, 'sig_alg': algorithm('sm2')}
    yield 'GM types with the signature OID of CMS', GOOD, s, {'gm': True}
    yield 'another ID', BROKEN, s, {'sm2_id': b'8765432187654321'}
    yield 'empty ID', BROKEN, s, {'sm2_id': b''}
    yield 'ID with a byte less', BROKEN, s, {'sm2_id': b'123456781234567'}
    yield 'GM types, empty ID', BROKEN, s, {'gm': True, 'sig_alg': algorithm('sm2'), 'sm2_id': b''}
    yield 'GM type outside, standard attribute inside', BROKEN, s, {'gm': True, 'attr_type': 'data'}
    yield 'standard types, attribute of GM', BROKEN, s, {'attr_type': 'gmData'}
    yield 'SM2 with SHA-256', BROKEN, s, {'md': 'sha256', 'sig_alg': algorithm('sm2-sm3'), 'value': lambda signer, tbs: signer.sm2(tbs)}
    yield 'SM2 key, ECDSA said', BROKEN, s, {'md': 'sha256', 'sig_alg': algorithm('sha256-ecdsa'), 'value': lambda signer, tbs: signer.sm2(tbs)}
    yield 'SM2 over other bytes', TAMPERED, s, {'digest_of': b'another document'}
    yield 'SM2 with a byte behind the value', BROKEN, s, {'value': lambda signer, tbs: signer.sm2(tbs) + b'\0'}
    yield 'SM2 with a zero value', BROKEN, s, {'value': lambda *a: seq(integer(0), integer(0))}
    yield 'Z in the digest of the message', TAMPERED, s, {'digest_value': P.digest('sm3', b'Z and message')}


def timestamps(kit):
    """name, want, unsigned attributes."""
    tsa, t = kit.tsa, P.stamped
    day = datetime.timedelta(days=1)
    gm_tsa = kit.get('gm-tsa', 'sm2', 'tsa')
    ec_tsa = kit.get('ec-tsa', 'ec', 'tsa')
    raw = lambda **o: (lambda signature: [P.attribute('timestampToken', P.token(tsa, signature, **o))])
    yield 'right', GOOD, t(tsa)
    yield 'by openssl ts', GOOD, lambda signature: [P.attribute('timestampToken', P.openssl_token(kit.pki, tsa, signature))]
    yield 'without a nonce', GOOD, t(tsa, nonce=None)
    yield 'with a huge nonce', GOOD, t(tsa, nonce=1 << 200)
    yield 'SHA-512 imprint', GOOD, t(tsa, imprint_md='sha512')
    yield 'SM3 imprint', GOOD, t(tsa, imprint_md='sm3')
    yield 'by an SM2 authority', GOOD, t(gm_tsa, imprint_md='sm3')
    yield 'by an ECDSA authority', GOOD, t(ec_tsa)
    yield 'imprint of other bytes', TST_BAD, t(tsa, imprint=bytes(32))
    yield 'imprint of the SignedData', TST_BAD, lambda signature: [P.attribute('timestampToken', P.token(tsa, b'x' + signature))]
    yield 'token of another signature', TST_BAD, lambda signature: [P.attribute('timestampToken', P.token(tsa, b'the other signature'))]
    yield 'two tokens, one copied', TST_BAD, lambda signature: [P.attribute('timestampToken', P.token(tsa, signature), P.token(tsa, b'other'))]
    yield 'usage not critical', TST_BAD, t(kit.get('tsa-soft', profile='tsa_soft'))
    yield 'two usages', TST_BAD, t(kit.get('tsa-more', profile='tsa_more'))
    yield 'no usage', TST_BAD, t(kit.get('tsa-none', profile='tsa_none'))
    yield 'by an ordinary signer', TST_BAD, t(kit.second)
    yield 'before its certificate', TST_BAD, t(tsa, at=P.now() - 4000 * day)
    yield 'after its certificate', TST_BAD, t(tsa, at=P.now() + 4000 * day)
    yield 'no signingCertificate in the token', TST_BAD, t(tsa, ess=None)
    yield 'signingCertificate of another in the token', TST_BAD, t(tsa, ess_of=kit.second)
    yield 'token with a wrong value', TST_BAD, t(tsa, value=lambda *a: bytes(256))
    yield 'token of an empty-ID SM2 authority', TST_BAD, t(gm_tsa, sm2_id=b'')
    yield 'token without attributes', TST_BAD, t(tsa, no_attrs=True)
    yield 'token without content', TST_BAD, lambda signature: [P.attribute('timestampToken', P.signed_data(
        tsa, P.tst_info(P.digest('sha256', signature)), content_type='tstInfo', version=3))]
    yield 'token with data instead of TSTInfo', TST_BAD, raw(info=octets(b'data'), content_type='data')
    yield 'TSTInfo is no TSTInfo', TST_BAD, raw(info=seq(integer(1)))
    yield 'TSTInfo of version 2', TST_BAD, raw(tst_version=2)
    yield 'TSTInfo with a tail', TST_BAD, raw(tst_tail=[NULL])
    yield 'imprint shorter than its digest', TST_BAD, raw(imprint=bytes(20))
    yield 'a token that is no token', TST_BAD, lambda signature: [P.attribute('timestampToken', seq(integer(1)))]
    yield 'attribute without a token', ('TST_BAD', 'BROKEN'), lambda signature: [P.attribute('timestampToken')]


def cases(kit):
    for name, want, o in attribute_tables(kit):
        yield case('cms', name, want, kit.base.sign(kit.cms(**o)))
    for name, want, o in pss_tables(kit):
        yield case('cms-pss', name, want, kit.base.sign(kit.cms(**o)))
    for name, want, o in detached_adbe(kit):
        yield case('cms-adbe', name, want, kit.base.sign(kit.cms(**o), **ADBE))
    for name, want, signer, o in algorithms(kit):
        trust = {'certificate of a web server': None}
        exit = {'certificate of a web server': 1}.get(name) if name in trust else None
        yield case('algorithms', name, want, kit.base.sign(kit.cms(signer, **o)), exit=exit)
    for name, want, signer, o in sm2(kit):
        yield case('sm2', name, want, kit.base.sign(kit.cms(signer, **o)))
    for name, want, unsigned in timestamps(kit):
        yield case('timestamp', name, want, kit.base.sign(kit.cms(unsigned=unsigned), reserve=8192))
    yield from document_timestamps(kit)
    yield from shapes_of_contents(kit)
    yield from old_formats(kit)
    yield from seals(kit)


def document_timestamps(kit):
    stamp = {'field': 14, 'sub': b'ETSI.RFC3161', 'type': b'/Type/DocTimeStamp', 'm': None}
    day = datetime.timedelta(days=1)
    good = kit.stamped_file(kit.signed)
    yield case('doc-timestamp', 'behind a signature', GOOD, good)
    yield case('doc-timestamp', 'alone', GOOD, kit.stamped_file(kit.base))
    rows = [('imprint of other bytes', TST_BAD, {'imprint': bytes(32)}),
            ('usage not critical', TST_BAD, None), ('before its certificate', TST_BAD, {'at': P.now() - 4000 * day}),
            ('wrong value', TST_BAD, {'value': lambda *a: bytes(256)}), ('no signingCertificate', TST_BAD, {'ess': None})]
    for name, want, o in rows:
        tsa = kit.get('tsa-soft', profile='tsa_soft') if o is None else kit.tsa
        yield case('doc-timestamp', name, want, kit.signed.sign(kit.stamp(tsa, **(o or {})), **stamp))
    copied = []

    def keep(covered):
        copied.append(kit.stamp()(covered))
        return copied[0]
    kit.base.sign(keep, **stamp)
    yield case('timestamp copying', 'document timestamp of another file', TST_BAD, kit.signed.sign(lambda covered: copied[0], **stamp))
    yield case('timestamp copying', 'document timestamp of the same file, an older revision', TST_BAD,
               kit.signed.sign(lambda covered: P.token(kit.tsa, kit.signed.data), **stamp))
    yield case('doc-timestamp', 'a signature instead of a token', NEVER, kit.signed.sign(kit.cms(), **stamp))
    yield case('doc-timestamp', 'a token instead of a signature', BROKEN, kit.base.sign(kit.stamp()))
    yield case('doc-timestamp', 'no /Type', NEVER, kit.signed.sign(kit.stamp(), **{**stamp, 'type': b''}))
    yield case('doc-timestamp', 'type of a signature', BROKEN, kit.signed.sign(kit.stamp(), **{**stamp, 'type': b'/Type/Sig'}))
    yield case('doc-timestamp', 'type of a timestamp, signature inside', BROKEN, kit.signed.sign(kit.cms(), field=11, type=b'/Type/DocTimeStamp'))


def shapes_of_contents(kit):
    """How the DER lies in Contents."""
    pad = lambda der, width: der.hex().encode()
    yield case('contents', 'indefinite lengths', GOOD, kit.base.sign(kit.cms(indefinite=True), sub=b'adbe.pkcs7.detached'))
    for name, tail in (('one', b'01'), ('far off', b'00' * 300 + b'ff'), ('another SignedData', None)):
        def contents(der, width, tail=tail):
            return der.hex().encode() + (tail if tail else der.hex().encode())
        yield case('contents', 'non-zero bytes behind the CMS: ' + name, BROKEN, kit.base.sign(kit.cms(), contents=contents))
    yield case('contents', 'cut', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: der[:-300].hex().encode()))
    yield case('contents', 'no ASN.1', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'ff' * 100))
    yield case('contents', 'zeros', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'00'))
    yield case('contents', 'length of 4 GiB', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'3084ffffffff' + pad(der, width)))
    yield case('contents', 'length negative', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'3088ffffffffffffffff' + pad(der, width)))
    yield case('contents', 'deep nesting', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'3080' * 1500))
    yield case('contents', 'zeros in front', BROKEN, kit.base.sign(kit.cms(), contents=lambda der, width: b'0000' + pad(der, width)))


def old_formats(kit):
    """adbe.pkcs7.sha1 and adbe.x509.rsa_sha1: read only, weak."""
    s, sha1 = kit.signer, lambda data: hashlib.sha1(data).digest()
    sub = {'sub': b'adbe.pkcs7.sha1'}

    def inner(covered, of=None, **o):
        content = sha1(of or covered)
        return P.signed_data(s, content, econtent=octets(content), **{'ess': None, **o})
    yield case('old formats', 'adbe.pkcs7.sha1', GOOD, kit.base.sign(inner, **sub))
    yield case('old formats', 'adbe.pkcs7.sha1 with SHA-256 in the CMS', GOOD, kit.base.sign(lambda c: inner(c, md='sha256'), **sub))
    yield case('old formats', 'adbe.pkcs7.sha1 of other bytes', TAMPERED, kit.base.sign(lambda c: inner(c, of=b'another document'), **sub))
    yield case('old formats', 'adbe.pkcs7.sha1 without content', BROKEN, kit.base.sign(kit.cms(ess=None), **sub))
    yield case('old formats', 'adbe.pkcs7.sha1 with the file as content', TAMPERED,
               kit.base.sign(lambda c: P.signed_data(s, c[:200], econtent=octets(c[:200]), ess=None), **sub))
    raw = {'sub': b'adbe.x509.rsa_sha1', 'sig': b'/Cert<' + s.cert.hex().encode() + b'>'}
    value = lambda covered: octets(s.pkcs1('sha1', sha1(covered)))
    yield case('old formats', 'adbe.x509.rsa_sha1', GOOD, kit.base.sign(value, **raw))
    chain = b'/Cert[<' + s.cert.hex().encode() + b'><' + kit.pki.root.cert.hex().encode() + b'>]'
    yield case('old formats', 'adbe.x509.rsa_sha1 with a chain', GOOD, kit.base.sign(value, **{**raw, 'sig': chain}))
    yield case('old formats', 'adbe.x509.rsa_sha1 of other bytes', TAMPERED, kit.base.sign(lambda c: value(b'x'), **raw))
    yield case('old formats', 'adbe.x509.rsa_sha1 with zeros', BROKEN, kit.base.sign(lambda c: octets(bytes(256)), **raw))
    yield case('old formats', 'adbe.x509.rsa_sha1 without certificate', BROKEN, kit.base.sign(value, **{**raw, 'sig': b''}))
    other = b'/Cert<' + kit.second.cert.hex().encode() + b'>'
    yield case('old formats', 'adbe.x509.rsa_sha1 with another certificate', BROKEN, kit.base.sign(value, **{**raw, 'sig': other}))
    yield case('old formats', 'adbe.x509.rsa_sha1 holding a CMS', BROKEN, kit.base.sign(kit.cms(), **raw))


def seals(kit):
    """GB/T 38540 is recognised; what is in it is not judged. Formats that nobody knows."""
    s = kit.get('gm', 'sm2')

    def seal(covered, of=None):
        ia5, day = lambda text: tlv(0x16, text), general_time(P.now())
        info = seq(seq(ia5(b'ES'), integer(4), ia5(b'TEST')), ia5(b'TEST-seal-1'),
                   seq(integer(1), tlv(0x0c, b'TEST seal'), integer(1), seq(octets(s.cert)), day, day, general_time(P.now() + datetime.timedelta(days=900))),
                   seq(ia5(b'png'), octets(b'picture'), integer(40), integer(40)))
        eseal = seq(info, octets(s.cert), oid('sm2-sm3'), tlv(3, b'\0' + s.sm2(info)))
        tbs = seq(integer(4), eseal, general_time(P.now()), tlv(3, b'\0' + P.digest('sm3', of or covered)), ia5(b'/1'))
        return seq(tbs, octets(s.cert), oid('sm2-sm3'), tlv(3, b'\0' + s.sm2(tbs)))
    yield case('seal', 'GB/T 38540', UNSUPPORTED, kit.base.sign(seal, sub=b'GM.sm2seal'))
    yield case('seal', 'GB/T 38540 over other bytes', ('TAMPERED', 'BROKEN'), kit.base.sign(lambda c: seal(c, b'other'), sub=b'GM.sm2seal'))
    yield case('seal', 'unknown format', UNSUPPORTED, kit.base.sign(kit.cms(), sub=b'vendor.unknown'))
