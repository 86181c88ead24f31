# Creates 200 slivers that are snapshots; against one snapshot after another in C.
. hack/bench/common.sh
create="create 200 btrfs slivers in a warm agent, s"
all="the same; all of it by 32 threads in C, s"
expect "$create" "$all"
file_system btrfs
small_base
start_agent 5m
ours=
# The first ten are practice: 2,000 slivers, as many as create.sh has.
for round in $(seq 18); do
  took=$(passes 200 declare_slivers 200 btrfs-snapshot)
  [ "$round" -le 10 ] || ours="$ours $took"
  passes 0 declare_slivers 0 btrfs-snapshot >/dev/null
done
stop_agent
btrfs -q subvolume create "$fs/source"
cp -r "$fs/lower/." "$fs/source/"
c= whole=
for round in 1 2 3 4 5; do
  mkdir "$fs/c$round" "$fs/whole$round"
  sync -f "$fs"
  c="$c $("$BENCH_WORK/snapshots" "$fs/source" "$fs/c$round" 200)"
  sync -f "$fs"
  whole="$whole $("$BENCH_WORK/snapshots" "$fs/source" "$fs/whole$round" 200 32)"
done
row "$create" "$ours" "$c" "x 0.4"
row "$all" "$ours" "$whole" "x 2"
