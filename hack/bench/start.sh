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
  took=$("$BENCH_WORK/ready" "$VENEER" agent -f "$work/declared" --store "$store" --allow-shrink 2>"$work/agent.log") || {
    cat "$work/agent.log" >&2
    fail "the agent did not get ready"
  }
  ours="$ours $took"
done
row "$start" "$ours" - "max 1.5"
