# The controller of 1,000 nodes with 100 slivers each, as its image runs it, on a real API server. The agents are played:
# their objects have the statuses that agents give them, and their Leases are renewed all the time.
. hack/bench/common.sh
. hack/bench/api.sh
start="controller, 100,000 slivers: start to all told, s"
anonymous="the same: anonymous memory, MiB"
expect "$start" "$anonymous"
nodes=1000 each=100 images=10
group_path=/apis/veneer.dev/v1alpha1
leases=/apis/coordination.k8s.io/v1/namespaces/veneer-system/leases
digest=sha256:$(printf '%064d' 1)
merge=application/merge-patch+json json=application/json
start_api

# make WHAT: requests as call_all reads them, a few thousand at a time
make() {
  awk -v what="$1" -v nodes=$nodes -v each=$each -v images=$images -v group="$group_path" -v leases="$leases" \
    -v digest="$digest" -v uids="${uids:-}" -v merge=$merge -v json=$json -v now="$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)" \
    -f hack/bench/fleet.awk | split -l 4000 - "$work/requests-"
  for file in "$work"/requests-*; do
    call_all "$file"
  done
}
begun=$(now)
make images
uids=$(call GET $group_path/baseimages | jq -r '[.items | sort_by(.metadata.name)[].metadata.uid] | join(" ")')
for what in nodes leases stores store-statuses slivers sliver-statuses; do
  make $what
  echo "$what: $(seconds "$begun" "$(now)") s since the beginning"
done

renewing() {
  while :; do
    make renewals
    sleep 15
  done
}
renewing &
background="$background $!"

# Whether the controller has told, of every image, all nodes and slivers.
told() {
  kill -0 "$controller" 2>/dev/null || {
    tail -n 5 "$work/controller.log" >&2
    fail "the controller ended"
  }
  [ "$(call GET $group_path/baseimages | jq --argjson nodes $nodes --argjson slivers $((nodes * each / images)) \
    '[.items[].status | select(.nodes.ready == $nodes and .blockedBy.count == $slivers)] | length')" = $images ]
}

took= memory=
for round in 1 2 3; do
  for image in $(seq 0 $((images - 1))); do
    call PATCH "$group_path/baseimages/base-$image/status" $merge '{"status":null}' >/dev/null
  done
  begun=$(now)
  # The image's own options, of a pod with the manifest's limit.
  java -XX:MaxRAM=1g -XX:+UseSerialGC -XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError -cp "$CONTROLLER" \
    dev.veneer.controller.app.Main --kubeconfig "$api/controller" --system-namespace veneer-system \
    >"$work/controller.log" 2>&1 &
  controller=$!
  background="$background $controller"
  wait_for 300 "the controller's numbers" told
  took="$took $(seconds "$begun" "$(now)")"
  sleep 30
  memory="$memory $(awk '/^Anonymous:/ { printf "%.1f", $2 / 1024 }' "/proc/$controller/smaps_rollup")"
  echo "processor time: $(awk '{ print ($14 + $15) / 100 }' "/proc/$controller/stat") s, at most resident: $(awk '/^VmHWM:/ { print $2 / 1024 }' "/proc/$controller/status") MiB"
  kill "$controller"
  wait "$controller" || true
done
row "$start" "$took" - "max 30"
row "$anonymous" "$memory" - "max 1024"
