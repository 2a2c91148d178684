#!/bin/sh
# qyq sign and qyq verify from outside: a rendered contract is signed by three keys with timestamps, checked by ourselves and by poppler;
# exit codes; whole files or none.
# usage: sign.sh QYQ SOURCE_ROOT
set -u
qyq=$1
data=$2/schemas/contract.example.json
. "$(dirname "$0")/tap.sh"

# The service prints its addresses once it listens.
started() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        tsa=$(sed -n 's/^TEST TSA *//p' "$dir/out")
        test -n "$tsa" && return 0
        sleep 0.2
    done
    return 1
}

# sign IN OUT OPTION…
sign() {
    in=$1 out=$2
    shift 2
    "$qyq" sign "$dir/$in" "$dir/$out" --key "$dir/k.pem" --cert "$dir/c.pem" --chain "$dir/chain.pem" "$@"
}

verify() {
    "$qyq" verify --trust "$dir/ca/root.pem" "$@"
}

# json FILE EXPRESSION: a Python expression over the report r is true
json() {
    verify --json "$dir/$1" | python3 -c '
import json, sys
r = json.loads(sys.stdin.readline())
ok = eval("(" + sys.argv[1] + ")")
print(json.dumps(r, ensure_ascii=False, indent=1))
sys.exit(0 if ok else 1)' "$2"
}

says() {
    verify "$dir/3.pdf" | grep -q "$1"
}

pdfsig_counts() {
    test "$(pdfsig -nocert "$dir/$1" | grep -c 'Signature is Valid')" -eq "$2" &&
        pdfsig -nocert "$dir/$1" | grep -q 'Total document signed'
}

check "test CA" "$qyq" testca init --dir "$dir/ca"
check "key and certificate" "$qyq" testca issue --dir "$dir/ca" --name "TEST 试用者" --key-out "$dir/k.pem" --cert-out "$dir/c.pem" \
    --chain-out "$dir/chain.pem"
"$qyq" testca serve --dir "$dir/ca" --port 0 >"$dir/out" 2>&1 &
pid=$!
check "test TSA" started
check "contract" "$qyq" render fixed-term-full-time "$data" "$dir/base.pdf"
pdftoppm -r 30 -png -f 1 -singlefile "$dir/base.pdf" "$dir/stamp"

check "not signed" exits 3 verify "$dir/base.pdf"
check "certified" exits 0 sign base.pdf 1.pdf --certify 2 --field Lock --tsa "$tsa"
check "the worker signs" exits 0 sign 1.pdf 2.pdf --field Worker --image "$dir/stamp.png" --tsa "$tsa" --reason 同意
check "the employer signs" exits 0 sign 2.pdf 3.pdf --field Employer --tsa "$tsa"
check "valid and trusted" exits 0 verify "$dir/3.pdf"
check "the report in JSON" json 3.pdf 'r["integrity"] == "INTACT" and r["trust"] == "PASSED" and r["verdict"] == "valid"
    and r["strength"] == "ok" and [s["field"] for s in r["signatures"]] == ["Lock", "Worker", "Employer"]
    and [s["coverage"] for s in r["signatures"]] == ["revision", "revision", "whole"]
    and r["signatures"][0]["kind"] == "certification" and r["signatures"][1]["kind"] == "approval"
    and all(s["level"] == "B-T" and s["timestamp"]["valid"] and s["digest"] == "sha256" for s in r["signatures"])'
check "poppler agrees" pdfsig_counts 3.pdf 3
check "qpdf finds nothing" qpdf --check "$dir/3.pdf"
check "what was signed is handed out" exits 0 verify --extract "$dir/x" "$dir/3.pdf"
check "and is the certified file" cmp "$dir/x/3.pdf.1.pdf" "$dir/1.pdf"
check "in words" says '^结论：有效'
check "without a trusted root" exits 2 "$qyq" verify "$dir/3.pdf"
check "of several files the worst" exits 3 verify "$dir/3.pdf" "$dir/base.pdf"

{ cat "$dir/3.pdf"; printf 'more'; } >"$dir/longer.pdf"
check "something behind the end" exits 1 verify "$dir/longer.pdf"
sed 's/Employer/EmployeR/' "$dir/3.pdf" >"$dir/changed.pdf"
check "a changed byte" exits 1 verify "$dir/changed.pdf"
check "of several files 1 before 3" exits 1 verify "$dir/3.pdf" "$dir/changed.pdf" "$dir/base.pdf"

check "signed already" exits 1 sign 3.pdf 4.pdf --field Worker
check "nothing written" absent "$dir/4.pdf"
check "new visible field after certification" exits 1 sign 3.pdf 4.pdf --page 1 --rect 10,10,90,40
check "no PDF" exits 3 sign k.pem 4.pdf
check "no such file" exits 74 sign none.pdf 4.pdf
check "no such timestamp authority" exits 4 sign base.pdf 4.pdf --tsa http://127.0.0.1:1/
check "level lta without validation data" exits 1 sign base.pdf 4.pdf --level lta --tsa "$tsa"
check "level t without an authority" exits 64 sign base.pdf 4.pdf --level t
check "no key" exits 64 "$qyq" sign "$dir/base.pdf" "$dir/4.pdf"
check "still nothing written" absent "$dir/4.pdf"
check "place that cannot be written" exits 74 sign base.pdf none/4.pdf

openssl pkcs12 -export -inkey "$dir/k.pem" -in "$dir/c.pem" -certfile "$dir/chain.pem" -out "$dir/k.p12" -passout pass:secret
echo secret >"$dir/pass"
check "PKCS#12" exits 0 "$qyq" sign "$dir/base.pdf" "$dir/p12.pdf" --p12 "$dir/k.p12" --pass-file "$dir/pass" --field Worker
check "level B-B" json p12.pdf 'r["verdict"] == "valid" and r["signatures"][0]["level"] == "B-B" and not r["signatures"][0]["timestamp"]'
echo wrong >"$dir/pass"
check "wrong password" exits 1 "$qyq" sign "$dir/base.pdf" "$dir/4.pdf" --p12 "$dir/k.p12" --pass-file "$dir/pass"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/rk.pem" -out "$dir/rc.pem" -subj '/CN=TEST self' -days 30 \
    -addext keyUsage=critical,digitalSignature 2>/dev/null
check "RSA-PSS, SHA-512, a new visible field" exits 0 "$qyq" sign "$dir/base.pdf" "$dir/pss.pdf" --key "$dir/rk.pem" \
    --cert "$dir/rc.pem" --pss --digest sha512 --page 2 --rect 300,300,120,60
check "trusted by its own certificate" exits 0 "$qyq" verify --trust "$dir/rc.pem" "$dir/pss.pdf"
check "key of another certificate" exits 1 "$qyq" sign "$dir/base.pdf" "$dir/4.pdf" --key "$dir/k.pem" --cert "$dir/rc.pem"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/wk.pem" -out "$dir/wc.pem" -subj '/CN=TEST web' -days 30 \
    -addext extendedKeyUsage=serverAuth 2>/dev/null
check "certificate of a web server" exits 1 "$qyq" sign "$dir/base.pdf" "$dir/4.pdf" --key "$dir/wk.pem" --cert "$dir/wc.pem"

echo secret >"$dir/pass"
openssl pkcs12 -export -inkey "$dir/k.pem" -in "$dir/c.pem" -out "$dir/bare.p12" -passout pass:secret
check "PKCS#12 and the chain beside it" exits 0 "$qyq" sign "$dir/base.pdf" "$dir/bare.pdf" --p12 "$dir/bare.p12" \
    --pass-file "$dir/pass" --chain "$dir/chain.pem"
check "is trusted" exits 0 verify "$dir/bare.pdf"

# encrypted files: the password comes from a file, never from the command line
qpdf --encrypt user owner 256 --modify=form -- "$dir/base.pdf" "$dir/secret.pdf"
qpdf --encrypt user owner 256 --modify=none -- "$dir/base.pdf" "$dir/closed.pdf"
echo user >"$dir/user"
printf 'owner\r\n' >"$dir/owner"
check "encrypted, no password" exits 1 sign secret.pdf 4.pdf
check "encrypted, wrong password" exits 1 sign secret.pdf 4.pdf --password-file "$dir/pass"
check "encrypted, may not be changed" exits 1 sign closed.pdf 4.pdf --password-file "$dir/user"
check "nothing written" absent "$dir/4.pdf"
check "encrypted, the user's password" exits 0 sign secret.pdf secret1.pdf --field Worker --password-file "$dir/user"
check "encrypted, the owner's password" exits 0 sign closed.pdf closed1.pdf --field Worker --password-file "$dir/owner"
check "encrypted, verified" exits 0 verify --password-file "$dir/owner" "$dir/secret1.pdf"
check "encrypted, not without the password" exits 2 verify "$dir/secret1.pdf"
check "no such password file" exits 74 sign secret.pdf 4.pdf --password-file "$dir/none"

# one_line COMMAND…: wrong usage, told in one line
one_line() {
    exits 64 "$@" 2>"$dir/err" && test "$(wc -l <"$dir/err")" -eq 1
}

one_line_sign() {
    one_line sign base.pdf 4.pdf "$@"
}
check "no such option" one_line_sign --bogus
check "value missing" one_line_sign --reason
check "wrong value" one_line_sign --certify 4
check "wrong value behind =" one_line_sign --certify=4
check "is told as it was written" grep -q 'wrong value: --certify=4 ' "$dir/err"
check "a place that is no number" one_line_sign --rect nan,1,2,3
check "an authority that is no web address" one_line_sign --tsa file:///dev/null
check "wrong time to verify at" one_line "$qyq" verify --at yesterday "$dir/3.pdf"
check "wrong arguments of render" one_line "$qyq" render
check "no such benchmark" one_line "$qyq" bench nothing
check "no such option of serve" one_line "$qyq" serve --nothing
check "no port" one_line "$qyq" serve --port 0
check "no such option of testca" one_line "$qyq" testca serve --nothing
check "no such option of migrate" one_line "$qyq" migrate --nothing
check "no such command" one_line "$qyq" nothing
check "wrong arguments of check" one_line "$qyq" check

check "help" exits 0 "$qyq" sign --help
check "help of verify" exits 0 "$qyq" verify --help
check "nothing to verify" exits 64 "$qyq" verify
check "no such file to verify" exits 74 verify "$dir/none.pdf"
echo "1..$n"
