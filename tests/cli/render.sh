#!/bin/sh
# qyq render from outside: exit codes, the same bytes in another zone and locale, whole files or none.
# usage: render.sh QYQ SOURCE_ROOT
set -u
qyq=$1
data=$2/schemas/contract.example.json
. "$(dirname "$0")/tap.sh"

says() {
    pdftotext "$1" - | tr -d ' \n\f' | grep -qF -- "$2"
}

grep_log() {
    grep -q -- "$1" "$dir/log.kept"
}

check "a contract is rendered" exits 0 "$qyq" render fixed-term-full-time "$data" "$dir/a.pdf"
sleep 1
check "and again" env TZ=America/New_York LANG=ja_JP.UTF-8 LC_ALL=C FONTCONFIG_FILE=/nonexistent HOME=/nonexistent \
    "$qyq" render fixed-term-full-time@1 "$data" "$dir/b.pdf"
check "to the same bytes" cmp "$dir/a.pdf" "$dir/b.pdf"
check "by path too" exits 0 "$qyq" render "$2/templates/contract/fixed-term-full-time.md" "$data" "$dir/c.pdf"
check "to the same bytes" cmp "$dir/a.pdf" "$dir/c.pdf"
check "qpdf finds nothing wrong" qpdf --check "$dir/a.pdf"
check "it says the wage" says "$dir/a.pdf" "6,000.00元（大写：人民币陆仟元整）"
check "--code and --platform are printed" exits 0 "$qyq" render --code 7K3M --verify-url https://qyq.example/v/7K3M \
    --platform 示例平台 fixed-term-full-time "$data" "$dir/d.pdf"
check "the code" says "$dir/d.pdf" 核验码：7K3M
check "the platform" says "$dir/d.pdf" 本合同通过示例平台订立
check "--at" exits 0 "$qyq" render --at 2026-05-06T07:08:09Z fixed-term-full-time "$data" "$dir/e.pdf"
check "is the date of creation" grep -aqF "/CreationDate (D:20260506150809+08'00')" "$dir/e.pdf"

sed 's/    "post": "数控机床操作工",//' "$data" >"$dir/nopost.json"
sed 's/"张示例"/"张😀"/' "$data" >"$dir/emoji.json"
echo '{' >"$dir/broken.json"
check "a missing field is refused" exits 1 "$qyq" render fixed-term-full-time "$dir/nopost.json" "$dir/no.pdf"
cp "$dir/log" "$dir/log.kept"
check "and named" grep_log /post
check "an emoji is refused" exits 1 "$qyq" render fixed-term-full-time "$dir/emoji.json" "$dir/no.pdf"
check "broken JSON" exits 3 "$qyq" render fixed-term-full-time "$dir/broken.json" "$dir/no.pdf"
check "no such data" exits 74 "$qyq" render fixed-term-full-time "$dir/none.json" "$dir/no.pdf"
check "no such template" exits 3 "$qyq" render nothing "$data" "$dir/no.pdf"
check "no such version" exits 3 "$qyq" render fixed-term-full-time@99 "$data" "$dir/no.pdf"
check "nothing was written" absent "$dir/no.pdf"
check "no such folder" exits 74 "$qyq" render fixed-term-full-time "$data" "$dir/none/no.pdf"
check "wrong usage" exits 64 "$qyq" render fixed-term-full-time "$data"
check "unknown option" exits 64 "$qyq" render --nonsense fixed-term-full-time "$data" "$dir/no.pdf"
check "a preview with blanks" exits 0 "$qyq" render --blanks fixed-term-full-time "$dir/nopost.json" "$dir/f.pdf"
check "what is missing is listed" exits 1 "$qyq" render --missing fixed-term-full-time "$dir/nopost.json"
check "nothing is missing" exits 0 "$qyq" render --missing fixed-term-full-time "$data"
check "the notice on electronic form" exits 0 "$qyq" render --platform 示例平台 electronic-form "$data" "$dir/g.pdf"
check "with the phone of the employer" says "$dir/g.pdf" "请拨打"
check "templates are listed" exits 0 "$qyq" render --list
check "help" exits 0 "$qyq" render --help
echo "1..$n"
