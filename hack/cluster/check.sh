#!/bin/sh
# Tries Veneer in the cluster of hack/cluster.sh as one who installs, uses and removes it does; run by `hack/cluster.sh check`.
# Says each step that holds, and ends at the first that does not.
set -eu
state=$1
kubectl=$2
cd "$(dirname "$0")/../.."
store=/var/lib/veneer
rootfs=$store/rootfs/check/one
files=$state/check
# Processes that go on, or end, with this.
server= stopped=

k() {
  "$kubectl" --kubeconfig="$state/kubeconfig" "$@"
}

fail() {
  echo "NOT: $*" >&2
  go_on
  for name in one two; do
    k -n check describe sliver $name 2>&1 | tail -n 15 >&2 || true
  done
  k -n veneer-system get pods >&2 || true
  k -n veneer-system logs daemonset/veneer-agent --tail=15 >&2 || true
  exit 1
}

# Lets the API server answer again.
go_on() {
  [ -z "$stopped" ] || kill -CONT "$stopped" || true
  stopped=
}

holds() {
  echo "holds: $*"
}

# until_so SECONDS WHAT COMMAND...
until_so() {
  end=$(($(date +%s) + $1))
  what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || fail "$what"
    sleep 0.5
  done
  holds "$what"
}

no() {
  ! "$@"
}

# The mount as this machine sees it: its id and what it is.
mount_of() {
  awk -v at="$rootfs" '$5 == at { print $1, $3 }' /proc/self/mountinfo
}

# sliver BASE: the one that most of this is about.
sliver() {
  k apply -f - >/dev/null <<END
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: one, namespace: check}
spec: {nodeName: node-1, baseImage: $1}
END
}

# container STATE: the one that runs, or shall not any more.
container() {
  k apply -f - >/dev/null <<END
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: two, namespace: check}
spec: {nodeName: node-1, baseImage: check-1, desiredState: $1, update: {grace: 2s}}
END
}

# process init|monitor: its number in what is recorded of the container, 0 for none.
process() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[2]))[sys.argv[1]]["pid"])' "$1" $store/lxc/check.two.*/container.json
}

# The container's first process and its monitor, each with when it was started.
container_now() {
  for which in init monitor; do
    pid=$(process $which)
    echo "$which $pid $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d ' ' -f 20)"
  done
}

same_container() {
  [ "$(container_now)" = "$1" ] || fail "$2 leaves the container as it is: $1 became $(container_now)"
  holds "$2 leaves the container as it is"
}

base() {
  k apply -f - >/dev/null <<END
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: check-$1}
spec: {source: {archive: {url: "http://10.213.0.1:8765/$1.tar"}}}
END
}

agent() {
  k -n veneer-system rollout status daemonset/veneer-agent --timeout=120s >/dev/null || fail "the agent comes up"
}

# The processes of the agent's pod.
agent_processes() {
  for process in /proc/[0-9]*; do
    if grep -q k8s.io "$process/cgroup" 2>/dev/null && tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q 'agent --kubernetes --node-name='; then
      echo "${process#/proc/}"
    fi
  done
}

# Takes the mount off, as a fault would; who looks at it for a moment is waited for.
unmounted() {
  tries=0
  until umount "$rootfs" 2>"$files/umount"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "the mount can be taken off: $(cat "$files/umount")"
    sleep 0.1
  done
}

# fresh STATUS: what the agent says of what is declared.
fresh() {
  [ "$(k get nodestore node-1 --request-timeout=5s -o 'jsonpath={.status.conditions[?(@.type=="DesiredStateFresh")].status}')" = "$1" ]
}

trap 'go_on; [ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
mkdir -p "$files"
for version in 1 2; do
  for directory in etc bin sbin proc sys dev tmp run root; do
    mkdir -p "$files/$version/$directory"
  done
  echo $version >"$files/$version/etc/release"
  cp "$(command -v busybox)" "$files/$version/bin/sh"
  ln -sf sh "$files/$version/bin/sleep"
  printf '#!/bin/sh\ntrap "exit 0" PWR\nwhile :; do sleep 0.2; done\n' >"$files/$version/sbin/init"
  chmod 755 "$files/$version/sbin/init"
  tar -C "$files/$version" -cf "$files/$version.tar" .
done
# Where only the cluster's link reaches.
python3 -m http.server --bind 10.213.0.1 --directory "$files" 8765 >/dev/null 2>&1 &
server=$!

k create namespace check --dry-run=client -o yaml | k apply -f - >/dev/null
base 1
base 2

# Nothing of an earlier try. (Patience below: a process elsewhere on the machine that has copied its mount table, as every
# unshare does, uses the sliver as far as anybody can tell, and is waited for.)
k -n check annotate sliver --all veneer.dev/adopt=true >/dev/null
k -n check delete sliver --all --timeout=180s >/dev/null || fail "what an earlier try left goes"
sliver check-1
k -n check wait --for=condition=Ready sliver/one --timeout=180s >/dev/null || fail "a sliver becomes Ready"
holds "a sliver becomes Ready, and kubectl wait returns"
[ "$(cat "$rootfs/etc/release")" = 1 ] || fail "the mount that the pod made is seen on the node"
holds "the mount that the pod made is seen on the node"
k get veneer -A >/dev/null || fail "kubectl get veneer lists all kinds"
holds "kubectl get veneer lists all kinds"
echo kept >"$rootfs/etc/kept"

container Started
k -n check wait --for=condition=Ready sliver/two --timeout=180s >/dev/null || fail "a sliver that is to run becomes Ready"
running=$(container_now)
[ -e "/proc/$(process init)" ] && [ -e "/proc/$(process monitor)" ] || fail "a sliver that is to run has a process and a monitor on the node: $running"
holds "a sliver that is to run becomes Ready, by the LXC of the node: $running"
for which in init monitor; do
  no grep -q k8s.io "/proc/$(process $which)/cgroup" || fail "no $which of a container is in a pod: $(cat "/proc/$(process $which)/cgroup")"
done
holds "no process of it is in a control group of a pod"
status=0
k -n veneer-system exec daemonset/veneer-agent -- veneer exec -n check two -- /bin/sh -c 'exit 7' 2>/dev/null || status=$?
[ $status = 7 ] || fail "a command in the pod runs another in the container: status $status instead of 7"
holds "a command in the pod runs another in the container"

before=$(mount_of)
k -n veneer-system delete pod -l app.kubernetes.io/name=veneer-agent --wait >/dev/null
agent
[ "$(mount_of)" = "$before" ] || fail "a pod of the agent that is deleted leaves the mount as it is: $before became $(mount_of)"
holds "a pod of the agent that is deleted leaves the mount as it is"
same_container "$running" "a pod of the agent that is deleted"
k -n veneer-system rollout restart daemonset/veneer-agent >/dev/null
agent
[ "$(mount_of)" = "$before" ] || fail "a roll-out of the DaemonSet leaves the mount as it is: $before became $(mount_of)"
holds "a roll-out of the DaemonSet leaves the mount as it is"
same_container "$running" "a roll-out of the DaemonSet"

# A partition: the API server takes connections, and answers nothing.
stopped=$(cat "$state/pid/apiserver")
kill -STOP "$stopped"
unmounted
until_so 60 "while the API server does not answer, what was unmounted is mounted again" test -e "$rootfs/etc/kept"
ended=$(agent_processes)
[ -n "$ended" ] || fail "there is an agent to be killed"
# shellcheck disable=SC2086 # numbers
kill -KILL $ended || true
for process in $ended; do
  waited=0
  while [ -e "/proc/$process" ] && [ $waited -lt 100 ]; do
    waited=$((waited + 1))
    sleep 0.1
  done
done
unmounted
until_so 120 "an agent that is killed meanwhile is started again, and mounts what was unmounted" test -e "$rootfs/etc/kept"
same_container "$running" "an agent that is killed in a partition"
before=$(mount_of)
go_on
until_so 120 "when the API server is back the agent reports" fresh True
k -n check wait --for=condition=Ready sliver/one sliver/two --timeout=60s >/dev/null || fail "what was as declared is Ready"
[ "$(mount_of)" = "$before" ] || fail "and has left the mount as it is: $before became $(mount_of)"
holds "and has left the mount as it is"
same_container "$running" "the end of the partition"

sliver check-2
k -n check wait sliver/one --for=jsonpath='{.status.base.name}'=check-2 --timeout=180s >/dev/null || fail "editing baseImage moves the sliver"
[ "$(cat "$rootfs/etc/release" "$rootfs/etc/kept")" = "2
kept" ] || fail "the sliver followed its base and kept what was its own"
holds "editing baseImage moves the sliver: it follows its base and keeps what was its own"
until_so 30 "kubectl describe tells of the move" sh -c "'$kubectl' --kubeconfig='$state/kubeconfig' -n check describe sliver one | grep -q 'baseImage was edited from check-1 to check-2'"
until_so 30 "the controller counts the node at the base image" \
  k wait baseimage/check-2 --for=jsonpath='{.status.nodes.ready}'=1 --timeout=1s

k create serviceaccount tenant -n check --dry-run=client -o yaml | k apply -f - >/dev/null
k create rolebinding tenant -n check --clusterrole=edit --serviceaccount=check:tenant --dry-run=client -o yaml | k apply -f - >/dev/null
until_so 30 "the rights of edit reach slivers" k auth can-i create slivers -n check --as=system:serviceaccount:check:tenant
no k auth can-i patch slivers --subresource=status -n check --as=system:serviceaccount:check:tenant >/dev/null || fail "but not their status"
no k auth can-i create baseimages --as=system:serviceaccount:check:tenant >/dev/null || fail "nor base images"
holds "but neither their status nor base images"

# Tokens as docs/kubernetes.md tells for an agent that is a service of its node. The other node has no label, so that no pod
# is put on it.
k apply -f - >/dev/null <<END
apiVersion: v1
kind: Node
metadata: {name: check-other}
---
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: other, namespace: check}
spec: {nodeName: check-other, baseImage: check-1}
END
# token NAME OPTION...: one of the agents' account, as a header
token() {
  name=$1
  shift
  (umask 077 && { printf 'Authorization: Bearer ' && k -n veneer-system create token veneer-agent "$@"; } >"$files/token-$name") ||
    fail "the agents' account gives a token: $*"
}
for node in node-1 check-other; do
  token $node --bound-object-kind=Node --bound-object-name=$node --duration=8760h
done
token nobody
# as NAME SLIVER [QUERY]: writes its status, by the one request to which an agent has a right
as() {
  server_url=$(k config view -o 'jsonpath={.clusters[0].cluster.server}')
  code=$(curl -sS -o "$files/said" -w '%{http_code}' --cacert "$state/keys/ca.crt" -H "@$files/token-$1" -X PATCH \
    -H 'Content-Type: application/merge-patch+json' -d '{"status":{"driver":"copy"}}' \
    "$server_url/apis/veneer.dev/v1alpha1/namespaces/check/slivers/$2/status${3:-}")
  [ "$code" = 200 ]
}
# refused NAME SLIVER WHY
refused() {
  no as "$1" "$2" || fail "who has the token of $1 cannot write the sliver $2"
  grep -q "$3" "$files/said" || fail "who has the token of $1 is refused the sliver $2 by the policy: $(cat "$files/said")"
}
as check-other other || fail "a token that is bound to a node writes the status of a sliver of it: $(cat "$files/said")"
[ "$(k -n check get sliver other -o 'jsonpath={.status.driver}')" = copy ] || fail "and it stands there"
as node-1 one "?dryRun=All" || fail "the same of the node that there is: $(cat "$files/said")"
holds "a token that is bound to a node, as documented, writes the status of its slivers"
refused node-1 other "no business"
refused check-other one "no business"
holds "and of no other node's"
refused nobody one "of no pod on a node"
refused nobody other "of no pod on a node"
holds "a token that is bound to nothing writes none"
k -n check delete sliver other --timeout=60s >/dev/null || fail "the other node's sliver goes"
k delete node check-other >/dev/null

# Removing Veneer, and keeping the data.
k delete -k manifests/kubernetes/base --wait >/dev/null 2>&1 || fail "all but the definitions is deleted"
[ "$(mount_of | cut -d ' ' -f 2)" ] && [ "$(cat "$rootfs/etc/kept")" = kept ] || fail "without Veneer the sliver stays mounted"
holds "without Veneer the sliver stays mounted"
same_container "$running" "removing Veneer"
uid=$(k -n check get sliver one -o 'jsonpath={.metadata.uid}')
k apply --server-side -k "$state/manifests" >/dev/null || fail "Veneer is installed again"
agent
before=$(mount_of)
generation=$(k -n check get sliver one -o 'jsonpath={.metadata.generation}')
k -n check annotate --overwrite sliver one veneer.dev/requestedAt="$(date +%s)" >/dev/null
until_so 60 "installed again, it takes up the same sliver" k -n check wait sliver/one \
  --for=jsonpath='{.status.lastHandledRequestAt}'="$(k -n check get sliver one -o 'jsonpath={.metadata.annotations.veneer\.dev/requestedAt}')" --timeout=1s
[ "$(mount_of)" = "$before" ] || fail "and leaves its mount as it is"
[ "$uid $generation" = "$(k -n check get sliver one -o 'jsonpath={.metadata.uid} {.metadata.generation}')" ] || fail "and the object as it is"
holds "and leaves its mount and the object as they are"
k -n check wait --for=condition=Ready sliver/two --timeout=60s >/dev/null || fail "the sliver that runs is Ready again"
same_container "$running" "Veneer installed again"
pid=$(process init)
container Deployed
until_so 60 "a container ends when it is told to" test ! -e "/proc/$pid"
k -n check wait --for=condition=Ready sliver/two --timeout=60s >/dev/null || fail "and its sliver is Ready without"
k -n check delete sliver two --timeout=180s >/dev/null || fail "and can be deleted"
[ -z "$(ls -A $store/lxc)" ] || fail "nothing of it stays on the node: $(ls -A $store/lxc)"
holds "nothing of it stays on the node"

# Removing the data too.
k -n check delete sliver one --timeout=180s >/dev/null || fail "a deletion ends"
[ -z "$(mount_of)" ] && [ -z "$(ls -A $store/slivers/check/one 2>/dev/null)" ] || fail "a deleted sliver is gone from the node: $(ls -A $store/slivers/check/one)"
holds "a deleted sliver is gone from the API and from the node"

# Removing the objects, and keeping the data.
sliver check-1
k -n check wait --for=condition=Ready sliver/one --timeout=180s >/dev/null || fail "a sliver of the same name can be made again"
[ ! -e "$rootfs/etc/kept" ] || fail "and it is a new one"
holds "a sliver of the same name can be made again, and is a new one"
echo orphan >"$rootfs/etc/orphan"
k delete -k manifests/kubernetes/base --wait >/dev/null 2>&1 || fail "all but the definitions is deleted again"
k -n check patch sliver one --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
k patch baseimage check-1 check-2 --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
k delete -k manifests/crds --timeout=60s >/dev/null || fail "the definitions go, and all objects with them"
holds "the definitions go, and all objects with them"
[ "$(cat "$rootfs/etc/orphan")" = orphan ] || fail "what lies on the node stays"
until_so 60 "the definitions are there again" k apply --server-side -k "$state/manifests"
agent
until_so 60 "the agent takes what it finds for an orphan" k wait nodestore/node-1 --for=jsonpath='{.status.orphans}'=1 --timeout=1s
[ "$(cat "$rootfs/etc/orphan")" = orphan ] || fail "and leaves it as it is"
holds "and leaves it as it is"
base 1
base 2
k create namespace check --dry-run=client -o yaml | k apply -f - >/dev/null
sliver check-1
until_so 60 "the sliver declared again is another object, and held" k -n check wait sliver/one \
  --for=jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'=OtherObject --timeout=1s
k -n check annotate sliver one veneer.dev/adopt=true >/dev/null
until_so 60 "until it is to adopt what lies there" k -n check wait --for=condition=Ready sliver/one --timeout=1s
[ "$(cat "$rootfs/etc/orphan")" = orphan ] || fail "with what was written"
holds "with what was written"
k -n check delete sliver one --timeout=180s >/dev/null || fail "and is deleted as any other"
[ -z "$(mount_of)" ] && [ -z "$(ls -A $store/slivers/check/one 2>/dev/null)" ] || fail "and is deleted as any other"
holds "and is deleted as any other"
k delete baseimage check-1 check-2 --timeout=60s >/dev/null || fail "base images that nobody uses go"
holds "base images that nobody uses go"
k delete namespace check --timeout=60s >/dev/null || fail "the deletion of a namespace ends"
holds "the deletion of a namespace ends"
rm -rf "$files"
echo "All of it holds."
