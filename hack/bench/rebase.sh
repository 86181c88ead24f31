# A real Debian sliver in which packages were installed moves to the same Debian with updates, in a running agent; against
# rsync between two mounted overlays. Then: does the cost grow with the base, and do many slivers share what they can?
. hack/bench/common.sh
debian="Debian sliver with installed packages moved, s"
space="its store after the move, MiB"
growth="100 changed files on a base of 100,000 moved, s"
many="100 slivers between the same two bases moved, s"
expect "$debian" "$space" "$growth" "$many"
file_system xfs
mkdir -p "$work/declared" "$fs/debs" "$fs/v1" "$fs/v2"
packages=systemd-sysv,openssl,perl,curl,bind9-host
WITHOUT_UPDATES=1 hack/debian-base.sh "$work/v1.tar" $packages
hack/debian-base.sh "$work/v2.tar" $packages
(cd "$fs/debs" && apt-get -qq download tree jq libjq1 libonig5 file libmagic1 libmagic-mgc pwgen rsync libpopt0 xz-utils)

image() {
  cat >"$work/declared/$1.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: $1}
spec: {source: $2}
DONE
}
# move NAME BASE: declares a sliver, or moves it
sliver() {
  printf 'apiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: %s}\nspec: {baseImage: %s, driver: overlay, keepPrevious: 0s}\n' "$1" "$2" >"$work/next-$1"
  mv "$work/next-$1" "$work/declared/$1.yaml"
}
mebibytes() { du -sm "$1" | cut -f1; }

image v1 "{archive: {url: file://$work/v1.tar}}"
image v2 "{archive: {url: file://$work/v2.tar}}"
sliver web v1
apply
rootfs=$store/rootfs/default/web
printf '#!/bin/sh\nexit 101\n' >"$rootfs/usr/sbin/policy-rc.d"
chmod 755 "$rootfs/usr/sbin/policy-rc.d"
cp "$fs/debs"/*.deb "$rootfs/srv/"
chroot "$rootfs" sh -ec 'dpkg -i /srv/*.deb >/dev/null; dpkg --purge libperl5.36 perl perl-modules-5.36 >/dev/null 2>&1 || true; useradd -m alice; echo "# mine" >>/etc/bash.bashrc' >/dev/null
tar -xf "$work/v1.tar" -C "$fs/v1"
tar -xf "$work/v2.tar" -C "$fs/v2"
revision=$(find "$store/slivers/default/web/revisions" -mindepth 1 -maxdepth 1)
before=$(mebibytes "$revision/upper")
cp -a "$revision/upper" "$fs/kept"
start_agent 1h

by_rsync() {
  mkdir -p "$fs/r/old" "$fs/r/upper" "$fs/r/work" "$fs/r/view"
  mount -t overlay overlay -o "ro,lowerdir=$fs/kept:$fs/v1" "$fs/r/old"
  mount -t overlay overlay -o "lowerdir=$fs/v2,upperdir=$fs/r/upper,workdir=$fs/r/work" "$fs/r/view"
  sync -f "$fs"
  begun=$(now)
  rsync -aHAX --checksum --delete "$fs/r/old/" "$fs/r/view/"
  sync -f "$fs"
  seconds "$begun" "$(now)"
  umount "$fs/r/old" "$fs/r/view"
  rm -rf "$fs/r"
}
# Ten moves are practice: what is measured is an agent that has done such work before.
for round in 1 2 3 4 5; do
  passes 1 sliver web v2 >/dev/null
  passes 1 sliver web v1 >/dev/null
done
ours= theirs=
for round in 1 2 3; do
  theirs="$theirs $(by_rsync)"
  ours="$ours $(passes 1 sliver web v2)"
  after=$(mebibytes "$(find "$store/slivers/default/web/revisions" -mindepth 1 -maxdepth 1 | sort | tail -n 1)/upper")
  passes 1 sliver web v1 >/dev/null
done
row "$debian" "$ours" "$theirs" "x 0.25"
row "$space" "$after" "$before" "x 1"

# tree DIRECTORY FILES EDITED: so many files, the first 300 of them with other content when edited
tree() {
  awk -v to="$1" -v count="$2" -v edited="$3" 'BEGIN {
    for (i = 0; i < count; i++) {
      if (i % 200 == 0) system("mkdir -p " sprintf("%s/d%04d", to, i / 200))
      file = sprintf("%s/d%04d/f%06d", to, i / 200, i)
      printf "%d %s\n", i, (i < 300 && edited ? "new" : "old") >file
      close(file)
    }
  }'
}
work_in() {
  i=0
  while [ $i -lt 100 ]; do
    echo "mine $i" >"$store/rootfs/default/$1/d0003/f$(printf %06d $((600 + i)))"
    i=$((i + 1))
  done
}
stop_agent
rm "$work/declared/web.yaml"
for size in 10000 100000; do
  tree "$fs/old$size" $size 0
  tree "$fs/new$size" $size 1
  image "old$size" "{directory: {path: $fs/old$size}}"
  image "new$size" "{directory: {path: $fs/new$size}}"
  sliver "s$size" "old$size"
done
apply
work_in s10000
work_in s100000
start_agent 1h
small= large=
for round in 1 2 3 4; do
  small="$small $(passes 2 sliver s10000 new10000)"
  large="$large $(passes 2 sliver s100000 new100000)"
  passes 2 sliver s10000 old10000 >/dev/null
  passes 2 sliver s100000 old100000 >/dev/null
done
row "$growth" "$large" "$small" "x 2"

all() {
  for name in $names; do
    printf -- '---\napiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: %s}\nspec: {baseImage: %s, driver: overlay, keepPrevious: 0s}\n' "$name" "$1"
  done >"$work/all"
  mv "$work/all" "$work/declared/many.yaml"
}
stop_agent
rm "$work/declared/s100000.yaml" "$work/declared/s10000.yaml"
names=$(seq -f 'm%03g' 1 100)
sliver one old10000
all old10000
apply
for name in one $names; do
  work_in "$name"
done
start_agent 1h
single= together=
for round in 1 2 3; do
  single="$single $(calc "100 * $(passes 101 sliver one new10000)")"
  together="$together $(passes 101 all new10000)"
  passes 101 sliver one old10000 >/dev/null
  passes 101 all old10000 >/dev/null
done
row "$many" "$together" "$single" "x 0.7"
