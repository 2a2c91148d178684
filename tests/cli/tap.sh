# The tests of commands share this: TAP points, exit codes, a folder of their own. Source it first; it sets dir and n.
# shellcheck shell=sh
dir=$(mktemp -d)
pid=
trap 'test -z "$pid" || kill "$pid"; rm -rf "$dir"' EXIT
n=0

# check WORDS COMMAND…: the command succeeds
check() {
    words=$1
    shift
    n=$((n + 1))
    if "$@" >"$dir/log" 2>&1; then
        echo "ok $n - $words"
    else
        echo "not ok $n - $words"
        sed 's/^/# /' "$dir/log"
    fi
}

# exits CODE COMMAND…
exits() {
    want=$1
    shift
    "$@"
    got=$?
    test "$got" -eq "$want" || { echo "exit $got, not $want"; return 1; }
}

absent() {
    test ! -e "$1"
}
