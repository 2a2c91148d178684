#!/usr/bin/env bash
# fresh.sh [COMMAND]: runs ./test (or COMMAND) in a bare Debian 12 root made by mmdebstrap: whatever a machine had installed by hand is not there. Takes the
# committed state of this checkout. Needs root; uses the package sources of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
[ "$(id -u)" = 0 ] || { echo "./test fresh needs root" >&2; exit 1; }
command=${1:-./test}
install_packages "$FRESH_PACKAGES git"
root=$(mktemp -d /var/tmp/qyq-fresh.XXXXXX)
cleanup() {
    umount -l "$root/proc" "$root/dev" "$root/sys" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT
mmdebstrap --variant=minbase --include=ca-certificates,bash bookworm "$root" >/dev/null 2>"$root.log" || { cat "$root.log" >&2; exit 1; }
# The machine's own sources, proxies and npm settings reach the same registries from inside.
cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null || true
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
for f in /etc/npmrc /root/.npmrc /usr/local/etc/npmrc; do
    [ -f "$f" ] && mkdir -p "$root$(dirname "$f")" && cp "$f" "$root$f"
done
cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null || true
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mkdir -p "$root/src"
git archive HEAD | tar -x -C "$root/src"
env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin ${CI:+CI=$CI} \
    $(env | grep -iE '^(https?_proxy|no_proxy|npm_config_[a-z_]*|node_extra_ca_certs)=' || true) chroot "$root" bash -c 'update-ca-certificates >/dev/null 2>&1; cd /src && '"$command"
