#!/bin/sh
# A whole real Kubernetes of one node on this machine, as root: etcd, API server, controller manager, scheduler, kubelet,
# kube-proxy and containerd in a network namespace of their own.
#
#   hack/cluster.sh up          start it, and install Veneer with its manifests; returns when agent and controller run
#   hack/cluster.sh up --bare   start it without Veneer; returns when the node is Ready
#   hack/cluster.sh install     make the images of Veneer anew and install them in the cluster that runs
#   hack/cluster.sh check       try Veneer there, as one who installs, uses and removes it does (see hack/cluster/check.sh)
#   hack/cluster.sh down        take away everything that up made, also what a failed up left
#
# Then: KUBECONFIG=target/cluster/kubeconfig kubectl get nodes
#
# Everything it keeps lies in /var/lib/veneer-cluster; the node's Veneer store is /var/lib/veneer. There is one such
# cluster on a machine. `up` refuses to start beside another Kubernetes or on a store that is in use, and says so.
set -eu
cd "$(dirname "$0")/.."

state=/var/lib/veneer-cluster
store=/var/lib/veneer
node=node-1
# The link between this machine (.1) and the cluster (.2), the pods, the services.
host_address=10.213.0.1
address=10.213.0.2
pods=10.213.16.0/20
services=10.213.32.0/20
api=https://$address:6443
# Made by containerd, its network plugins and kubelet at places that cannot be set.
made_elsewhere="/run/containerd /var/lib/cni /var/lib/kubelet /var/log/pods /var/log/containers /opt/cni /etc/cni /usr/libexec/kubernetes"
# kubelet sets them; down puts them back.
kernel_settings="vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes"

. hack/packages.sh
. hack/cluster/processes.sh
. hack/cluster/keys.sh
. hack/cluster/parts.sh
. hack/cluster/install.sh
. hack/cluster/remove.sh

fail() {
  echo "$0: $*" >&2
  exit 1
}

say() {
  echo "$(date +%T) $*"
}

up() {
  if [ -e "$state/up" ]; then
    if k get --raw /readyz >/dev/null 2>&1; then
      publish
      say "It is up already."
      usage_of_it
      return
    fi
    fail "there is a cluster that does not answer; look into $state/log, then: $0 down"
  fi
  [ ! -e "$state" ] || fail "an earlier up did not end well; see $state/log, then: $0 down"
  [ -z "$(ls -A $store 2>/dev/null)" ] || fail "$store is not empty: a node's Veneer keeps its data there. This cluster would use it, so it is for machines without"
  [ ! -e /var/lib/kubelet ] || fail "there is a /var/lib/kubelet: is this machine a node of another Kubernetes? If not, remove it"

  say "Packages and the parts of Kubernetes"
  install build node test kube cluster
  parts=$(hack/kube/build.sh) || fail "the parts of Kubernetes could not be built, as told above"
  for program in containerd containerd-shim-runc-v2 runc ctr umoci openssl curl nft nsenter setsid gcc; do
    command -v $program >/dev/null || fail "$program is missing"
  done
  [ -x /usr/lib/cni/bridge ] || fail "/usr/lib/cni/bridge is missing (Debian: containernetworking-plugins)"

  trap 'failed_up $?' EXIT
  umask 022
  mkdir -p "$state/log" "$state/pid" "$state/run" "$state/etc"
  chmod 700 "$state"
  ln -s "$parts/kubectl" "$state/kubectl"
  remember_machine
  say "Network, keys"
  network
  keys
  say "etcd, API server"
  start_control_plane
  publish
  say "containerd, kubelet, kube-proxy"
  start_node
  say "Waiting for the node"
  await kubelet 90 node_ready
  : >"$state/up"
  [ -n "$bare" ] || install_veneer
  trap - EXIT
  say "Ready."
  usage_of_it
}

running() {
  [ -e "$state/up" ] || fail "there is no cluster; first: $0 up"
  publish
}

failed_up() {
  echo "$0: up failed; what it started is still there to be looked at ($state/log), until: $0 down" >&2
  exit "$1"
}

# What down has to put back.
remember_machine() {
  for setting in $kernel_settings; do
    value=$(sysctl -n "$setting" 2>/dev/null) && echo "$setting=$value"
  done >"$state/kernel-settings"
  for directory in $made_elsewhere $store; do
    [ -e "$directory" ] || echo "$directory"
  done >"$state/made"
}

k() {
  "$parts_kubectl" --kubeconfig="$state/kubeconfig" "$@"
}
parts_kubectl=$(command -v kubectl || echo "$state/kubectl")

node_ready() {
  [ "$(k get node $node -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]
}

# target/ may be cleaned away at any time; only copies lie there.
publish() {
  mkdir -p target/cluster
  (umask 077 && cp "$state/kubeconfig" target/cluster/kubeconfig)
}

usage_of_it() {
  cat <<END
  export KUBECONFIG=$PWD/target/cluster/kubeconfig
  $parts_kubectl get nodes -o wide
  logs: $state/log; take it all away with: $0 down
END
}

[ "$(id -u)" = 0 ] || fail "a cluster with a real node needs root"
bare=
case "$*" in
  up | install | check | down) ;;
  'up --bare') bare=1 ;;
  *) set -- ;;
esac
[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 64; }
# One at a time. The lock is not in $state, which down removes.
exec 9>/run/veneer-cluster.lock
flock -n 9 || fail "another $0 is at work"
case $1 in
  up) up ;;
  install) running && install_veneer && say "Veneer runs." ;;
  check) running && hack/cluster/check.sh "$state" "$parts_kubectl" 9>&- ;;
  down) down ;;
esac
