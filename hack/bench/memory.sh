# What an agent with 1,000 idle slivers takes.
. hack/bench/common.sh
anonymous="agent, 1,000 idle: anonymous memory, MiB"
processor="agent, 1,000 idle: processor time in 10 s, s"
expect "$anonymous" "$processor"
file_system xfs
small_base
declare_slivers 1000 overlay
apply

memory= used=
for round in 1 2 3; do
  start_agent 5m
  sleep 15
  ticks() { awk '{ print $14 + $15 }' "/proc/$agent/stat"; }
  from=$(ticks)
  sleep 10
  used="$used $(calc "($(ticks) - $from) / 100")"
  memory="$memory $(awk '/^Anonymous:/ { printf "%.1f", $2 / 1024 }' "/proc/$agent/smaps_rollup")"
  stop_agent
done
row "$anonymous" "$memory" - "max 80"
row "$processor" "$used" - "max 0.02"
