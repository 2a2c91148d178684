#!/bin/sh
# qyq testca from outside: exit codes, files and their modes, a service that starts and stops, nothing of it in production.
# usage: testca.sh QYQ
set -u
qyq=$1
. "$(dirname "$0")/tap.sh"

mode() {
    test "$(stat -c %a "$2")" = "$1"
}

issue() {
    "$qyq" testca issue --dir "$dir/ca" --name 试用者 --key-out "$dir/k.pem" --cert-out "$dir/c.pem" --chain-out "$dir/chain.pem"
}

# The service prints its addresses once it listens.
started() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        url=$(sed -n 's/^TEST CA *//p' "$dir/out")
        test -n "$url" && return 0
        sleep 0.2
    done
    return 1
}

# ask URL QUERY REPLY
ask() {
    python3 -c '
import sys, urllib.request
url, query, reply = sys.argv[1:]
request = urllib.request.Request(url, open(query, "rb").read(), {"Content-Type": "application/timestamp-query"})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
open(reply, "wb").write(opener.open(request, timeout=10).read())' "$@"
}

check "issue before init is refused" exits 1 issue
check "init" exits 0 "$qyq" testca init --dir "$dir/ca"
cp "$dir/ca/root.pem" "$dir/root.pem"
check "init again changes nothing" exits 0 "$qyq" testca init --dir "$dir/ca"
check "the root is the same" cmp "$dir/ca/root.pem" "$dir/root.pem"
check "keys are private" mode 600 "$dir/ca/ca.key"
check "the token is private" mode 600 "$dir/ca/token"
check "issue" exits 0 issue
check "the key is private" mode 600 "$dir/k.pem"
check "openssl accepts the chain" openssl verify -x509_strict -CAfile "$dir/root.pem" -untrusted "$dir/chain.pem" "$dir/c.pem"
check "issue with SM2" exits 0 "$qyq" testca issue --dir "$dir/ca" --name 试用者 --sm2 --key-out "$dir/k2.pem" --cert-out "$dir/c2.pem"
openssl x509 -in "$dir/c2.pem" -noout -text >"$dir/c2.txt"
check "its key is SM2" grep -q "ASN1 OID: SM2" "$dir/c2.txt"
check "it names its revocation list" grep -q "URI:http://127.0.0.1:8090/ca/crl-sm2" "$dir/c2.txt"
check "revoke" exits 0 "$qyq" testca revoke --dir "$dir/ca" --cert "$dir/c2.pem"
check "revoke what was issued elsewhere" exits 1 "$qyq" testca revoke --dir "$dir/ca" --cert "$dir/ca/root.pem"
check "refused in production" exits 1 env QYQ_MODE=production "$qyq" testca init --dir "$dir/prod"
check "and nothing made" test ! -e "$dir/prod"
check "no folder" exits 64 "$qyq" testca init
check "no such action" exits 64 "$qyq" testca revoke --dir "$dir/ca"
check "bad port" exits 64 "$qyq" testca serve --dir "$dir/ca" --port 99999
check "help" exits 0 "$qyq" testca --help
"$qyq" testca serve --dir "$dir/ca" --port 0 >"$dir/out" 2>&1 &
pid=$!
check "serve" started
check "a second server on the folder is refused" exits 1 "$qyq" testca serve --dir "$dir/ca" --port 0
url=$(sed -n 's/^TEST CA *//p' "$dir/out")
openssl ts -query -data "$dir/c.pem" -sha256 -cert -out "$dir/q.tsq" 2>"$dir/log"
check "a timestamp over HTTP" ask "$url/tsa" "$dir/q.tsq" "$dir/r.tsr"
check "openssl accepts it" openssl ts -verify -queryfile "$dir/q.tsq" -in "$dir/r.tsr" -CAfile "$dir/root.pem" -untrusted "$dir/chain.pem"
kill "$pid"
wait "$pid"
stopped=$?
pid=
check "a signal stops it cleanly" test "$stopped" -eq 0
echo "1..$n"
