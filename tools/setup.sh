# shellcheck shell=bash disable=SC2034
# Sourced by ./run and ./test: what they both need to have before they start. Installs what is missing from Debian's packages
# and npm's lock file, and from nowhere else.

BUILD_PACKAGES="ca-certificates gcc libc6-dev meson ninja-build pkg-config python3 libssl-dev libmicrohttpd-dev libjansson-dev libpango1.0-dev
libcairo2-dev libfontconfig-dev libharfbuzz-dev libqpdf-dev libsqlite3-dev libpq-dev libcurl4-openssl-dev libargon2-dev libcmark-dev libqrencode-dev zlib1g-dev fonts-noto-cjk
check fontconfig openssl"
TEST_PACKAGES="clang libclang-rt-14-dev postgresql-15 poppler-utils libnss3-tools qpdf mupdf-tools chromium curl git procps util-linux
openjdk-17-jre-headless libpdfbox2-java libbcpkix-java libitext5-java libitext-java"
FRESH_PACKAGES="mmdebstrap"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The packages of the list that are not installed. One call for all: a second ./run starts in a moment.
missing_packages() {
    local installed p
    installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | tr '\n' ' ')"
    for p in "$@"; do
        case "$installed" in
            *" $p "*) ;;
            *) printf '%s\n' "$p" ;;
        esac
    done
}

install_packages() {
    local missing
    # shellcheck disable=SC2046,SC2086
    missing=$(missing_packages $*)
    # Another Node may be there already and would clash with Debian's.
    command -v node >/dev/null && command -v npm >/dev/null || missing="$missing nodejs npm"
    [ -z "${missing//[[:space:]]/}" ] && return 0
    echo "installing:" $missing
    as_root apt-get update -q >/dev/null || echo "apt-get update failed; going on with the known lists" >&2
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/tmp/qyq-apt.$$.log 2>&1 || {
        tail -20 /tmp/qyq-apt.$$.log >&2
        echo "apt-get could not install the packages above" >&2
        return 1
    }
    rm -f /tmp/qyq-apt.$$.log
}

# Builds the pages when their sources changed since the last build.
build_web() {
    local now
    now=$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [ -f web/dist/.built ] && [ "$(cat web/dist/.built)" = "$now" ] && return 0
    echo "building the web pages"
    (cd web && { cmp -s package-lock.json node_modules/.qyq-lock || { npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.qyq-lock; }; } && npm run --silent build) || return 1
    printf '%s\n' "$now" >web/dist/.built
}

# build_dir DIR [meson options…]: configures once, then builds.
build_dir() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" >/dev/null || return 1
    # pages that appeared after the folder was configured are to be embedded
    if [ -f web/dist/console/index.html ] && [ ! -f "$dir/.pages" ]; then
        meson setup --reconfigure "$dir" >/dev/null || return 1
        touch "$dir/.pages"
    fi
    if ! ninja -C "$dir" >"$dir/ninja.log" 2>&1; then
        grep -v '^\[' "$dir/ninja.log" | tail -40 >&2
        return 1
    fi
}

# The fuzz targets alone, with clang, libFuzzer and sanitizers.
build_fuzzers() {
    [ -f build-fuzz/build.ninja ] || CC=clang meson setup build-fuzz -Dfuzz=true -Dweb=false -Db_lundef=false -Db_sanitize=address,undefined >/dev/null || return 1
    ninja -C build-fuzz fuzzers >build-fuzz/ninja.log 2>&1 || {
        grep -v '^\[' build-fuzz/ninja.log | tail -40 >&2
        return 1
    }
}
