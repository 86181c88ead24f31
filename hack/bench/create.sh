# Creates 1,000 overlay slivers: by one apply, and in a running agent; against the same system calls in C.
. hack/bench/common.sh
cold="create 1,000 by a cold apply, s"
warm="create 1,000 in a warm agent, s"
removal="remove 1,000 in a warm agent, s"
expect "$cold" "$warm" "$removal"
file_system xfs
small_base

ours= c=
for round in 1 2 3; do
  c="$c $(c_create)"
  declare_slivers 1000 overlay
  begun=$(now)
  apply
  ours="$ours $(seconds "$begun" "$(now)")"
  [ "$(mounts)" = 1000 ] || fail "apply mounted $(mounts) of 1000"
  declare_slivers 0 overlay
  apply
done
row "$cold" "$ours" "$c" "+ 1.5"

start_agent 5m
ours= c= removed=
# The first two are practice: it is the warm agent that is measured.
for round in 1 2 3 4 5; do
  took=$(passes 1000 declare_slivers 1000 overlay)
  gone=$(passes 0 declare_slivers 0 overlay)
  if [ $round -gt 2 ]; then
    ours="$ours $took" removed="$removed $gone"
    c="$c $(c_create)"
  fi
done
row "$warm" "$ours" "$c" "x 2"
row "$removal" "$removed" - "max 2"
