# The part "pod" of the checks: the agent as the kubelet and containerd run it on a node with systemd; read by guest.sh.
# runc makes the pod, with the groups of the kubelet's systemd driver and the configuration that containerd gives to the
# privileged pod of manifests/kubernetes. What is to be comes from files, for no API server fits in here. The program is
# mounted, so that the pod finds what Java has made ready of it for the node already, which is slow in here.

# pod_root: what an image has and the node has not to have: a root of its own, without LXC.
pod_root() {
  mkdir -p /run/pod/upper /run/pod/work /run/pod/root
  mount -t overlay -o lowerdir=/,upperdir=/run/pod/upper,workdir=/run/pod/work pod /run/pod/root
  rm -rf /run/pod/root/usr/bin/lxc-* /run/pod/root/usr/sbin/apparmor_parser /run/pod/root/var/lib/veneer
  mkdir -p /run/pod/root/var/lib/veneer
}

# pod_configuration ID CGROUP-NAMESPACE: containerd leaves a privileged pod in the node's, other runtimes may not.
pod_configuration() {
  caps=$(capabilities)
  mkdir -p "/run/pod/$1"
  cat >"/run/pod/$1/config.json" <<END
{"ociVersion": "1.0.2",
 "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "oomScoreAdj": -997,
  "args": ["/opt/veneer/bin/veneer", "agent", "-f", "/etc/veneer", "--store", "/var/lib/veneer"],
  "env": ["PATH=$PATH", "LANG=C.UTF-8", "VENEER_HOST_PROCESS=1"],
  "capabilities": {"bounding": [$caps], "effective": [$caps], "permitted": [$caps], "inheritable": [], "ambient": []}},
 "root": {"path": "/run/pod/root"},
 "mounts": [
  {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755"]},
  {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
  {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "rw"]},
  {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "relatime", "rw"]},
  {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]},
  {"destination": "/opt/veneer", "type": "bind", "source": "/opt/veneer", "options": ["rbind", "rprivate", "ro"]},
  {"destination": "/etc/veneer", "type": "bind", "source": "/etc/veneer", "options": ["rbind", "rprivate", "ro"]},
  {"destination": "/run/veneer", "type": "bind", "source": "/run/veneer", "options": ["rbind", "rprivate", "rw"]},
  {"destination": "/var/lib/veneer", "type": "bind", "source": "/var/lib/veneer", "options": ["rbind", "rshared", "rw"]}],
 "linux": {"namespaces": [{"type": "mount"}, {"type": "ipc"}$2], "rootfsPropagation": "rshared",
  "cgroupsPath": "kubepods-burstable-pod$1.slice:cri-containerd:$1",
  "resources": {"devices": [{"allow": true, "access": "rwm"}], "cpu": {"shares": 51}, "memory": {"limit": 1073741824}}}}
END
}

# All capabilities that the kernel knows, of which runc wants the names.
capabilities() {
  names='CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
    NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
    SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
    MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
  for name in $names; do printf '"CAP_%s",' "$name"; done | sed 's/,$//'
}

pod_slice() { echo "/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$1.slice"; }

pod_start() {
  runc --systemd-cgroup run -d --bundle "/run/pod/$1" "$1" </dev/null >"/run/pod/$1/log" 2>&1
}

# pod_kill ID: as containerd and the kubelet are rid of a pod, all at once.
pod_kill() {
  echo 1 >"$(pod_slice "$1")/cgroup.kill"
  within 30 sh -c "[ \"\$(runc state $1 | sed -n 's/.*\"status\": \"\\(.*\\)\".*/\\1/p')\" = stopped ]" || return 1
  runc delete --force "$1" && systemctl stop "kubepods-burstable-pod$1.slice" && not test -e "$(pod_slice "$1")"
}

in_pod() { id=$1; shift; runc --systemd-cgroup exec "$id" "$@"; }

box_name() { basename "$(echo /var/lib/veneer/lxc/default.box.*)"; }
box_init() { lxc-info -P /var/lib/veneer/lxc -n "$(box_name)" -p -H; }
box_runs() { [ -n "$(box_init)" ]; }
box_file() { cat "/sys/fs/cgroup/lxc.payload.$(box_name)/$1"; }
mount_id() { sed -n "s, .* $1 .* - overlay .*,,p" /proc/self/mountinfo; }
parent() { sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"; }
limits() { echo "$(box_file memory.max) $(box_file cpu.max) $(box_file pids.max)"; }
content() { is "$(systemctl is-system-running; systemctl --failed --plain --no-legend)" "$system"; }
outside() { grep -q -x "0::/lxc.*" "/proc/$1/cgroup" && not grep -q kubepods "/proc/$1/cgroup"; }
empty_group() { [ -d /sys/fs/cgroup/veneer ] && [ -z "$(cat /sys/fs/cgroup/veneer/cgroup.procs)" ]; }
groups_of_box() { ls -d "/sys/fs/cgroup/lxc.payload.$(box_name)" "/sys/fs/cgroup/lxc.monitor.$(box_name)" 2>/dev/null | grep .; }
frozen() { box_file cgroup.events | grep -q -x "frozen $1"; }

# same WHAT: container, mount and limits are those of before.
same() {
  check "pod: the container is the same $1" is "$(box_init)" "$init"
  check "pod: its monitor is the same $1" is "$(parent "$init")" "$monitor"
  check "pod: its mount is the same $1" is "$(mount_id $rootfs)" "$mount"
  check "pod: its limits are the same $1" is "$(limits)" "67108864 50000 100000 40"
  check "pod: its processes are outside the pod $1" outside "$init"
}

pod() {
  store=/var/lib/veneer
  rootfs=$store/rootfs/default/box
  mkdir -p /etc/veneer /run/veneer $store
  image >/etc/veneer/base.yaml
  box Started >/etc/veneer/slivers.yaml
  systemctl is-system-running --wait >/dev/null
  system=$(systemctl is-system-running; systemctl --failed --plain --no-legend)
  echo "systemd: $system"
  # The base lies in /opt/floor, which the pod has with its image.
  pod_root
  pod_configuration one ''
  pod_configuration two ', {"type": "cgroup"}'

  check "pod: starts" pod_start one
  check "pod: is where the kubelet puts it" grep -q . "$(pod_slice one)/cri-containerd-one.scope/cgroup.procs"
  check "pod: has no LXC" in_pod one sh -c '! command -v lxc-start && ! test -e /usr/sbin/apparmor_parser'
  check "pod: the container runs" within 240 box_runs
  [ -n "$(box_init)" ] || { cat /run/pod/one/log; runc list; return; }
  tail -n 3 /run/pod/one/log
  check "pod: doctor" in_pod one veneer doctor --store $store
  cat $log
  init=$(box_init)
  monitor=$(parent "$init")
  mount=$(mount_id $rootfs)
  check "pod: the container is outside the pod's groups" outside "$init"
  check "pod: its monitor is outside the pod's groups" outside "$monitor"
  check "pod: the node sees its mount" mounted $rootfs overlay
  check "pod: it is on that mount" is "$(cat "/proc/$init/root/etc/motd")" base
  check "pod: it has its limits" is "$(limits)" "67108864 50000 100000 40"
  echo "box: $(cat "/proc/$init/cgroup") $(cat "/proc/$init/attr/current"); monitor: $(cat "/proc/$monitor/cgroup"); mount $mount"
  echo "controllers: $(cat /sys/fs/cgroup/cgroup.subtree_control); memory of box $(box_file memory.current), of the pod $(cat "$(pod_slice one)/memory.current")"
  check "pod: it is confined" confined "$init"
  check "pod: the group of passing is empty" empty_group
  check "pod: exec" is "$(in_pod one veneer exec --store $store box -- id -u)" 0
  echo "spared: monitor $(cat "/proc/$monitor/oom_score_adj"), container $(cat "/proc/$init/oom_score_adj")"
  check "pod: exec tells the status" is "$(in_pod one veneer exec --store $store box -- sh -c 'exit 7'; echo $?)" 7
  check "pod: exec is no more spared than the container" is "$(in_pod one veneer exec --store $store box -- cat /proc/self/oom_score_adj)" 0
  check "pod: the memory's limit is one" over_memory
  check "pod: the processes' limit is one" over_pids
  check "pod: systemd is content" content

  for what in daemon-reload daemon-reexec; do
    check "pod: $what" systemctl $what
    same "after $what"
  done

  check "pod: is killed" pod_kill one
  same "without the pod"
  check "pod: nothing of the pod is left" not test -e /sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podone.slice
  # As if the pod had been killed while it held the container still.
  lxc-freeze -P $store/lxc -n "$(box_name)"
  : >"$store/lxc/$(box_name)/frozen"
  check "pod: the container is held" frozen 1
  check "pod: systemd reloads without the pod" systemctl daemon-reload
  check "pod: the limits hold without the pod" is "$(limits)" "67108864 50000 100000 40"

  check "pod: another starts" pod_start two
  check "pod: which lets the container go on" within 120 frozen 0
  check "pod: and takes it over" in_pod two sh -c "veneer get sliver box --store $store -o json | grep -q Running"
  same "with another pod"
  check "pod: exec from its own group's view" is "$(in_pod two veneer exec --store $store box -- hostname)" box
  check "pod: the group of passing is empty again" empty_group
  check "pod: systemd is still content" content

  box Deployed >/etc/veneer/slivers.yaml
  check "pod: stops the container" within 120 not test -d "/proc/$init"
  # What stays is LXC's own: where it stands itself while it removes groups.
  check "pod: its groups go" within 20 not groups_of_box
  check "pod: no process stays behind" is "$(cat /sys/fs/cgroup/lxc.*/cgroup.procs)" ""
  # Another one, since ids are mapped for a container only.
  check "pod: its tree is mounted" within 60 mounted $rootfs overlay
  check "pod: is ended" pod_kill two
  check "pod: systemd is content in the end" content
  tail -n 40 /run/pod/two/log | grep -v INFO
  rm /etc/veneer/slivers.yaml
  check "pod: the node itself takes it over" veneer apply -f /etc/veneer --store $store --allow-shrink
  check "pod: nothing is mounted any more" not grep " $store/" /proc/self/mountinfo
  umount /run/pod/root
}

box() {
  sliver box overlay "$1" | sed '/^spec/s/}$/, lxc: {memory: 64Mi, cpus: 500m, pids: 40}}/'
}

# Commands in the container that want more than it has: the kernel has to say no, and the container goes on.
over_memory() {
  in_pod one veneer exec --store $store box -- sh -c 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
  [ "$(box_file memory.events | sed -n 's/^oom_kill //p')" -ge 1 ] && [ -d "/proc/$init" ]
}

over_pids() {
  in_pod one veneer exec --store $store box -- sh -c 'i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i + 1)); done'
  [ "$(box_file pids.events | sed -n 's/^max //p')" -ge 1 ] && [ -d "/proc/$init" ]
}
