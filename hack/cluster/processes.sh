# Starting, waiting for and ending the cluster's processes, for hack/cluster.sh; sourced, not run.
#
# All of them are in one control group, so that down finds each by its id, also those whose parents are gone. Containers
# are in groups of their own below k8s.io.

# The root of a hierarchy of control groups in which processes can be found again.
groups() {
  if [ -e /sys/fs/cgroup/cgroup.procs ]; then
    echo /sys/fs/cgroup
  else
    echo /sys/fs/cgroup/pids
  fi
}

# start NAME COMMAND...: in the cluster's network, in the background, with what it says in $state/log/NAME.
start() {
  name=$1
  shift
  group=$(groups)/veneer-cluster
  mkdir -p "$group"
  # shellcheck disable=SC2016 # for the inner shell
  setsid sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" \
    nsenter --net="$state/net" -- "$@" >"$state/log/$name" 2>&1 </dev/null 9>&- &
  echo $! >"$state/pid/$name"
}

# await NAME SECONDS COMMAND...: until COMMAND succeeds; fails when process NAME ends or time is up.
await() {
  name=$1
  end=$(($(date +%s) + $2))
  shift 2
  until "$@"; do
    if ! kill -0 "$(cat "$state/pid/$name")" 2>/dev/null; then
      tail -n 15 "$state/log/$name" >&2
      fail "$name has ended; its last words are above, all of them in $state/log/$name"
    fi
    if [ "$(date +%s)" -ge "$end" ]; then
      tail -n 15 "$state/log/$name" >&2
      fail "waited in vain for $name ($*); its last words are above, all of them in $state/log/$name"
    fi
    sleep 0.2
  done
}

# The control groups of this cluster, in the hierarchy $1: its own, those of its containers (which $state/groups lists), and
# those of slivers that run.
groups_in() {
  echo "$1/veneer-cluster"
  for sliver in "$state"/store/lxc/*/; do
    if [ -d "$sliver" ]; then
      sliver=$(basename "$sliver")
      echo "$1/lxc.monitor.$sliver"
      echo "$1/lxc.payload.$sliver"
    fi
  done
  while read -r container; do
    echo "$1/k8s.io/$container"
  done <"$state/groups"
}

# The ids of all processes of the cluster.
processes() {
  groups_in "$(groups)" | while read -r group; do
    [ ! -d "$group" ] || find "$group" -name cgroup.procs -exec cat {} +
  done
}

# Ends all of them; they get no time, for there is nothing to be kept.
end_processes() {
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    # New ones may have come from those that were ended just now.
    list_containers
    ids=$(processes)
    [ -n "$ids" ] || return 0
    # shellcheck disable=SC2086 # a list of ids
    kill -KILL $ids 2>/dev/null || true
    sleep "0.$attempt"
  done
  echo "$0: these processes do not end: $ids" >&2
  return 1
}

# Writes the ids of containerd's containers, which are the names of their control groups.
list_containers() {
  ls "$state/run/containerd/io.containerd.runtime.v2.task/k8s.io" 2>/dev/null >"$state/groups.new" || true
  sort -u "$state/groups.new" "$state/groups" 2>/dev/null >"$state/groups.all" || true
  mv "$state/groups.all" "$state/groups"
  rm -f "$state/groups.new"
}

# Takes away the control groups, which are empty by now, in every hierarchy.
remove_groups() {
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    groups_in "$hierarchy" | while read -r group; do
      [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    # Others may have something there.
    for group in k8s.io veneer; do
      [ ! -d "$hierarchy/$group" ] || rmdir "$hierarchy/$group" 2>/dev/null || true
    done
  done
}
