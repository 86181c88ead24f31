# Mounts 1,000 slivers again, as after a reboot, in a running agent; against the mounts in C.
. hack/bench/common.sh
boot="boot: 1,000 mounts again in a warm agent, s"
expect "$boot"
file_system xfs
small_base
declare_slivers 1000 overlay
apply

mkdir "$fs/c"
"$BENCH_WORK/slivers" create "$fs/c" "$fs/lower" 1000 >/dev/null
"$BENCH_WORK/slivers" unmount "$fs/c" 1000
c=
for round in 1 2 3; do
  c="$c $("$BENCH_WORK/slivers" mount "$fs/c" "$fs/lower" 1000)"
  "$BENCH_WORK/slivers" unmount "$fs/c" 1000
done
start_agent 5m
ours=
for round in 1 2 3 4 5; do
  took=$(passes 1000 lose_all_mounts)
  [ $round -le 2 ] || ours="$ours $took"
done
row "$boot" "$ours" "$c" "x 2"
