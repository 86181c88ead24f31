# The controller of 1,000 nodes with 100 slivers each, as its image runs it, on a real API server. The agents are played:
# their objects have the statuses that agents give them, and their Leases are renewed all the time. One sliver is made as
# kubectl and an agent make it; what etcd then has of it is put there 100,000 times, which takes one minute instead of twenty.
. hack/bench/common.sh
. hack/bench/api.sh
start="controller, 100,000 slivers: start to all told, s"
anonymous="the same: anonymous memory, MiB"
expect "$start" "$anonymous"
# BENCH_NODES=N: of so many nodes, to see what grows.
nodes=${BENCH_NODES:-1000} each=100 images=10
leases=/apis/coordination.k8s.io/v1/namespaces/veneer-system/leases
digest=sha256:$(printf '%064d' 1)
start_api

# make WHAT: requests as call_all reads them, a few thousand at a time
make() {
  awk -v what="$1" -v nodes=$nodes -v each=$each -v images=$images -v count=1 -v digits=6 -v group="$group_path" -v leases="$leases" \
    -v digest="$digest" -v uids="${uids:-}" -v merge=$merge -v json=$json -v apply=$apply -v now="$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)" \
    -f hack/bench/fleet.awk | split -l 4000 - "$work/requests-"
  for file in "$work"/requests-*; do
    call_all "$file"
  done
}
begun=$(now)
make images
uids=$(call GET $group_path/baseimages | jq -r '[.items | sort_by(.metadata.name)[].metadata.uid] | join(" ")')
for what in nodes leases stores store-statuses slivers sliver-finalizers sliver-statuses; do
  make $what
  echo "$what: $(seconds "$begun" "$(now)") s since the beginning"
done

# The sliver as etcd has it, for all nodes: transactions of a hundred.
stored=/registry/veneer.dev/slivers/default/
curl -sf "$etcd_client/v3/kv/range" -d "{\"key\":\"$(printf %s "${stored}s000000" | base64 -w 0)\"}" |
  jq -r '.kvs[0].value' | base64 -d >"$work/one.json"
jq -nc --slurpfile one "$work/one.json" --arg stored "$stored" --argjson nodes "$nodes" --argjson each $each --argjson images $images '
  def digits($width): tostring | ("0" * ($width - length)) + .;
  range(0; $nodes) as $node | "node-\($node | digits(4))" as $on | {success: [
    range(0; $each) as $of | ($node * $each + $of) as $i | "s\($i | digits(6))" as $name | "base-\($i % $images)" as $base |
    {requestPut: {key: ($stored + $name | @base64), value: ($one[0]
      | .metadata.name = $name | .metadata.uid = "00000000-0000-4000-8000-\($i | digits(12))"
      | .spec.nodeName = $on | .spec.baseImage = $base | .status.store = $on | .status.base.name = $base
      | tojson | @base64)}}]}' |
  split -l 1 --filter="curl -sf --data-binary @- '$etcd_client/v3/kv/txn' >>'$work/put' || echo failed >>'$work/put'" -
! grep -q failed "$work/put" || fail "the slivers could not be put into etcd"
revision=$(curl -sf "$etcd_client/v3/kv/range" -d "{\"key\":\"$(printf %s / | base64)\"}" | jq -r .header.revision)
echo "slivers: $(seconds "$begun" "$(now)") s since the beginning"
# What the API server serves is what etcd tells it, which takes it some time.
caught_up() { call GET "$group_path/namespaces/default/slivers?limit=1&resourceVersion=$revision&resourceVersionMatch=NotOlderThan" >"$work/some"; }
wait_for 600 "the API server's reading of all slivers" caught_up
there=$(call GET "$group_path/namespaces/default/slivers?limit=1" | jq '.metadata.remainingItemCount + 1')
[ "$there" = $((nodes * each)) ] || fail "the API server has $there slivers"
echo "served: $(seconds "$begun" "$(now)") s since the beginning"

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
