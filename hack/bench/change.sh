# One edited sliver among 5,000; against one that is alone.
. hack/bench/common.sh
change="one change among 5,000, s"
expect "$change"
file_system xfs
small_base

# The time of each change; the first three are practice.
changes() {
  for round in 1 2 3 4 5 6 7 8; do
    [ $((round % 2)) = 0 ] && policy=Delete || policy=Retain
    sed "0,/driver: overlay[^}]*/s//driver: overlay, deletionPolicy: $policy/" "$work/declared/slivers-000.yaml" >"$work/one.yaml"
    took=$(passes "$1" mv "$work/one.yaml" "$work/declared/slivers-000.yaml")
    [ $round -le 3 ] || printf '%s ' "$took"
  done
}
declare_slivers 1 overlay
apply
start_agent 5m
one=$(changes 1)
stop_agent
declare_slivers 5000 overlay
apply
start_agent 5m
many=$(changes 5000)
row "$change" "$many" "$one" "x 3"
