#!/bin/sh
# Measures Veneer against the bare system calls in C, or against the tools that one would use instead, side by side in
# one run, and prints one table: the median of several runs, and the least and the most.
#
#   hack/bench.sh [GROUP...]     create boot steady change btrfs import memory start space compact rebase pause
#                               cluster fleet; all of them by default
#
# VENEER=FILE, and CONTROLLER=FILE.jar for fleet, are measured, instead of what was built last.
# BENCH_BASE=FILE.tar.zst is imported, instead of a Debian that is made for it, or kept there for the next time.
#
# As root; takes some minutes, 6 GB of disk for loop devices, and a machine that does nothing else. Fails when a limit
# is missed or a row could not be measured.
#
# Each group (hack/bench/GROUP.sh) runs in a mount namespace of its own: however it ends, its mounts end with it, and so
# do its loop devices. What can stay behind, when this script is killed by SIGKILL, is one directory, /tmp/veneer-bench-*;
# the next start removes it.
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh
[ "$(id -u)" = 0 ] || { echo "$0: needs root" >&2; exit 1; }

groups=${*:-create boot steady change btrfs import memory start space compact rebase pause cluster fleet}
for group in $groups; do
  [ -r "hack/bench/$group.sh" ] && [ "$group" != common ] && [ "$group" != api ] || { echo "$0: no such group: $group" >&2; exit 64; }
done
exec 9>/run/veneer-bench.lock
flock -n 9 || { echo "$0: another benchmark is running, or what is left of it is just ending" >&2; exit 1; }
install build node test bench
case " $groups " in
  *" cluster "* | *" fleet "*) install build node test kube bench ;;
esac

for left in /tmp/veneer-bench-*; do
  if [ -d "$left" ] && [ ! -L "$left" ] && [ -O "$left" ]; then
    echo "Clearing what a killed run left: $left"
    # Deepest first: the table is in the order of mounting.
    awk -v below="$left/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r target; do
      umount "$target"
    done
    rm -rf --one-file-system "$left"
  fi
done

BENCH_WORK=$(mktemp -d /tmp/veneer-bench-XXXXXX)
VENEER=${VENEER:-$PWD/node-reconciler/target/veneer/bin/veneer}
CONTROLLER=${CONTROLLER:-$PWD/controller/target/veneer-controller/lib/veneer-controller.jar}
export BENCH_WORK VENEER CONTROLLER
chmod 711 "$BENCH_WORK"
running=

finish() {
  status=$?
  trap '' HUP INT TERM
  if [ -n "$running" ]; then
    kill "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  # What was just killed may still be writing its last.
  rm -rf --one-file-system "$BENCH_WORK" 2>/dev/null || { sleep 2; rm -rf --one-file-system "$BENCH_WORK"; }
  exit $status
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command that ends when this script does: timeout passes the signal on to all that the command started. In the
# background, since a shell that waits in the foreground hears no signal.
run() {
  limit=$1
  shift
  setpriv --pdeathsig TERM timeout -k 10 "$limit" "$@" &
  running=$!
  code=0
  wait "$running" || code=$?
  running=
  return $code
}

build() { run 1800 mvn -q -B -ntp -DskipTests package; }
[ -x "$VENEER" ] || build
for program in slivers snapshots mountinfo ready contents; do
  gcc -O2 -Wall -pthread -o "$BENCH_WORK/$program" "hack/bench/$program.c"
done
# The class-data archive is made on first use, which is not to be measured.
"$VENEER" --version >/dev/null
case " $groups " in
  *" import "* | *" space "*)
    BENCH_BASE=${BENCH_BASE:-$BENCH_WORK/debian-12.tar.zst}
    export BENCH_BASE
    if [ ! -s "$BENCH_BASE" ]; then
      echo "Making a base image"
      mkdir "$BENCH_WORK/tmp"
      TMPDIR=$BENCH_WORK/tmp run 1200 hack/debian-base.sh "$BENCH_BASE" systemd-sysv,python3,perl,git,gcc || true
    fi
    ;;
esac
case " $groups " in
  *" cluster "* | *" fleet "*) run 1800 hack/kube/build.sh etcd kube-apiserver kubectl >/dev/null ;;
esac
case " $groups " in
  *" fleet "*) [ -r "$CONTROLLER" ] || build ;;
esac

for group in $groups; do
  code=0
  run 2400 unshare --mount --propagation private sh "hack/bench/$group.sh" 2>"$BENCH_WORK/errors" || code=$?
  cat "$BENCH_WORK/errors" >&2
  if [ $code != 0 ]; then
    [ $code != 124 ] || echo "it took more than 40 minutes" >"$BENCH_WORK/errors"
    why=$(grep . "$BENCH_WORK/errors" | tail -n 1 | tr '|' '/')
    echo "$group|${why:-it ended with status $code}" >>"$BENCH_WORK/failed"
  fi
done

echo
touch "$BENCH_WORK/expected" "$BENCH_WORK/failed" "$BENCH_WORK/rows"
awk -f hack/bench/table.awk "$BENCH_WORK/failed" "$BENCH_WORK/rows" "$BENCH_WORK/expected"
