# A running sliver that has 200 MiB of its own moves to a base that differs in little, in a running agent: how long its
# container is down, from when it was asked to end, against how long stopping and starting it take alone.
. hack/bench/common.sh
pause="container down for a move, 200 MiB store, s"
expect "$pause"
file_system xfs
mkdir -p "$work/declared"

# guest DIRECTORY MESSAGE: a static busybox whose init ends when it is asked to
guest() {
  mkdir -p "$1/bin" "$1/sbin" "$1/etc" "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/run" "$1/root" "$1/usr"
  cp /usr/bin/busybox "$1/bin/busybox"
  for applet in sh sleep mkdir dd; do
    ln -s busybox "$1/bin/$applet"
  done
  printf '#!/bin/sh\ntrap "exit 0" PWR\nwhile :; do sleep 0.05; done\n' >"$1/sbin/init"
  chmod 755 "$1/sbin/init"
  echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
  echo root:x:0: >"$1/etc/group"
  i=0
  while [ $i -lt 100 ]; do
    echo "$2 $i" >"$1/usr/f$i"
    i=$((i + 1))
  done
}
# sliver BASE STATE
sliver() {
  printf 'apiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: busy}\nspec: {baseImage: %s, driver: overlay, desiredState: %s, keepPrevious: 0s}\n' "$1" "$2" >"$work/next"
  mv "$work/next" "$work/declared/sliver.yaml"
}
for version in one two; do
  guest "$fs/$version" $version
  cat >"$work/declared/$version.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: $version}
spec: {source: {directory: {path: $fs/$version}}}
DONE
done
sliver one Started
# Told by the actions' own lines of the log.
started() { grep -c 'action=StartContainer' "$work/agent.log" || true; }
wait_for_start() {
  until [ "$(started)" -gt "$1" ]; do
    is_alive
    sleep 0.1
  done
}
start_agent 1h
wait_for_start 0
# From inside: the host's root is nobody there.
"$VENEER" exec busy --store "$store" -- sh -c '
  i=0
  while [ $i -lt 2000 ]; do
    [ $((i % 100)) != 0 ] || mkdir /root/d$((i / 100))
    dd if=/dev/urandom of=/root/d$((i / 100))/f$i bs=104857 count=1 2>/dev/null
    i=$((i + 1))
  done'
sync -f "$fs"

# Seconds of the last line of an action: how long it took, and when it ended.
took() { sed -n "s/.*action=$1 millis=\([0-9]*\).*/\1/p" "$work/agent.log" | tail -n 1; }
ended() { date -d "$(grep "action=$1 " "$work/agent.log" | tail -n 1 | cut -d' ' -f1)" +%s%3N; }
# The container's first process: the child of the one that LXC names after the container.
init() {
  grep -ls "^\\[lxc monitor\\] $store" /proc/[0-9]*/cmdline | cut -d / -f 3 | head -n 1 |
    while read -r monitor; do cat "/proc/$monitor/task/$monitor/children"; done | cut -d ' ' -f 1
}
down= alone=
for round in 1 2 3 4 5 6; do
  before=$(started)
  [ $((round % 2)) = 1 ] && sliver two Started || sliver one Started
  wait_for_start "$before"
  grep -q 'action=Rebase ' "$work/agent.log" || fail "nothing was moved: $(cat "$work/agent.log")"
  # The first two are practice.
  [ $round -gt 2 ] || continue
  down="$down $(calc "($(ended StartContainer) - $(ended StopContainer)) / 1000")"

  init=$(init)
  [ -n "$init" ] || fail "the container has no first process"
  before=$(started)
  [ $((round % 2)) = 1 ] && sliver two Deployed || sliver one Deployed
  while [ -d "/proc/$init" ]; do
    is_alive
    sleep 0.005
  done
  gone=$(date +%s%3N)
  stopping=$((gone - $(ended StopContainer)))
  [ $((round % 2)) = 1 ] && sliver two Started || sliver one Started
  wait_for_start "$before"
  alone="$alone $(calc "($stopping + $(took StartContainer)) / 1000")"
done
rm "$work/declared/sliver.yaml"
until ! grep -q " $store/" /proc/self/mountinfo; do
  is_alive
  sleep 0.2
done
row "$pause" "$down" "$alone" "+ 0.5"
