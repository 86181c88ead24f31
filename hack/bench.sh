#!/bin/sh
# Measures Veneer against the bare system calls in C, or against the tools that one would use instead, side by side in
# one run, and prints one table. As root; takes some minutes, 6 GB of disk for loop devices, and a machine that does
# nothing else. hack/bench.sh [NAME...] measures only these: create boot steady change btrfs import memory start space
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh
[ "$(id -u)" = 0 ] || { echo "$0: needs root" >&2; exit 1; }
install build node test bench

wanted=${*:-create boot steady change btrfs import memory start space}
work=$(mktemp -d /tmp/veneer-bench-XXXXXX)
chmod 711 "$work"
fs=$work/fs
store=$fs/store
table=$work/table
veneer=$PWD/node-reconciler/target/veneer/bin/veneer
agent=
port=

[ -x "$veneer" ] || mvn -q -B -ntp -DskipTests package
for program in slivers snapshots mountinfo; do
  gcc -O2 -Wall -o "$work/$program" "hack/bench/$program.c"
done

now() { date +%s%N; }
seconds() { awk "BEGIN { printf \"%.4f\", ($2 - $1) / 1e9 }"; }
calc() { awk "BEGIN { printf \"%.4f\", $1 }"; }
wants() { case " $wanted " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# row NAME OURS AGAINST LIMIT: the limit is what OURS may be at most; all in one unit
row() {
  printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" >>"$table"
  printf '%-44s ours %-10s against %-10s limit %s\n' "$1" "$2" "$3" "$4"
}

mounts() { grep -c " $store/" /proc/self/mountinfo || true; }

unmount_below() {
  # Deepest first: the table is in the order of mounting.
  grep -F " $1/" /proc/self/mountinfo | awk '{ print $5 }' | tac | while read -r target; do
    umount "$target" || true
  done
}

file_system() {
  umount_file_system
  truncate -s 6G "$work/image"
  case $1 in
    btrfs) mkfs.btrfs -q -f "$work/image" >/dev/null ;;
    xfs) mkfs.xfs -q -f "$work/image" ;;
  esac
  mkdir -p "$fs"
  mount -o loop "$work/image" "$fs"
  chmod 755 "$fs"
}

umount_file_system() {
  stop_agent
  if grep -q " $fs " /proc/self/mountinfo; then
    unmount_below "$fs"
    umount "$fs"
  fi
  rm -f "$work/image"
}

stop_agent() {
  [ -n "$agent" ] || return 0
  kill "$agent" 2>/dev/null || true
  wait "$agent" 2>/dev/null || true
  agent=
}

finish() {
  umount_file_system
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# manifests DIR COUNT DRIVER: a base image of a small directory, and slivers over it, a hundred a file
manifests() {
  mkdir -p "$1" "$fs/lower/etc"
  echo bench >"$fs/lower/etc/motd"
  cat >"$1/base.yaml" <<EOF
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: small}
spec: {source: {directory: {path: $fs/lower}}}
EOF
  slivers "$1" "$2" "$3"
}

slivers() {
  rm -f "$1"/slivers-*.yaml
  awk -v count="$2" -v driver="$3" -v to="$1" 'BEGIN {
    for (i = 0; i < count; i++) {
      file = sprintf("%s/slivers-%03d.yaml", to, i / 100)
      printf "---\napiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: s%05d}\nspec: {baseImage: small, driver: %s}\n", i, driver >file
    }
  }'
}

# The manifests appear at once, by a rename of the directory.
declare_slivers() {
  rm -rf "$work/next"
  mkdir "$work/next"
  cp "$work/declared/base.yaml" "$work/next/"
  slivers "$work/next" "$1" "$2"
  for file in "$work/declared"/slivers-*.yaml; do
    [ ! -e "$file" ] || [ -e "$work/next/${file##*/}" ] || rm "$file"
  done
  for file in "$work/next"/slivers-*.yaml; do
    [ ! -e "$file" ] || mv "$file" "$work/declared/"
  done
}

apply() { "$veneer" apply -f "$work/declared" --store "$store" --allow-shrink "$@" >"$work/apply.out" 2>&1 || { cat "$work/apply.out"; exit 1; }; }

start_agent() {
  port=$((20000 + $$ % 20000))
  "$veneer" agent -f "$work/declared" --store "$store" --allow-shrink --resync "$1" --metrics-address "$port" \
    --log-level warn 2>"$work/agent.log" &
  agent=$!
  until [ "$(metric veneer_pass_seconds_count)" -ge 1 ] 2>/dev/null; do
    kill -0 "$agent" 2>/dev/null || { cat "$work/agent.log"; exit 1; }
    sleep 0.02
  done
}

# The sum over all labels.
metric() {
  curl -sf "http://127.0.0.1:$port/metrics" | awk -v name="$1" '$1 == name || index($1, name "{") == 1 { sum += $2 } END { printf "%.6f", sum }' |
    sed 's/\.000000$//'
}

# Waits until there are so many mounts, a pass has ended since $first passes had, and none ended for a while. (Mounts
# alone do not tell: a pass that removes empties the trash when they are long gone, and would count as the next one.)
settled() {
  while :; do
    before=$(metric veneer_pass_seconds_count)
    [ "$before" != "$first" ] || { sleep 0.1; continue; }
    sleep 1
    [ "$(mounts)" = "$1" ] && [ "$(metric veneer_pass_seconds_count)" = "$before" ] && return
    kill -0 "$agent" 2>/dev/null || { cat "$work/agent.log"; exit 1; }
  done
}

# How long the agent's passes took while a command changed something, until there are COUNT mounts.
passes() {
  count=$1
  shift
  from=$(metric veneer_pass_seconds_sum)
  first=$(metric veneer_pass_seconds_count)
  "$@"
  settled "$count"
  calc "$(metric veneer_pass_seconds_sum) - $from"
}

# As after a reboot: the agent finds everything unmounted, and nobody who unmounts while it mounts.
lose_all_mounts() {
  kill -STOP "$agent"
  "$work/slivers" unmount-below "$store"
  kill -CONT "$agent"
}

c_slivers() {
  mkdir -p "$fs/c" "$fs/lower"
  "$work/slivers" "$@"
}

if wants create || wants boot || wants memory || wants start || wants space || wants change || wants steady; then
  file_system xfs
  manifests "$work/declared" 0 overlay
  apply
fi

if wants create; then
  c=$(c_slivers create "$fs/c" "$fs/lower" 1000)
  "$work/slivers" unmount "$fs/c" 1000
  rm -rf "$fs/c"
  declare_slivers 1000 overlay
  begun=$(now)
  apply
  cold=$(seconds "$begun" "$(now)")
  [ "$(mounts)" = 1000 ] || { echo "apply mounted $(mounts) of 1000"; exit 1; }
  row "create 1,000 by a cold apply, s" "$cold" "$c" "$(calc "$c + 1.5")"
  declare_slivers 0 overlay
  apply
  start_agent 5m
  # Twice for practice: it is the warm agent that is measured.
  for round in 1 2 3; do
    took=$(passes 1000 declare_slivers 1000 overlay)
    removed=$(passes 0 declare_slivers 0 overlay)
  done
  c=$(c_slivers create "$fs/c" "$fs/lower" 1000)
  "$work/slivers" unmount "$fs/c" 1000
  rm -rf "$fs/c"
  row "create 1,000 in a warm agent, s" "$took" "$c" "$(calc "2 * $c")"
  row "remove 1,000 in a warm agent, s" "$removed" - 2
  stop_agent
fi

if wants boot || wants memory || wants start || wants space; then
  declare_slivers 1000 overlay
  apply
fi

if wants boot; then
  c_slivers create "$fs/c" "$fs/lower" 1000 >/dev/null
  "$work/slivers" unmount "$fs/c" 1000
  c=$("$work/slivers" mount "$fs/c" "$fs/lower" 1000)
  "$work/slivers" unmount "$fs/c" 1000
  rm -rf "$fs/c"
  start_agent 5m
  for round in 1 2 3; do
    took=$(passes 1000 lose_all_mounts)
  done
  row "boot: 1,000 mounts again in a warm agent, s" "$took" "$c" "$(calc "2 * $c")"
  stop_agent
fi

if wants start; then
  best=999
  for round in 1 2 3; do
    begun=$(now)
    start_agent 5m
    took=$(seconds "$begun" "$(now)")
    best=$(awk "BEGIN { print ($took < $best) ? $took : $best }")
    stop_agent
  done
  row "start to the first pass over 1,000 done, s" "$best" - 1.5
fi

if wants memory; then
  start_agent 5m
  sleep 20
  pid=$agent
  ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
  from=$(ticks)
  sleep 20
  used=$(($(ticks) - from))
  anonymous=$(awk '/^Anonymous:/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/smaps_rollup")
  row "agent, 1,000 idle: anonymous memory, MiB" "$anonymous" - 80
  row "agent, idle: processor time in 20 s, s" "$(calc "$used / 100")" - 0.05
  stop_agent
fi

for count in 1000 5000; do
  wants steady || continue
  declare_slivers $count overlay
  apply
  start_agent 1s
  sleep 15
  writes() { awk '/^(syscw|write_bytes)/ { printf "%s ", $2 }' "/proc/$agent/io"; }
  sum=$(metric veneer_pass_seconds_sum) passed=$(metric veneer_pass_seconds_count) wrote=$(writes)
  sleep 15
  took=$(calc "($(metric veneer_pass_seconds_sum) - $sum) / ($(metric veneer_pass_seconds_count) - $passed) * 1e6 / $count")
  read -r c lines <<EOF
$("$work/mountinfo" 20)
EOF
  row "steady pass over $count, µs a sliver" "$took" "$(calc "$c * 1e6 / $count")" 30
  echo "   (system calls that write and bytes written before: $wrote after: $(writes); mount table of $lines lines)"
  stop_agent
done

if wants change; then
  change() {
    start_agent 5m
    for policy in Retain Delete Retain Delete Retain; do
      sed "0,/driver: overlay[^}]*/s//driver: overlay, deletionPolicy: $policy/" "$work/declared/slivers-000.yaml" >"$work/one.yaml"
      took=$(passes "$1" mv "$work/one.yaml" "$work/declared/slivers-000.yaml")
    done
    stop_agent
    echo "$took"
  }
  declare_slivers 1 overlay
  apply
  one=$(change 1)
  declare_slivers 5000 overlay
  apply
  many=$(change 5000)
  row "one change among 5,000, s" "$many" "$one" "$(calc "3 * $one")"
fi

if wants space; then
  declare_slivers 0 overlay
  apply
  base=$work/debian-12.tar.zst
  [ -s "$base" ] || hack/debian-base.sh "$base" systemd-sysv,python3,perl,git,gcc
  sync -f "$fs"
  empty=$(df --output=used -B1 "$fs" | tail -n 1)
  cat >"$work/declared/debian.yaml" <<EOF
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: debian}
spec: {source: {archive: {url: file://$base}}}
EOF
  apply
  sync -f "$fs"
  only=$(df --output=used -B1 "$fs" | tail -n 1)
  declare_slivers 100 overlay
  sed -i 's/baseImage: small/baseImage: debian/' "$work/declared"/slivers-*.yaml
  apply
  sync -f "$fs"
  full=$(df --output=used -B1 "$fs" | tail -n 1)
  row "100 untouched slivers and their base, MiB" "$(calc "($full - $empty) / 1048576")" "$(calc "($only - $empty) / 1048576")" \
    "$(calc "1.01 * ($only - $empty) / 1048576")"
fi

if wants import; then
  file_system xfs
  base=$work/debian-12.tar.zst
  [ -s "$base" ] || hack/debian-base.sh "$base" systemd-sysv,python3,perl,git,gcc
  mkdir -p "$work/oci-declared" "$fs/tar"
  rm -rf "$work/declared"
  mkdir "$work/declared"
  zstd -dc "$base" | cat >/dev/null
  begun=$(now)
  tar -I zstd -xpf "$base" --xattrs --xattrs-include='*' -C "$fs/tar"
  sync -f "$fs"
  tar=$(seconds "$begun" "$(now)")
  cat >"$work/declared/debian.yaml" <<EOF
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: debian}
spec: {source: {archive: {url: file://$base}}}
EOF
  begun=$(now)
  apply
  ours=$(seconds "$begun" "$(now)")
  row "import of a $(($(stat -c %s "$base") / 1048576)) MiB tar.zst, s" "$ours" "$tar" "$(calc "1.2 * $tar")"
  umoci --log error init --layout "$work/oci"
  umoci --log error new --image "$work/oci:debian"
  zstd -qdfo "$work/layer.tar" "$base"
  umoci --log error raw add-layer --image "$work/oci:debian" "$work/layer.tar"
  rm "$work/layer.tar"
  begun=$(now)
  umoci --log error unpack --image "$work/oci:debian" "$fs/umoci"
  sync -f "$fs"
  umoci=$(seconds "$begun" "$(now)")
  rm -rf "$fs/umoci" "$store"
  cat >"$work/declared/debian.yaml" <<EOF
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: debian}
spec: {source: {ociLayout: {path: $work/oci, reference: debian}}}
EOF
  begun=$(now)
  apply
  ours=$(seconds "$begun" "$(now)")
  row "import of the same as an OCI layout, s" "$ours" "$umoci" "$umoci"
fi

if wants btrfs; then
  file_system btrfs
  rm -rf "$work/declared"
  manifests "$work/declared" 0 btrfs-snapshot
  apply
  start_agent 5m
  for round in 1 2 3; do
    took=$(passes 200 declare_slivers 200 btrfs-snapshot)
    [ $round = 3 ] || passes 0 declare_slivers 0 btrfs-snapshot >/dev/null
  done
  stop_agent
  btrfs -q subvolume create "$fs/source"
  cp -r "$fs/lower/." "$fs/source/"
  mkdir "$fs/c"
  sync -f "$fs"
  c=$("$work/snapshots" "$fs/source" "$fs/c" 200)
  row "create 200 btrfs slivers in a warm agent, s" "$took" "$c" "$(calc "0.4 * $c")"
fi

echo
awk -F'|' 'BEGIN { printf "%-46s %10s %10s %7s %10s  %s\n", "what", "veneer", "against", "ratio", "limit", "" }
  { ratio = ($3 + 0 > 0) ? sprintf("%.2f", $2 / $3) : "-"
    ok = ($2 + 0 <= $4 + 0) ? "reached" : "MISSED"; if (ok != "reached") missed++
    printf "%-46s %10s %10s %7s %10s  %s\n", $1, $2, $3, ratio, $4, ok }
  END { if (missed) printf "%d of %d missed\n", missed, NR; exit missed > 0 }' "$table"
