#!/usr/bin/env bash
# fuzz.sh BUILD_DIR SECONDS [NAME…]: runs each fuzz target of the build (or those named) for that long, from its committed
# corpus, two at a time. What crashes, takes over 3 s or over 512 MiB fails; the input that did it is kept in fuzz-findings/.
set -uo pipefail
cd "$(dirname "$0")/.."
dir=$1
seconds=$2
shift 2
names=("$@")
if [ ${#names[@]} = 0 ]; then
    for target in "$dir"/*_fuzz_*; do
        [ -x "$target" ] && [ -f "$target" ] && names+=("$(basename "$target")")
    done
fi
[ ${#names[@]} -gt 0 ] || { echo "no fuzz targets in $dir" >&2; exit 1; }

one() {
    local name=$1 work
    work=$(mktemp -d)
    mkdir -p fuzz-findings
    if "$dir/$name" -max_total_time="$seconds" -timeout=3 -rss_limit_mb=512 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="fuzz-findings/$name-" "$work" "tests/fuzz/$name" >"$work.log" 2>&1; then
        echo "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work.log") inputs in $seconds s"
        rm -rf "$work" "$work.log"
    else
        echo "not ok $name: fuzz-findings/$name-*"
        tail -30 "$work.log" >&2
        rm -rf "$work"
        return 1
    fi
}
export -f one
export dir seconds
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c 'one {}'
