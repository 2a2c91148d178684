#!/bin/sh
# qyq bench sign and verify as other engines are compared with them: one JSON line, outputs that are good signatures, and a
# large document in little memory. No time is asserted. usage: bench.sh QYQ
set -u
qyq=$(realpath "$1")
. "$(dirname "$0")/tap.sh"
cd "$dir" || exit 1
# Sanitizers need memory of their own: no figures of it are looked at then.
limit=48
ldd "$qyq" | grep -q libasan && limit=4096
export limit

# p12 NAME GENPKEY-ARGUMENTS… with the digest options of the certificate in $sig
p12() {
    name=$1
    shift
    openssl genpkey "$@" -out k.pem 2>/dev/null &&
        openssl req -x509 -new -key k.pem $sig -subj "/CN=TEST $name" -days 2 -out "$name.pem" 2>/dev/null &&
        openssl pkcs12 -export -inkey k.pem -in "$name.pem" -passout pass:TEST -out "$name.p12"
}
sig='-sha256'
p12 rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
p12 p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
sig='-sm3 -sigopt distid:1234567812345678'
p12 sm2 -algorithm SM2
echo TEST >pass

# document NAME MEGABYTES: one page, and streams that nothing uses
document() {
    /usr/bin/python3 - "$1" "$2" <<'END'
import os, sys
out, at = bytearray(b'%PDF-1.7\n'), []
for body in [b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Count 1/Kids[3 0 R]>>', b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>'] + \
        [b'<</Length 1048576>>\nstream\n' + os.urandom(1 << 20) + b'\nendstream' for _ in range(int(sys.argv[2]))]:
    at.append(len(out))
    out += b'%d 0 obj\n' % len(at) + body + b'\nendobj\n'
x = len(out)
out += b'xref\n0 %d\n0000000000 65535 f \n' % (len(at) + 1) + b''.join(b'%010d 00000 n \n' % a for a in at)
out += b'trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' % (len(at) + 1, x)
open(sys.argv[1], 'wb').write(out)
END
}
document small.pdf 0
document large.pdf 100

# line FILE N SELF_CHECK: the members of the contract, in order, with sane values
line() {
    /usr/bin/python3 - "$@" <<'END'
import json, os, sys
row = json.loads(open(sys.argv[1]).read())
want = ['alg', 'n', 'ok', 'wall_s', 'docs_per_s', 'cpu_s', 'docs_per_cpu_s', 'p50_ms', 'p95_ms', 'max_ms', 'first_doc_s', 'peak_rss_mib', 'out_bytes',
        'ceiling_per_s', 'self_check']
assert list(row) == want, list(row)
assert row['n'] == row['ok'] == int(sys.argv[2]) and row['self_check'] == (sys.argv[3] == 'true'), row
assert row['docs_per_s'] > 0 and row['ceiling_per_s'] > 0 and row['p50_ms'] <= row['p95_ms'] <= row['max_ms'], row
assert row['peak_rss_mib'] < int(os.environ['limit']), row
END
}

small_memory() {
    /usr/bin/python3 - "$@" <<'END'
import os, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
assert code in (0, 2), code
assert peak < int(os.environ['limit']), f'{peak} MiB'
END
}

for alg in rsa p256 sm2; do
    "$qyq" bench sign --alg $alg --n 11 --in small.pdf --p12 $alg.p12 --pass-file pass --out-dir out-$alg --json >$alg.json
    check "$alg: one line of figures" line $alg.json 11 false
    check "$alg: eight files under their names and nothing else" test "$(ls -A out-$alg | tr '\n' ' ')" = '0.pdf 1.pdf 2.pdf 3.pdf 4.pdf 5.pdf 6.pdf 7.pdf '
    check "$alg: what was written is valid" exits 0 "$qyq" verify --trust $alg.pem out-$alg/0.pdf out-$alg/2.pdf out-$alg/7.pdf
    "$qyq" bench sign --alg $alg --n 2 --in small.pdf --p12 $alg.p12 --pass-file pass --out-dir out-$alg --json --self-check >$alg.json
    check "$alg: with self-check" line $alg.json 2 true
done
"$qyq" bench sign --alg p256 --n 2 --in large.pdf --p12 p256.p12 --pass-file pass --out-dir large --json --self-check >large.json
check "a document of 100 MB does not stay in memory" line large.json 2 true
check "and is valid" exits 0 "$qyq" verify --trust p256.pem large/1.pdf
rm -r large
check "nor does qyq sign keep it" small_memory "$qyq" sign large.pdf signed.pdf --p12 p256.p12 --pass-file pass
check "nor qyq verify" small_memory "$qyq" verify --trust p256.pem signed.pdf
check "the table over all algorithms" exits 0 "$qyq" bench verify --seconds 0
check "a key of another kind" exits 1 "$qyq" bench sign --alg rsa --n 1 --in small.pdf --p12 p256.p12 --pass-file pass --json
check "a missing document" exits 1 "$qyq" bench sign --alg rsa --n 1 --in none.pdf --p12 rsa.p12 --pass-file pass --json
check "an unknown algorithm" exits 1 "$qyq" bench sign --alg dsa --n 1 --in small.pdf --p12 rsa.p12 --pass-file pass --json
check "options of another measurement" exits 64 "$qyq" bench verify --alg rsa
echo "1..$n"
