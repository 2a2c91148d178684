"""DER by hand (X.690), so that every malformed shape can be made; and just enough reading to take OpenSSL's output apart."""

OID = {
    'data': '1.2.840.113549.1.7.1', 'signedData': '1.2.840.113549.1.7.2',
    'gmData': '1.2.156.10197.6.1.4.2.1', 'gmSignedData': '1.2.156.10197.6.1.4.2.2',
    'tstInfo': '1.2.840.113549.1.9.16.1.4',
    'contentType': '1.2.840.113549.1.9.3', 'messageDigest': '1.2.840.113549.1.9.4', 'signingTime': '1.2.840.113549.1.9.5',
    'counterSignature': '1.2.840.113549.1.9.6', 'algProtect': '1.2.840.113549.1.9.52',
    'signingCert': '1.2.840.113549.1.9.16.2.12', 'signingCertV2': '1.2.840.113549.1.9.16.2.47',
    'timestampToken': '1.2.840.113549.1.9.16.2.14', 'smimeCapabilities': '1.2.840.113549.1.9.15',
    'md5': '1.2.840.113549.2.5', 'sha1': '1.3.14.3.2.26', 'sha256': '2.16.840.1.101.3.4.2.1', 'sha384': '2.16.840.1.101.3.4.2.2',
    'sha512': '2.16.840.1.101.3.4.2.3', 'sm3': '1.2.156.10197.1.401',
    'rsa': '1.2.840.113549.1.1.1', 'sha1-rsa': '1.2.840.113549.1.1.5', 'sha256-rsa': '1.2.840.113549.1.1.11',
    'sha384-rsa': '1.2.840.113549.1.1.12', 'sha512-rsa': '1.2.840.113549.1.1.13', 'pss': '1.2.840.113549.1.1.10',
    'mgf1': '1.2.840.113549.1.1.8', 'sha256-ecdsa': '1.2.840.10045.4.3.2', 'sha384-ecdsa': '1.2.840.10045.4.3.3',
    'sha512-ecdsa': '1.2.840.10045.4.3.4', 'sm2-sm3': '1.2.156.10197.1.501', 'sm2': '1.2.156.10197.1.301.1',
    'ed25519': '1.3.101.112',
}


def tlv(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(size)]) + size + body


def seq(*parts):
    return tlv(0x30, *parts)


def set_of(*parts, ordered=True):
    return tlv(0x31, *(sorted(parts) if ordered else parts))


def ctx(n, *parts):
    return tlv(0xa0 | n, *parts)


def ctxp(n, *parts):
    return tlv(0x80 | n, *parts)


def integer(v):
    return tlv(2, v.to_bytes(v.bit_length() // 8 + 1, 'big', signed=True))


def octets(v):
    return tlv(4, v)


NULL = tlv(5)


def oid(name):
    numbers = [int(x) for x in OID.get(name, name).split('.')]
    out = bytearray()
    for v in [numbers[0] * 40 + numbers[1]] + numbers[2:]:
        part = [v & 127]
        while v := v >> 7:
            part.append(v & 127 | 128)
        out += bytes(reversed(part))
    return tlv(6, bytes(out))


def utc_time(t):
    return tlv(0x17, t.strftime('%y%m%d%H%M%SZ').encode())


def general_time(t):
    return tlv(0x18, t.strftime('%Y%m%d%H%M%SZ').encode())


def algorithm(name, *params):
    return seq(oid(name), *params)


def indefinite(tag, *parts):
    """The same element with an indefinite length (BER only)."""
    return bytes([tag, 0x80]) + b''.join(parts) + b'\0\0'


def read(b, at=0):
    """(tag, body, end) of the element at a place."""
    n, start = b[at + 1], at + 2
    if n & 0x80:
        start += n & 0x7f
        n = int.from_bytes(b[at + 2:start], 'big')
    return b[at], b[start:start + n], start + n


def items(body):
    """The elements of a body, each whole."""
    at, out = 0, []
    while at < len(body):
        end = read(body, at)[2]
        out.append(body[at:end])
        at = end
    return out


def inside(b):
    return items(read(b)[1])
