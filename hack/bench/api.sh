# A real etcd and a real API server on the loopback, with our definitions, for the groups that need a cluster; sourced after
# common.sh. They end with the group. Whoever calls is told apart by a token: admin, agent, controller, nodes.
parts=$(hack/kube/build.sh etcd kube-apiserver kubectl)
api=$work/api
audit=$api/audit.log
api_port=$((10000 + $$ % 3000))
server=https://127.0.0.1:$api_port
group_path=/apis/veneer.dev/v1alpha1
merge=application/merge-patch+json json=application/json apply=application/apply-patch+yaml

# What the agent asks is written down, with what it says of slivers; what others ask is not.
audit_policy() {
  cat <<DONE
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- {level: Request, users: [agent], resources: [{group: veneer.dev, resources: [slivers/status]}]}
- {level: Metadata, users: [agent]}
- {level: None}
DONE
}

# kubeconfig USER
kubeconfig() {
  cat <<DONE
apiVersion: v1
kind: Config
clusters: [{name: bench, cluster: {server: "$server", certificate-authority: "$api/certs/apiserver.crt"}}]
users: [{name: $1, user: {token: $1}}]
contexts: [{name: bench, context: {cluster: bench, user: $1, namespace: default}}]
current-context: bench
DONE
}

k() { "$parts/kubectl" --kubeconfig="$api/admin" "$@"; }

# start_api [DIRECTORY]: with the definitions of another build than this
start_api() {
  mkdir "$api"
  chmod 700 "$api"
  etcd_client=http://127.0.0.1:$((api_port + 3000)) peer=http://127.0.0.1:$((api_port + 6000))
  "$parts/etcd" --data-dir="$api/etcd" --unsafe-no-fsync --quota-backend-bytes=4294967296 \
    --listen-client-urls="$etcd_client" --advertise-client-urls="$etcd_client" \
    --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="default=$peer" \
    >"$api/etcd.log" 2>&1 &
  background="$background $!"
  for user in admin agent controller nodes; do
    echo "$user,$user,$user,\"system:masters\""
    kubeconfig $user >"$api/$user"
  done >"$api/tokens.csv"
  openssl genrsa -out "$api/sa.key" 2048 2>/dev/null
  openssl rsa -in "$api/sa.key" -pubout -out "$api/sa.pub" 2>/dev/null
  audit_policy >"$api/audit.yaml"
  "$parts/kube-apiserver" --etcd-servers="$etcd_client" --bind-address=127.0.0.1 --secure-port=$api_port \
    --endpoint-reconciler-type=none --cert-dir="$api/certs" --token-auth-file="$api/tokens.csv" \
    --service-account-key-file="$api/sa.pub" --service-account-signing-key-file="$api/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 \
    --audit-policy-file="$api/audit.yaml" --audit-log-path="$audit" --audit-log-mode=blocking --audit-log-maxsize=2000 \
    --authorization-mode=Node,RBAC --allow-privileged --profiling=false >"$api/server.log" 2>&1 &
  background="$background $!"
  wait_for 60 "the API server" answers
  crds=${1:-.}/crds
  k apply --server-side -f "$crds/veneer.dev_slivers.yaml" -f "$crds/veneer.dev_baseimages.yaml" \
    -f "$crds/veneer.dev_nodestores.yaml" >/dev/null
  k create namespace veneer-system >/dev/null
  k wait --for=condition=Established crd --all --timeout=60s >/dev/null
}

answers() { k get --raw /readyz >/dev/null 2>&1 && k get namespace kube-system >/dev/null 2>&1; }

# wait_for SECONDS WHAT COMMAND...: until it succeeds, looking five times a second
wait_for() {
  until_when=$(($(date +%s) + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$(date +%s)" -lt $until_when ] || fail "$what: not in time"
    sleep 0.2
  done
}

# call METHOD PATH [TYPE BODY]: as the administrator
call() {
  curl -sf --cacert "$api/certs/apiserver.crt" -H "Authorization: Bearer admin" -X "$1" ${3:+-H} ${3:+"Content-Type: $3"} \
    ${4:+--data-raw} ${4:+"$4"} "$server$2"
}

# All requests of a file, many at once: on each line METHOD, TYPE, PATH and BODY, apart by tabs. Fails when one did.
call_all() {
  awk -F '\t' -v server="$server" -v ca="$api/certs/apiserver.crt" '{
    gsub(/"/, "\\\"", $4)
    printf "%srequest = \"%s\"\nurl = \"%s%s\"\nheader = \"Content-Type: %s\"\nheader = \"Authorization: Bearer nodes\"\n", (NR > 1 ? "next\n" : ""), $1, server, $3, $2
    printf "data-raw = \"%s\"\ncacert = \"%s\"\noutput = \"/dev/null\"\nwrite-out = \"%%{http_code}\\n\"\nhttp2\n", $4, ca
  }' "$1" >"$1.curl"
  # It shows how far it is however often it is told not to.
  curl -s -Z --parallel-max 50 -K "$1.curl" >"$1.answers" 2>/dev/null || true
  good=$(grep -c '^20[0-9]$' "$1.answers" || true)
  [ "$good" = "$(wc -l <"$1")" ] || fail "of $(wc -l <"$1") requests $good were answered well; others: $(grep -v '^20[0-9]$' "$1.answers" | sort | uniq -c | head -n 3 | tr '\n' ' ')"
  rm "$1" "$1.curl" "$1.answers"
}
