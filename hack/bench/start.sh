# From the start of the agent's process to the end of its first pass over 1,000 slivers.
. hack/bench/common.sh
start="start to the first pass over 1,000 done, s"
expect "$start"
file_system xfs
small_base
declare_slivers 1000 overlay
apply

ours=
for round in 1 2 3 4 5; do
  begun=$(now)
  start_agent 5m
  ours="$ours $(seconds "$begun" "$(now)")"
  stop_agent
done
row "$start" "$ours" - "max 1.5"
