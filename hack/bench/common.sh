# What the groups of hack/bench.sh share; sourced. A group runs in a mount namespace of its own, so it takes nothing but its
# agent away at its end: it may stop anywhere.
set -eu
group=$(basename "$0" .sh)
work=$BENCH_WORK/$group
fs=$work/fs
store=$fs/store
mkdir "$work"
chmod 711 "$work"
agent=
background=
port=

now() { date +%s%N; }
seconds() { awk "BEGIN { printf \"%.4f\", ($2 - $1) / 1e9 }"; }
calc() { awk "BEGIN { printf \"%.4f\", $1 }"; }
fail() {
  echo "$1" >&2
  exit 1
}

# expect NAME...: the rows that the group will have; those that it does not reach are told as such
expect() {
  for name in "$@"; do
    echo "$group|$name" >>"$BENCH_WORK/expected"
  done
}

# row NAME OURS AGAINST LIMIT: samples apart by blanks, all in one unit; AGAINST may be "-".
# LIMIT: "max N", "x N" times AGAINST, "+ N" more than AGAINST. Medians are compared.
row() {
  echo "$1|$2|$3|$4" >>"$BENCH_WORK/rows"
  echo "$1: $2 against $3"
}

mounts() { grep -c " $store/" /proc/self/mountinfo || true; }

file_system() {
  truncate -s 6G "$work/image"
  case $1 in
    btrfs) mkfs.btrfs -q -f "$work/image" >/dev/null ;;
    xfs) mkfs.xfs -q -f "$work/image" ;;
  esac
  mkdir -p "$fs"
  mount -o loop "$work/image" "$fs"
  chmod 755 "$fs"
}

base_image() {
  [ -s "$BENCH_BASE" ] || fail "the base image could not be made"
  cat >"$work/declared/debian.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: debian}
spec: {source: $1}
DONE
}

# The slivers' base: a small directory.
small_base() {
  mkdir -p "$work/declared" "$fs/lower/etc"
  echo bench >"$fs/lower/etc/motd"
  cat >"$work/declared/base.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: small}
spec: {source: {directory: {path: $fs/lower}}}
DONE
  apply
}

# declare_slivers COUNT DRIVER: a hundred a file; the files appear one after the other, whole
declare_slivers() {
  rm -rf "$work/next"
  mkdir "$work/next"
  awk -v count="$1" -v driver="$2" -v to="$work/next" 'BEGIN {
    for (i = 0; i < count; i++) {
      file = sprintf("%s/slivers-%03d.yaml", to, i / 100)
      printf "---\napiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: s%05d}\nspec: {baseImage: small, driver: %s}\n", i, driver >file
    }
  }'
  for file in "$work/declared"/slivers-*.yaml; do
    [ ! -e "$file" ] || [ -e "$work/next/${file##*/}" ] || rm "$file"
  done
  for file in "$work/next"/slivers-*.yaml; do
    [ ! -e "$file" ] || mv "$file" "$work/declared/"
  done
}

apply() {
  "$VENEER" apply -f "$work/declared" --store "$store" --allow-shrink >"$work/apply.out" 2>&1 || {
    cat "$work/apply.out" >&2
    exit 1
  }
}

# start_agent RESYNC: until its first pass is over
start_agent() {
  port=$((20000 + $$ % 20000))
  "$VENEER" agent -f "$work/declared" --store "$store" --allow-shrink --resync "$1" --metrics-address "$port" \
    2>"$work/agent.log" &
  agent=$!
  until [ "$(metric veneer_pass_seconds_count)" -ge 1 ] 2>/dev/null; do
    is_alive
    sleep 0.02
  done
}

is_alive() {
  kill -0 "$agent" 2>/dev/null || {
    cat "$work/agent.log" >&2
    fail "the agent ended"
  }
}

stop_agent() {
  kill "$agent"
  wait "$agent" || true
  agent=
}
# One that ran on would take time from the groups that follow.
trap 'for each in $agent $background; do kill "$each" 2>/dev/null || true; done' EXIT
trap 'exit 143' TERM

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
    is_alive
  done
}

# passes COUNT COMMAND...: how long the agent's passes took while a command changed something, until there are COUNT mounts
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
  "$BENCH_WORK/slivers" unmount-below "$store"
  kill -CONT "$agent"
}

# The bare system calls of creating 1,000 slivers, and what they made taken away again.
c_create() {
  mkdir -p "$fs/c"
  "$BENCH_WORK/slivers" create "$fs/c" "$fs/lower" 1000
  "$BENCH_WORK/slivers" unmount "$fs/c" 1000
  rm -rf "$fs/c"
}
