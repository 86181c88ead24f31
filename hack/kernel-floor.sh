#!/bin/sh
# Tries Veneer on the oldest machine it names that is easily had: Debian 12 in qemu with its own kernel 6.1, systemd as
# PID 1, control groups of version 2, and AppArmor. There, unlike where the other tests run, overlays take no layers by
# descriptor nor one by one, and only attached layers of mapped ids. Also tries the unit of manifests/systemd, and the
# agent in a pod as the kubelet and containerd make it. As root on Debian 12; installs what is missing. Takes some
# minutes, up to an hour where qemu has to emulate the processor, so it is no part of hack/verify.sh.
#
#   hack/kernel-floor.sh                 a verdict for each check
#   hack/kernel-floor.sh xfs|btrfs|service|pod …   only these: slivers on XFS without the parser of AppArmor, slivers on
#                                        btrfs, the unit, the pod
#   VENEER_FLOOR_ROOT=FILE.tar …         keep the guest's Debian there, and take it from there the next time
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh

for part in "$@"; do
  case $part in
    xfs | btrfs | service | pod) ;;
    *) echo "usage: $0 [xfs] [btrfs] [service] [pod]" >&2; exit 64 ;;
  esac
done
[ $# -gt 0 ] || set -- xfs btrfs service pod
[ "$(id -u)" = 0 ] || { echo "$0: making the guest's root needs root" >&2; exit 1; }

packages=systemd-sysv,udev,dbus,kmod,linux-image-cloud-amd64,openjdk-17-jre-headless
packages=$packages,lxc,mount,btrfs-progs,xfsprogs,e2fsprogs,iproute2,procps,busybox-static,openssh-client
packages=$packages,apparmor,runc
dist=$PWD/node-reconciler/target/veneer
work=$(mktemp -d /tmp/veneer-floor-XXXXXX)
machine=
# shellcheck disable=SC2317 # called by the trap
clean() {
  [ -z "$machine" ] || kill "$machine" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP

install build node floor
[ -x "$dist/bin/veneer" ] || mvn -q -B -ntp -Dstyle.color=never -DskipTests package

tar=${VENEER_FLOOR_ROOT:-$work/root.tar}
if [ ! -s "$tar" ]; then
  echo "Making the guest's Debian"
  # The Java package wants a directory that is left out here.
  hack/debian-base.sh "$tar" "$packages" --setup-hook='mkdir -p "$1/usr/share/man/man1"'
fi

echo "Making the disk"
root=$work/root
mkdir "$root"
tar -C "$root" --xattrs --numeric-owner -xpf "$tar"
cp -r "$dist" "$root/opt/veneer"
cp manifests/systemd/veneer-agent.service "$root/etc/systemd/system/"
mkdir -p "$root/opt/floor"
cp hack/kernel-floor/guest.sh hack/kernel-floor/pod.sh "$root/opt/floor/"
echo "$*" >"$root/opt/floor/parts"
cp hack/kernel-floor/floor.service "$root/etc/systemd/system/"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../floor.service "$root/etc/systemd/system/multi-user.target.wants/"
ln -sf /dev/null "$root/etc/systemd/system/serial-getty@.service"
# The agent is started by the checks.
rm -f "$root/etc/systemd/system/multi-user.target.wants/lxc-net.service"
echo floor >"$root/etc/hostname"
echo '/dev/vda / ext4 rw 0 1' >"$root/etc/fstab"
cp "$root"/boot/vmlinuz-* "$work/kernel"
cp "$root"/boot/initrd.img-* "$work/initrd"
mke2fs -q -t ext4 -d "$root" "$work/root.img" 4G
rm -rf --one-file-system "$root"
truncate -s 3G "$work/xfs.img" "$work/btrfs.img"
mkfs.xfs -q "$work/xfs.img"
mkfs.btrfs -q "$work/btrfs.img"

# There may be a /dev/kvm that does not run anything, as in a machine in a machine: believe it when a kernel has spoken.
accel='-accel tcg,thread=multi -cpu max'
if [ -w /dev/kvm ]; then
  timeout 10 qemu-system-x86_64 -M q35 -accel kvm -cpu host -m 512 -nodefaults -no-reboot -display none -monitor none -net none \
    -kernel "$work/kernel" -append 'console=ttyS0 panic=-1' -serial "file:$work/console" </dev/null >/dev/null 2>&1 || true
  ! grep -qs 'Linux version' "$work/console" || accel='-accel kvm -cpu host'
fi

echo "Booting ($accel)"
# shellcheck disable=SC2086 # options are words
timeout "${VENEER_FLOOR_SECONDS:-3600}" qemu-system-x86_64 -M q35 $accel -smp 2 -m 2048 -nodefaults -no-reboot -display none -monitor none -net none \
  -kernel "$work/kernel" -initrd "$work/initrd" -append 'root=/dev/vda rw console=ttyS0 quiet systemd.show_status=false audit=0 mitigations=off panic=-1' \
  -drive "file=$work/root.img,format=raw,if=virtio,cache=unsafe" \
  -drive "file=$work/xfs.img,format=raw,if=virtio,cache=unsafe" \
  -drive "file=$work/btrfs.img,format=raw,if=virtio,cache=unsafe" \
  -serial "file:$work/console" </dev/null &
machine=$!
# Shown as it comes: a hang is seen where it hangs.
tail --pid="$machine" -s 1 -n +1 -F "$work/console" 2>/dev/null || true
wait "$machine" || echo "qemu ended with $?"
machine=
[ -z "${VENEER_FLOOR_CONSOLE:-}" ] || cp "$work/console" "$VENEER_FLOOR_CONSOLE"

ok=$(grep -c '^ok: ' "$work/console" || true)
bad=$(grep -c '^FAILED: ' "$work/console" || true)
echo
echo "$ok checks hold, $bad do not"
grep '^FAILED: ' "$work/console" || true
grep -q '^floor: finished' "$work/console" || { echo "the guest did not get to the end"; exit 1; }
[ "$bad" = 0 ]
