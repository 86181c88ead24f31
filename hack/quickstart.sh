#!/bin/sh
# From nothing to running slivers, on a bare Debian 12, as root: installs what is needed, builds, makes a Debian base
# image, applies manifests/quickstart/ and shows what one can do. May be run again at any time.
#
#   hack/quickstart.sh            show it
#   hack/quickstart.sh --clean    take all of it away again
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh

here=/var/lib/veneer-quickstart
store=$here/store
veneer=$PWD/node-reconciler/target/veneer/bin/veneer

say() {
  printf '\n\033[1m==> %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

show() {
  printf '$ %s\n' "$*"
  "$@"
}

v() {
  command=$1
  shift
  printf '$ veneer %s\n' "$command $*"
  "$veneer" "$command" --store "$store" "$@"
}

[ "$(id -u)" = 0 ] || { echo "$0: mounting and containers need root" >&2; exit 1; }

case ${1:-} in
  '') ;;
  --clean)
    if [ -x "$veneer" ] && [ -d "$store" ]; then
      say "Declare nothing, and let veneer take the slivers away"
      rm -rf "$here/manifests"
      mkdir -p "$here/manifests"
      v apply -f "$here/manifests" --allow-shrink || {
        echo "$0: some of it is still there, as told above: put it right and run this again, or unmount what is" >&2
        echo "mounted below $here and remove that directory yourself" >&2
        exit 1
      }
    fi
    if grep -qF " $here/" /proc/self/mountinfo; then
      echo "$0: something is still mounted below $here; look at it before you remove the directory:" >&2
      grep -F " $here/" /proc/self/mountinfo >&2
      exit 1
    fi
    rm -rf --one-file-system "$here"
    echo "All of it is gone. (The packages that were installed stay.)"
    exit 0
    ;;
  *) echo "usage: $0 [--clean]" >&2; exit 64 ;;
esac

begun=$(date +%s)
say "Packages"
install build node
echo "all there"

say "Build"
if [ ! -x "$veneer" ] || [ -n "$(find pom.xml crds node-reconciler -path '*/target' -prune -o -type f -newer "$veneer" -print | head -n 1)" ]; then
  mvn -q -B -ntp -Dstyle.color=never -DskipTests package
  touch "$veneer"
fi
"$veneer" --version

say "Base images: a small Debian as it was released, the same with updates, and a directory"
mkdir -p "$here/static-site/www"
chmod 755 "$here"
packages=systemd-sysv,iproute2,openssl
[ -s "$here/debian-12.tar.zst" ] || WITHOUT_UPDATES=1 hack/debian-base.sh "$here/debian-12.tar.zst" "$packages" &
[ -s "$here/debian-12-updated.tar.zst" ] || hack/debian-base.sh "$here/debian-12-updated.tar.zst" "$packages"
wait $!
[ -s "$here/static-site/www/index.html" ] || echo '<h1>A veneer is a thin layer of wood over a base</h1>' >"$here/static-site/www/index.html"
ls -lh "$here"/*.tar.zst

say "What this machine can do"
v doctor

say "What is declared"
mkdir -p "$here/manifests"
cp manifests/quickstart/*.yaml "$here/manifests/"
ls "$here/manifests"

say "What would be done"
v plan -f "$here/manifests"

say "Do it"
v apply -f "$here/manifests"

say "A second time there is nothing to do"
v apply -f "$here/manifests"

say "What there is"
v get baseimages -o wide
v get slivers -A -o wide

say "Write in a sliver, and see what changed against its base"
rootfs=$("$veneer" get sliver alice --store "$store" -o json | sed -n 's/^ *"rootfs": *"\(.*\)",\{0,1\}$/\1/p' | tail -n 1)
echo "alice was here" >"$rootfs/etc/motd"
rm -f "$rootfs/etc/issue"
v diff sliver alice

say "Lose a mount, and see it healed with what was written"
show umount "$rootfs"
v apply -f "$here/manifests"
show cat "$rootfs/etc/motd"

if "$veneer" get sliver web --store "$store" -o json | grep -q '"state": *"Running"'; then
  say "Run a command in the container: root inside is nobody outside"
  v exec web -- sh -c 'hostname; id -u; cat /proc/self/uid_map; dpkg --list | wc -l'
else
  say "The container does not run here; this is why"
  v describe sliver web
fi

if grep -q '^  baseImage: debian-12$' "$here/manifests/slivers.yaml"; then
  say "Install a package in a sliver"
  (cd "$rootfs/srv" && rm -f tree_*.deb && show apt-get -q download tree)
  show chroot "$rootfs" sh -c 'dpkg -i /srv/tree_*.deb'

  say "Move that sliver to the Debian with updates: what it would come to, path by path"
  v rebase sliver alice --to debian-12-updated --dry-run | tail -n 20
  say "Do it, by editing its baseImage"
  show sed -i '0,/baseImage: debian-12$/s//baseImage: debian-12-updated/' "$here/manifests/slivers.yaml"
  v plan -f "$here/manifests"
  v apply -f "$here/manifests"
  show chroot "$rootfs" sh -c 'dpkg --audit; tree --version; openssl version; cat /etc/motd'
fi

say "Write again what the base has already, and take it out of the sliver's store"
for file in "$rootfs"/usr/bin/openssl "$rootfs"/usr/bin/bash "$rootfs"/usr/lib/*/libcrypto.so.3; do
  cp -p "$file" "$file.new"
  mv "$file.new" "$file"
done
v compact sliver alice --dry-run
v compact sliver alice

say "Done in $(($(date +%s) - begun)) s. Take all of it away with: hack/quickstart.sh --clean"
