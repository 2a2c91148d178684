#!/bin/sh
# qyq verify for people: the report on real files, and what --extract writes beside what is there already.
# usage: report.sh QYQ SOURCE_ROOT
set -u
qyq=$1
data=$2/schemas/contract.example.json
. "$(dirname "$0")/tap.sh"

sign() {
    in=$1 out=$2
    shift 2
    "$qyq" sign "$dir/$in" "$dir/$out" --key "$dir/k.pem" --cert "$dir/c.pem" "$@"
}

verify() {
    "$qyq" verify --trust "$dir/c.pem" "$@"
}

# says FILE WORDS: a line of the report
says() {
    verify "$dir/$1" | grep -q -- "$2"
}

files() {
    test "$(find "$dir/x" -type f | wc -l)" -eq "$1"
}

check "contract" "$qyq" render fixed-term-full-time "$data" "$dir/base.pdf"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/k.pem" -out "$dir/c.pem" -subj '/CN=TEST signer' -days 30 \
    -addext keyUsage=critical,digitalSignature 2>/dev/null
mkdir "$dir/a" "$dir/b"
check "certified" exits 0 sign base.pdf 1.pdf --certify 2 --field Lock
check "signed" exits 0 sign 1.pdf a/合同.pdf --field Worker
check "another of the same name" exits 0 sign 1.pdf b/合同.pdf --field Employer

check "conclusion second" says a/合同.pdf '^结论：有效'
check "fingerprint" says a/合同.pdf "SHA-256 $(sha256sum "$dir/a/合同.pdf" | cut -d' ' -f1)"
check "each signature" says a/合同.pdf '^第 1 个签名（共 2 个）：认证签名（锁定文件），位置“Lock”'
check "what it covers" says a/合同.pdf "第 2 版的全文，即文件开头的 $(wc -c <"$dir/1.pdf") 字节"
check "what came later" says a/合同.pdf '允许：“Worker”'
check "what it rests on" says a/合同.pdf '没有联网'
check "in English" sh -c "'$qyq' verify --lang en '$dir/1.pdf' | grep -q 'no trusted root\|No trusted root'"
sed 's/Employer/EmployeR/' "$dir/a/合同.pdf" >"$dir/changed.pdf"
check "a changed byte" says changed.pdf '^结论：无效'
check "and what to do" says changed.pdf '建议：不要据此文件办事'

check "two of one name" exits 0 verify --extract "$dir/x" "$dir/a/合同.pdf" "$dir/b/合同.pdf"
check "two signatures each, and a list" files 10
check "the first" cmp "$dir/x/合同.pdf.2.pdf" "$dir/a/合同.pdf"
check "the second" cmp "$dir/x/合同.pdf-2.2.pdf" "$dir/b/合同.pdf"
check "what was certified" cmp "$dir/x/合同.pdf-2.1.pdf" "$dir/1.pdf"
check "signature data" openssl cms -cmsout -print -inform DER -in "$dir/x/合同.pdf.1.p7s" -noout
check "the list names them" grep -q "合同.pdf-2.2.pdf.*SHA-256 $(sha256sum "$dir/b/合同.pdf" | cut -d' ' -f1)" "$dir/x/合同.pdf-2.txt"
check "again" exits 0 verify --extract "$dir/x" "$dir/b/合同.pdf" "$dir/a/合同.pdf"
check "adds nothing" files 10
verify --extract "$dir/y" "$dir/1.pdf" >"$dir/told"
check "tells what it wrote" grep -q "^已写出：$dir/y/1.pdf.1.pdf" "$dir/told"
verify --json --extract "$dir/z" "$dir/1.pdf" >"$dir/told" 2>"$dir/err"
check "JSON stays alone" test "$(wc -l <"$dir/told")" -eq 1
check "the rest goes beside it" grep -q "z/1.pdf.1.p7s" "$dir/err"
check "a folder that cannot be" exits 74 verify --extract "$dir/k.pem/x" "$dir/1.pdf"
echo "1..$n"
