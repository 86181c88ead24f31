# One agent in a cluster: 1,000 slivers by one kubectl apply, against the same in files and the API server alone; what it
# writes for each; and what it takes and asks for when all are idle.
. hack/bench/common.sh
. hack/bench/api.sh
ready="1,000 by one kubectl apply until Ready, s"
served="the same, against objects and the agent's writes alone"
most="agent's writes a sliver until Ready, at most"
made="agent of a cluster that made 1,000: anonymous, MiB"
anonymous="agent of a cluster, 1,000 idle: anonymous, MiB"
requests="agent of a cluster, 1,000 idle: requests in 10 s"
wrote="the same: writes but its Lease in four minutes"
expect "$ready" "$served" "$most" "$made" "$anonymous" "$requests" "$wrote"
file_system xfs
small_base

# The same in files, as in the group create.
start_agent 5m
files=
for round in 1 2 3 4 5; do
  took=$(passes 1000 declare_slivers 1000 overlay)
  passes 0 declare_slivers 0 overlay >/dev/null
  [ $round -le 2 ] || files="$files $took"
done
stop_agent

start_api
slivers=$group_path/namespaces/default/slivers
k apply --server-side -f "$work/declared/base.yaml" >/dev/null

# declare NODE: 1,000 slivers in one file
declare() {
  awk -v node="$1" 'BEGIN {
    for (i = 0; i < 1000; i++)
      printf "---\napiVersion: veneer.dev/v1alpha1\nkind: Sliver\nmetadata: {name: s%05d, namespace: default}\nspec: {nodeName: %s, baseImage: small, driver: overlay}\n", i, node
  }'
}
declare nobody >"$work/nobody.yaml"
declare bench >"$work/bench.yaml"

# agent_writes WHAT: to nobody's slivers, what an agent writes to each, by one that has it all ready
agent_writes() {
  awk -v what="$1" -v count=1000 -v digits=5 -v each=1 -v images=1 -v group="$group_path" -v apply="$apply" \
    -v digest=sha256:"$(printf '%064d' 1)" -f hack/bench/fleet.awk >"$work/writes"
  call_all "$work/writes"
}
# Nobody's slivers have a finalizer for which nobody is there: they are taken out of etcd.
remove_nobodys() {
  least=$(printf %s /registry/veneer.dev/slivers/default/ | base64 -w 0) end=$(printf %s /registry/veneer.dev/slivers/default0 | base64 -w 0)
  curl -sf "$etcd_client/v3/kv/deleterange" -d "{\"key\":\"$least\",\"range_end\":\"$end\"}" >/dev/null
}
none() { [ "$(call GET "$slivers?limit=1" | jq '.items | length')" = 0 ]; }

# start_cluster_agent: until it reports
start_cluster_agent() {
  port=$((20000 + $$ % 20000))
  "$VENEER" agent --kubernetes --kubeconfig "$api/agent" --node-name bench --store "$store" \
    --metrics-address "$port" 2>"$work/agent.log" &
  agent=$!
  until [ "$(metric veneer_pass_seconds_count)" -ge 1 ] 2>/dev/null; do
    is_alive
    sleep 0.1
  done
}

# What was written to each sliver from a place of the log on, until it was said to be Ready: how many are, the most for one,
# and when the last one was.
until_ready() {
  tail -c "+$1" "$audit" | awk '
    /"stage":"ResponseComplete"/ && /"verb":"(create|update|patch|delete)"/ && match($0, /"resource":"slivers","namespace":"[^"]*","name":"[^"]*"/) {
      name = substr($0, RSTART, RLENGTH)
      if (name in ready) next
      writes[name]++
      if (/"subresource":"status"/ && (/"type":"Ready","status":"True"/ || /"status":"True","type":"Ready"/)) {
        ready[name]
        count++
        match($0, /"stageTimestamp":"[^"]*"/)
        when = substr($0, RSTART + 18, RLENGTH - 19)
        if (writes[name] > most) most = writes[name]
      }
    }
    END { print count + 0, most + 0, when }'
}
# Looked at seldom: it takes time from those that are measured. The log tells when it was.
all_ready() {
  sleep 1
  [ "$(until_ready "$from" | cut -d ' ' -f 1)" = 1000 ]
}
mark() { from=$(($(stat -c %s "$audit" 2>/dev/null || echo 0) + 1)); }

anonymous_of() { awk '/^Anonymous:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/smaps_rollup"; }

store=$fs/cluster
start_cluster_agent
ours= against= against_served= writes=
for round in 1 2 3 4; do
  begun=$(now)
  k apply --server-side -f "$work/nobody.yaml" >/dev/null
  alone=$(seconds "$begun" "$(now)")
  agent_writes sliver-finalizers
  agent_writes sliver-statuses
  served_alone=$(seconds "$begun" "$(now)")
  remove_nobodys
  wait_for 60 "removing what is nobody's" none

  mark
  begun=$(now)
  k apply --server-side -f "$work/bench.yaml" >/dev/null
  echo "kubectl: $(seconds "$begun" "$(now)") s; alone $alone s, with the agent's writes $served_alone s"
  wait_for 200 "all slivers Ready" all_ready
  took=$(seconds "$begun" "$(date -d "$(until_ready "$from" | cut -d ' ' -f 3)" +%s%N)")
  # The first is practice.
  if [ $round -gt 1 ]; then
    ours="$ours $took"
    # Twice that of files, and what the objects alone take, or all that has to be written.
    in_files=$(echo "$files" | awk -v n=$((round - 1)) '{ print $n }')
    against="$against $(calc "2 * $in_files + $alone")"
    against_served="$against_served $(calc "2 * $in_files + $served_alone")"
  fi
  sleep 10
  writes="$writes $(until_ready "$from" | cut -d ' ' -f 2)"
  [ "$(mounts)" = 1000 ] || fail "the agent mounted $(mounts) of 1000"
  [ $round = 4 ] && break
  call DELETE "$slivers" >/dev/null
  wait_for 200 "removing all slivers" none
done
row "$ready" "$ours" "$against" "x 1"
row "$served" "$ours" "$against_served" "x 1"
row "$most" "$writes" - "max 2"
row "$made" "$(anonymous_of "$agent")" - "max 128"

stop_agent
start_cluster_agent
sleep 20
mark
memory=$(anonymous_of "$agent")
# Twice the life of a watch.
sleep 250
asked=$(tail -c "+$from" "$audit" | grep -c -E '"stage":"ResponseStarted".*"verb":"watch"|"stage":"ResponseComplete".*"verb":"(get|list|create|update|patch|delete)"' || true)
wrote_others=$(tail -c "+$from" "$audit" | grep '"stage":"ResponseComplete"' | grep -E '"verb":"(create|update|patch|delete)"' | grep -c -v '"resource":"leases"' || true)
row "$anonymous" "$memory $(anonymous_of "$agent")" - "max 128"
row "$requests" "$(calc "$asked / 25")" - "max 1"
row "$wrote" "$wrote_others" - "max 0"
