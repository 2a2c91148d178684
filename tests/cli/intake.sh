#!/bin/sh
# qyq intake from outside: exit codes, a file that appears only when it is acceptable, looks the same, can be signed and is then intact.
# usage: intake.sh QYQ SOURCE_ROOT
set -u
qyq=$1
data=$2/schemas/contract.example.json
. "$(dirname "$0")/tap.sh"

# pdf NAME CATALOG: a page with text, written without care for cross references
pdf() {
    cat >"$dir/$1" <<END
%PDF-1.7
1 0 obj
<</Type/Catalog/Pages 2 0 R $2>>
endobj
2 0 obj
<</Type/Pages/Kids[3 0 R]/Count 1>>
endobj
3 0 obj
<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>
endobj
4 0 obj
<</Length 44>>
stream
BT /F1 24 Tf 72 700 Td (Wage 5000) Tj ET    
endstream
endobj
trailer
<</Root 1 0 R/Size 5>>
startxref
0
%%EOF
END
}

# pixels FILE: a digest of how its pages look
pixels() {
    rm -f "$dir"/px-*
    pdftoppm -r 60 -png "$dir/$1" "$dir/px" && cat "$dir"/px-*.png | sha256sum | cut -d' ' -f1
}

same_pixels() {
    test "$(pixels "$1")" = "$(pixels "$2")"
}

same_pages() {
    test "$(qpdf --show-npages "$dir/$1")" = "$(qpdf --show-npages "$dir/$2")"
}

intake() {
    "$qyq" intake "$@"
}

# json FILE EXPRESSION: a Python expression over the report r is true
json() {
    intake --json "$dir/$1" | python3 -c '
import json, sys
r = json.loads(sys.stdin.readline())
codes = [f["code"] for f in r["findings"]]
print(json.dumps(r, ensure_ascii=False, indent=1))
sys.exit(0 if eval("(" + sys.argv[1] + ")") else 1)' "$2"
}

says() {
    intake "$1" "$dir/$2" | grep -q "$3"
}

one_line() {
    exits 64 "$@" 2>"$dir/err" && test "$(wc -l <"$dir/err")" -eq 1
}

check "contract" "$qyq" render fixed-term-full-time "$data" "$dir/base.pdf"
check "an own contract is fine" exits 0 intake "$dir/base.pdf" "$dir/n.pdf"
check "nothing to check in it" json base.pdf 'r["acceptable"] and all(f["severity"] == "info" for f in r["findings"])'
check "qpdf finds nothing" qpdf --check "$dir/n.pdf"
check "as many pages" same_pages base.pdf n.pdf
check "looks the same" same_pixels base.pdf n.pdf
check "the same file again" exits 0 intake "$dir/base.pdf" "$dir/n2.pdf"
check "has the same bytes" cmp "$dir/n.pdf" "$dir/n2.pdf"

qpdf --object-streams=generate --linearize "$dir/base.pdf" "$dir/streams.pdf"
check "linearised, with object streams" exits 0 intake "$dir/streams.pdf" "$dir/s.pdf"
check "one revision, nothing to check" json streams.pdf 'r["revisions"] == 1 and all(f["severity"] == "info" for f in r["findings"])'
check "looks the same too" same_pixels base.pdf s.pdf

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/k.pem" -out "$dir/c.pem" -subj '/CN=TEST signer' -days 30 \
    -addext keyUsage=critical,digitalSignature 2>/dev/null
check "can be signed" exits 0 "$qyq" sign "$dir/s.pdf" "$dir/signed.pdf" --key "$dir/k.pem" --cert "$dir/c.pem" --field Worker
check "is intact" exits 0 "$qyq" verify --trust "$dir/c.pem" "$dir/signed.pdf"
check "a signed file is refused" exits 1 intake "$dir/signed.pdf" "$dir/no.pdf"
check "for that reason" json signed.pdf '"signed_already" in codes and not r["acceptable"]'
check "nothing written" absent "$dir/no.pdf"

pdf plain.pdf ''
check "damaged, repaired" exits 0 intake "$dir/plain.pdf" "$dir/p.pdf"
check "and told" json plain.pdf '{"repaired", "font_not_embedded"} <= set(codes) and r["normalised"]["size"] > 300'
check "looks the same as well" same_pixels plain.pdf p.pdf
pdf script.pdf '/OpenAction<</S/JavaScript/JS(app.alert\(1\))>>'
check "script" exits 1 intake "$dir/script.pdf" "$dir/no.pdf"
check "nothing written for it" absent "$dir/no.pdf"
check "told in Chinese" says --lang=zh-CN script.pdf '^结论：不能用作合同文件'
check "told in English" says --lang=en script.pdf 'JavaScript'
qpdf --encrypt '' owner 256 -- "$dir/base.pdf" "$dir/locked.pdf"
check "encrypted" exits 1 intake "$dir/locked.pdf"
check "encrypted is the reason" json locked.pdf 'codes == ["encrypted"] and r["normalised"] is None'

check "no PDF" exits 3 intake "$data"
check "no such file" exits 74 intake "$dir/none.pdf"
check "place that cannot be written" exits 74 intake "$dir/base.pdf" "$dir/none/no.pdf"
check "no file given" one_line "$qyq" intake
check "too many files" one_line "$qyq" intake a b c
check "no such option" one_line "$qyq" intake --bogus a
check "help" exits 0 "$qyq" intake --help
echo "1..$n"
