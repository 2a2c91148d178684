#!/usr/bin/env bash
# make.sh BUILD_DIR FUZZ_BUILD_DIR [SECONDS]: makes the committed corpora anew. The tests write good bytes as seeds, each
# target is run from them for a while (default 60 s), and of what it found the smallest set that reaches the same places is
# kept, up to 64 KiB a target, small files first. Inputs that once crashed something are named crash-* and always kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1 fuzz=$2 seconds=${3:-60}
most=65536
export QYQ_SOURCE_ROOT=$PWD QYQ_BUILD_ROOT=$PWD/$build
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
for room in crypto pdf; do
    QYQ_FUZZ_SEEDS=$seeds "$build/test_$room" seeds_for_fuzzing >/dev/null || true
done
for target in "$fuzz"/*_fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    new=$seeds/$name.new kept=tests/fuzz/$name
    mkdir -p "$seeds/$name" "$new" "$kept" "$seeds/found"
    "$target" -max_total_time="$seconds" -timeout=3 -rss_limit_mb=512 -max_len=16384 -artifact_prefix="$seeds/found/$name-" \
        "$seeds/$name" "$kept" >/dev/null 2>&1 || echo "$name: stopped early"
    "$target" -merge=1 -timeout=3 -rss_limit_mb=512 "$new" "$seeds/$name" "$kept" >/dev/null 2>&1 || true
    find "$kept" -type f ! -name 'crash-*' -delete
    total=0
    while read -r size file; do
        total=$((total + size))
        [ "$total" -le "$most" ] || break
        cp "$file" "$kept/$(basename "$file" | cut -c1-16)"
    done < <(find "$new" -type f -printf '%s %p\n' | sort -n)
    echo "$name: $(find "$kept" -type f | wc -l) files, $(du -cb "$kept"/* | tail -1 | cut -f1) bytes"
    mkdir -p fuzz-findings && cp "$seeds"/found/* fuzz-findings/ 2>/dev/null || true
    rm -rf "$seeds/found" "$new"
done
