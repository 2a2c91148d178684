#!/usr/bin/env bash
# fuzz.sh BUILD_DIR SECONDS: runs each fuzz target of the build for that long, starting from its committed corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$1
seconds=$2
found=0
for target in "$dir"/*_fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    found=1
    name=$(basename "$target")
    work=$(mktemp -d)
    corpus=tests/fuzz/$name
    echo "== $name, $seconds s"
    "$target" -max_total_time="$seconds" -timeout=3 -rss_limit_mb=512 -artifact_prefix="$work/" "$work" $([ -d "$corpus" ] && echo "$corpus") || {
        echo "$name: see $work" >&2
        exit 1
    }
    rm -rf "$work"
done
[ "$found" = 1 ] || { echo "no fuzz targets in $dir" >&2; exit 1; }
