#!/bin/sh
# Makes a small Debian 12 as an archive for a base image, from the mirror that this machine itself uses.
#
#   hack/debian-base.sh FILE [PACKAGE,... [OPTION...]]
#
# FILE.tar, .tar.gz, .tar.xz or .tar.zst; further packages; further options of mmdebstrap
#
# VARIANT=extract     another variant of mmdebstrap than minbase
# WITHOUT_UPDATES=1   as Debian 12 was released last, without later updates and security fixes
set -eu
[ $# -ge 1 ] || { echo "usage: $0 FILE [PACKAGE,... [OPTION...]]" >&2; exit 64; }
file=$1
include=${2:-}
shift $(($# < 2 ? $# : 2))

sources=
for candidate in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
  if grep -qs bookworm "$candidate"; then
    sources=$candidate
    break
  fi
done
if [ -n "${WITHOUT_UPDATES:-}" ]; then
  # The first line or stanza is that of the release itself.
  mirror=$(sed -nE 's/^(URIs:|deb) +(http[^ ]*).*/\2/p' "$sources" 2>/dev/null | sed -n 1p)
  sources="deb ${mirror:-http://deb.debian.org/debian} bookworm main"
fi
# What the machine's apt needs to reach its mirror, mmdebstrap's needs too.
while read -r setting; do
  [ -z "$setting" ] || set -- "$@" "--aptopt=$setting"
done <<EOF
$(apt-config dump | grep -E '^Acquire::(https?::(Proxy|Verify-Peer|CaInfo)|Check-Valid-Until|Retries)' || true)
EOF
[ -z "$include" ] || set -- "$@" "--include=$include"
case $file in
  */*) directory=${file%/*}; name=${file##*/} ;;
  *) directory=.; name=$file ;;
esac
new=$directory/.new-$name
trap 'rm -f "$new" "$new.log"' EXIT
# Without documentation and translations, which a sliver hardly misses.
mmdebstrap --variant="${VARIANT:-minbase}" --mode=root "$@" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  bookworm "$new" ${sources:+"$sources"} 2>"$new.log" || {
  # Only here are what apt and dpkg said of interest.
  tail -n 60 "$new.log" >&2
  exit 1
}
mv "$new" "$file"
