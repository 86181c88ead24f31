# One edited sliver among 5,000; against one that is alone.
. hack/bench/common.sh
change="one change among 5,000, s"
expect "$change"
file_system xfs
small_base

# The time of each change; the first three are practice. The sliver that is edited has a file of its own.
changes() {
  for round in 1 2 3 4 5 6 7 8; do
    [ $((round % 2)) = 0 ] && policy=Delete || policy=Retain
    edited $policy
    took=$(passes "$1" mv "$work/one.yaml" "$work/declared/edited.yaml")
    [ $round -le 3 ] || printf '%s ' "$took"
  done
}
edited() {
  cat >"$work/one.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: edited}
spec: {baseImage: small, driver: overlay, deletionPolicy: $1}
DONE
}
edited Delete
mv "$work/one.yaml" "$work/declared/edited.yaml"
apply
start_agent 5m
one=$(changes 1)
stop_agent
declare_slivers 4999 overlay
apply
start_agent 5m
many=$(changes 5000)
row "$change" "$many" "$one" "x 3"
