#!/bin/sh
# The checks of hack/kernel-floor.sh, in its guest: each says "ok: NAME", or "FAILED: NAME" and why.
set -u
export PATH=/opt/veneer/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
log=/tmp/said
. /opt/floor/pod.sh

# check NAME COMMAND...: COMMAND has to succeed.
check() {
  name=$1
  shift
  if "$@" >$log 2>&1; then
    echo "ok: $name"
  else
    echo "FAILED: $name"
    tail -n 25 $log | sed 's/^/    /'
  fi
}

# within SECONDS COMMAND...: it has to succeed at some time until then.
within() {
  until_then=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt $until_then ] || return 1
    sleep 0.5
  done
}

is() { [ "$1" = "$2" ] || { echo "'$1' instead of '$2'"; return 1; }; }
mounted() { grep -q " $1 .* - $2 " /proc/self/mountinfo; }
not() { ! "$@"; }

# confined PID: by a profile that LXC has made for its container.
confined() {
  cat "/proc/$1/attr/current"
  grep -q -E '^lxc-.*\((enforce|mixed)\)' "/proc/$1/attr/current"
}

image() {
  printf -- '---\napiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: base}\nspec:\n  source: {archive: {url: "file:///opt/floor/base.tar"}}\n'
}

# sliver NAME DRIVER STATE
sliver() {
  printf -- '---\napiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: %s}\nspec: {baseImage: base, driver: %s, desiredState: %s}\n' "$1" "$2" "$3"
}

# A guest's guest: busybox, whose init halts when asked.
make_base() {
  base=/opt/floor/base
  mkdir -p $base/bin $base/sbin $base/etc $base/proc $base/sys $base/dev $base/tmp $base/run $base/root
  cp /bin/busybox $base/bin/
  for applet in sh sleep id hostname cat mkdir echo stat; do ln -s busybox $base/bin/$applet; done
  printf '#!/bin/sh\ntrap "exit 0" PWR\necho up\nwhile :; do sleep 0.2; done\n' >$base/sbin/init
  chmod 755 $base/sbin/init
  echo root:x:0:0:root:/root:/bin/sh >$base/etc/passwd
  echo base >$base/etc/motd
  chown 5:6 $base/etc/motd
  tar -C $base -cf /opt/floor/base.tar .
}

running() { veneer get sliver "$2" --store "$1" -o json | grep -q '"state" *: *"Running"'; }

# drivers STORE DRIVER...: the life of slivers of each driver, mounted and as containers, by commands.
drivers() {
  store=$1
  files=/opt/floor/files-$(basename "$(dirname "$store")")
  shift
  mkdir -p "$files"
  image >"$files/base.yaml"
  for driver in "$@"; do
    sliver "$driver" "$driver" Deployed
    sliver "run-$driver" "$driver" Started
  done >"$files/slivers.yaml"
  check "$store: doctor" veneer doctor --store "$store"
  cat $log
  check "$store: apply" veneer apply -f "$files" --store "$store"
  cat $log
  check "$store: a second apply does nothing" veneer plan --exit-code -f "$files" --store "$store"
  for driver in "$@"; do
    rootfs=$store/rootfs/default/$driver
    case $driver in overlay) type=overlay ;; *) type=${store#/mnt/}; type=${type%%/*} ;; esac
    check "$store: $driver is mounted" mounted "$rootfs" "$type"
    grep " $rootfs " /proc/self/mountinfo
    check "$store: $driver can be written" sh -c "echo mine >'$rootfs/etc/motd' && rm '$rootfs/etc/passwd' && mkdir '$rootfs/new'"
    check "$store: $driver shows what was changed" sh -c "veneer diff sliver $driver --store '$store' | grep -E 'etc/motd|etc/passwd|new' | wc -l | grep -qx 3"
    check "$store: $driver loses its mount" umount "$rootfs"
    check "$store: run-$driver runs" within 20 running "$store" "run-$driver"
    check "$store: run-$driver is root inside" is "$(veneer exec --store "$store" "run-$driver" -- id -u)" 0
    check "$store: run-$driver maps ids" sh -c "veneer exec --store '$store' run-$driver -- cat /proc/self/uid_map | grep -E '^ +0 +[1-9]'"
    check "$store: run-$driver writes" veneer exec --store "$store" "run-$driver" -- sh -c 'echo inside >/etc/motd && mkdir /made && : >/made/file'
    check "$store: run-$driver sees the base's owner" is "$(veneer exec --store "$store" "run-$driver" -- stat -c %u:%g /etc/motd)" 5:6
  done
  check "$store: apply heals" veneer apply -f "$files" --store "$store"
  for driver in "$@"; do
    rootfs=$store/rootfs/default/$driver
    check "$store: $driver is mounted again with what was written" is "$(cat "$rootfs/etc/motd")" mine
    check "$store: $driver keeps what was deleted" not test -e "$rootfs/etc/passwd"
    check "$store: run-$driver still runs" running "$store" "run-$driver"
  done
  check "$store: store check" veneer store check --store "$store"
  rm "$files/slivers.yaml"
  check "$store: apply removes" veneer apply -f "$files" --store "$store" --allow-shrink
  check "$store: nothing is mounted any more" not grep " $store/" /proc/self/mountinfo
}

unit() { systemctl show -P "$1" veneer-agent; }
unit_is() { [ "$(unit "$1")" = "$2" ]; }

# The unit of manifests/systemd, as it is installed.
service() {
  store=/var/lib/veneer
  mkdir -p /etc/veneer
  image >/etc/veneer/base.yaml
  { sliver web overlay Deployed; sliver box overlay Started; } >/etc/veneer/slivers.yaml
  systemctl daemon-reload
  check "service: systemd-analyze verify" systemd-analyze verify --man=no /etc/systemd/system/veneer-agent.service
  cat $log
  check "service: start waits for the first pass" systemctl start veneer-agent
  check "service: is active" is "$(unit ActiveState)/$(unit SubState)" active/running
  check "service: says what it does" sh -c "systemctl show -P StatusText veneer-agent | grep watching"
  rootfs=$store/rootfs/default/web
  check "service: mounts where the node sees them" mounted $rootfs overlay
  check "service: the container runs" within 20 running $store box
  box=$(veneer get sliver box --store $store -o json | sed -n 's/.*"initPid" *: *\([0-9]*\).*/\1/p' | head -n 1)
  [ -n "$box" ] || box=$(lxc-info -P $store/lxc -n "$(basename "$(echo $store/lxc/default.box.*)")" -p -H)
  check "service: only the agent is in its control group" is "$(cat /sys/fs/cgroup/system.slice/veneer-agent.service/cgroup.procs)" "$(unit MainPID)"
  check "service: the container is confined" confined "$box"
  echo "box: $(cat "/proc/$box/cgroup") $(cat "/proc/$box/attr/current"); memory $(unit MemoryCurrent)"
  echo written >$rootfs/written

  check "service: heals a lost mount" sh -c "umount $rootfs"
  check "service: within seconds" within 5 mounted $rootfs overlay

  before=$(unit MainPID)
  check "service: kill -9" kill -9 "$before"
  check "service: is restarted" within 60 sh -c "[ \"\$(systemctl show -P MainPID veneer-agent)\" != $before ] && systemctl is-active -q veneer-agent"
  check "service: the mount survived the kill" is "$(cat $rootfs/written)" written
  check "service: the container survived the kill" test -d "/proc/$box"
  check "service: one mount only" is "$(grep -c " $rootfs " /proc/self/mountinfo)" 1

  sliver more copy Deployed >/etc/veneer/more.yaml
  check "service: an added file is noticed" within 20 test -f $store/rootfs/default/more/etc/motd
  before=$(unit MainPID)
  check "service: reload" systemctl reload veneer-agent
  check "service: is running after the reload" within 10 unit_is SubState running
  check "service: it is the same process" is "$(unit MainPID)" "$before"

  # Often enough that a missed one shows.
  mkdir -p /etc/systemd/system/veneer-agent.service.d
  printf '[Service]\nWatchdogSec=6s\n' >/etc/systemd/system/veneer-agent.service.d/floor.conf
  systemctl daemon-reload
  check "service: restart" systemctl restart veneer-agent
  check "service: the container survived the restart" test -d "/proc/$box"
  before=$(unit MainPID)
  pinged=$(unit WatchdogTimestampMonotonic)
  sleep 20
  check "service: the watchdog is content" is "$(unit MainPID)/$(unit NRestarts)" "$before/0"
  check "service: the watchdog was told" test "$(unit WatchdogTimestampMonotonic)" -gt "$pinged"
  check "service: a hung agent" kill -STOP "$before"
  check "service: is killed by the watchdog and started again" within 90 sh -c "[ \"\$(systemctl show -P MainPID veneer-agent)\" != $before ] && systemctl is-active -q veneer-agent"
  rm -r /etc/systemd/system/veneer-agent.service.d
  systemctl daemon-reload

  check "service: stop" systemctl stop veneer-agent
  check "service: ended well" is "$(unit Result)/$(unit ExecMainStatus)" success/0
  check "service: the mount outlives it" is "$(cat $rootfs/written)" written
  check "service: the container outlives it" test -d "/proc/$box"
  check "service: start again" systemctl start veneer-agent
  check "service: the container is the same" sh -c "test -d /proc/$box && veneer get sliver box --store $store -o json | grep -q Running"
  systemctl stop veneer-agent
  journalctl -u veneer-agent --no-pager -o cat | grep -v -E '^\{?.*INFO' | tail -n 60
  mkdir -p /opt/floor/none
  rm /etc/veneer/slivers.yaml /etc/veneer/more.yaml
  check "service: apply removes" veneer apply -f /etc/veneer --store $store --allow-shrink
  check "service: nothing is mounted any more" not grep " $store/" /proc/self/mountinfo
  check "service: the container is gone" not test -d "/proc/$box"
}

echo "floor: $(uname -r) $(systemctl --version | head -n 1); $(cat /proc/cmdline)"
mkdir -p /mnt/xfs /mnt/btrfs
mount /dev/vdb /mnt/xfs && mount /dev/vdc /mnt/btrfs
make_base
check "veneer --version says nothing else" sh -c 'veneer --version 2>&1 | grep -c . | grep -qx 1'
for part in $(cat /opt/floor/parts); do
  case $part in
    xfs)
      # As where Debian has the kernel's part of AppArmor only.
      mv /usr/sbin/apparmor_parser /usr/sbin/apparmor_parser.away
      drivers /mnt/xfs/veneer overlay copy
      mv /usr/sbin/apparmor_parser.away /usr/sbin/apparmor_parser
      ;;
    btrfs) drivers /mnt/btrfs/veneer overlay btrfs-snapshot copy ;;
    service) service ;;
    pod) pod ;;
  esac
done
dmesg | grep -i -E 'overlay|apparmor.*DENIED' | tail -n 30
echo "floor: finished"
