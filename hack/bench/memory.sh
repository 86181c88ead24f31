# What an agent with 1,000 idle slivers takes.
. hack/bench/common.sh
anonymous="agent, 1,000 idle: anonymous memory, MiB"
measured="the same, when all have been measured"
processor="agent, 1,000 idle: processor time in 10 s, s"
expect "$anonymous" "$measured" "$processor"
file_system xfs
small_base
declare_slivers 1000 overlay
apply

anonymous_now() { awk '/^Anonymous:/ { printf "%.1f", $2 / 1024 }' "/proc/$agent/smaps_rollup"; }
memory= used= afterwards=
for round in 1 2 3; do
  start_agent 5m
  sleep 15
  ticks() { awk '{ print $14 + $15 }' "/proc/$agent/stat"; }
  from=$(ticks)
  sleep 10
  used="$used $(calc "($(ticks) - $from) / 100")"
  memory="$memory $(anonymous_now)"
  # Two minutes after the start, each is measured.
  [ $round != 3 ] || { sleep 130; afterwards=$(anonymous_now); }
  stop_agent
done
row "$anonymous" "$memory" - "max 80"
row "$measured" "$afterwards" - "max 80"
row "$processor" "$used" - "max 0.02"
