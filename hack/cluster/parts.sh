# The cluster's parts and their settings, for hack/cluster.sh; sourced, not run.

# A network namespace held by a file of ours, with one link to this machine: `ip netns` would put it into a directory that
# is shared with others, and run what is started in it in a mount namespace of its own, which hides the node's mounts.
network() {
  : >"$state/net"
  unshare --net="$state/net" true || fail "this machine gives no network namespace"
  inside="nsenter --net=$state/net --"
  ip link add veneer-cluster type veth peer name to-host || fail "this machine gives no veth link"
  ip link set to-host netns "$state/net"
  ip address add $host_address/30 dev veneer-cluster
  ip link set veneer-cluster up
  $inside ip link set lo up
  $inside ip address add $address/30 dev to-host
  $inside ip link set to-host up
  # Something must route to the services; kube-proxy then turns each to where it is.
  $inside ip route add $services dev to-host
  $inside sysctl -q -w net.ipv4.ip_forward=1
}

start_control_plane() {
  start etcd "$parts/etcd" --data-dir="$state/etcd" --unsafe-no-fsync \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster=default=http://127.0.0.1:2380
  start apiserver "$parts/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --advertise-address=$address --secure-port=6443 --service-cluster-ip-range=$services \
    --tls-cert-file="$state/keys/apiserver.crt" --tls-private-key-file="$state/keys/apiserver.key" \
    --cert-dir="$state/run/apiserver" --client-ca-file="$state/keys/ca.crt" \
    --service-account-key-file="$state/keys/accounts.pub" --service-account-signing-key-file="$state/keys/accounts.key" \
    --service-account-issuer=https://kubernetes.default.svc \
    --kubelet-client-certificate="$state/keys/to-kubelet.crt" --kubelet-client-key="$state/keys/to-kubelet.key" \
    --kubelet-preferred-address-types=InternalIP \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged
  await apiserver 60 api_ready
  start controller-manager "$parts/kube-controller-manager" --kubeconfig="$state/etc/controller-manager.kubeconfig" \
    --service-account-private-key-file="$state/keys/accounts.key" --root-ca-file="$state/keys/ca.crt" \
    --use-service-account-credentials --leader-elect=false --bind-address=127.0.0.1
  start scheduler "$parts/kube-scheduler" --kubeconfig="$state/etc/scheduler.kubeconfig" --leader-elect=false \
    --bind-address=127.0.0.1
}

api_ready() {
  k get --raw /readyz >/dev/null 2>&1 && k get namespace kube-system >/dev/null 2>&1
}

start_node() {
  mkdir -p "$state/store" "$store"
  # Shared, so that what a pod mounts in it is seen here; a mount of its own, so that nothing else need be shared.
  mount --bind "$state/store" "$store"
  mount --make-rshared "$store"

  # The node is this machine in another network, so its first process is not this machine's.
  start first sleep infinity
  containerd_configuration
  start containerd containerd --config="$state/etc/containerd.toml"
  await containerd 30 test -S "$state/run/containerd.sock"
  pause_image

  kubelet_configuration
  start kubelet "$parts/kubelet" --config="$state/etc/kubelet.yaml" --kubeconfig="$state/etc/kubelet.kubeconfig" \
    --root-dir="$state/kubelet" --cert-dir="$state/run/kubelet" --hostname-override=$node --node-ip=$address
  start proxy "$parts/kube-proxy" --kubeconfig="$state/etc/proxy.kubeconfig" --hostname-override=$node \
    --proxy-mode=nftables --cluster-cidr=$pods \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s
}

containerd_configuration() {
  mkdir -p "$state/etc/cni"
  cat >"$state/etc/cni/10-veneer.conflist" <<END
{"cniVersion": "1.0.0", "name": "veneer", "plugins": [
  {"type": "bridge", "bridge": "pods", "isGateway": true, "isDefaultGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$state/run/addresses", "ranges": [[{"subnet": "$pods"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
  cat >"$state/etc/containerd.toml" <<END
version = 2
root = "$state/containerd"
state = "$state/run/containerd"
[grpc]
address = "$state/run/containerd.sock"
[ttrpc]
address = "$state/run/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "veneer.dev/pause:1"
# Without CAP_SYS_RESOURCE nobody may ask for a better score, and no sandbox would start.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$state/etc/cni"
[plugins."io.containerd.internal.v1.opt"]
path = "$state/opt"
END
}

kubelet_configuration() {
  cat >"$state/etc/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: "$state/keys/ca.crt"}
authorization: {mode: Webhook}
containerRuntimeEndpoint: "unix://$state/run/containerd.sock"
podLogsDir: "$state/log/pods"
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
failCgroupV1: false
resolvConf: ""
nodeStatusUpdateFrequency: 4s
volumePluginDir: "$state/kubelet/volume-plugins"
# A full disk is this machine's own affair.
evictionHard: {nodefs.available: 0%, imagefs.available: 0%, nodefs.inodesFree: 0%, imagefs.inodesFree: 0%}
imageGCHighThresholdPercent: 100
END
}

# The process that holds a pod's namespaces: a static program that waits for ever.
pause_image() {
  work=$state/run/pause
  mkdir -p "$work/root"
  printf '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n' >"$work/pause.c"
  gcc -Os -static -o "$work/root/pause" "$work/pause.c" || fail "gcc cannot link a static program (Debian: libc6-dev)"
  umoci init --layout "$work/image"
  umoci new --image "$work/image:1"
  umoci insert --image "$work/image:1" --rootless "$work/root/pause" /pause >"$state/log/umoci" 2>&1
  umoci config --image "$work/image:1" --config.entrypoint /pause
  import_image "$work/image" veneer.dev/pause:1
  rm -rf "$work"
}

# import_image LAYOUT NAME:TAG: of the image with that tag in an OCI layout.
import_image() {
  tar -C "$1" -cf "$state/run/image.tar" .
  ctr --address "$state/run/containerd.sock" --namespace k8s.io images import \
    --base-name "${2%:*}" "$state/run/image.tar" >"$state/log/import" 2>&1 || {
    cat "$state/log/import" >&2
    fail "containerd does not take the image $2"
  }
  rm -f "$state/run/image.tar"
}
