# Taking the cluster away, whatever state it is in, for hack/cluster.sh; sourced, not run.

down() {
  if [ ! -e "$state" ]; then
    rm -f target/cluster/kubeconfig
    echo "There is none."
    return
  fi
  touch "$state/groups"
  rm -f "$state/up"
  # While they run they would start again what is ended.
  end_processes || fail "so the rest stays as it is"
  unmount_below "$store"
  unmount_below "$state"
  remove_groups
  rm -rf --one-file-system "/run/lxc/lock$store"
  rmdir -p "/run/lxc/lock$(dirname $store)" 2>/dev/null || true
  ip link delete veneer-cluster 2>/dev/null || true
  while IFS='=' read -r setting value; do
    sysctl -q -w "$setting=$value" || true
  done <"$state/kernel-settings" 2>/dev/null
  while read -r directory; do
    [ ! -e "$directory" ] || rm -rf --one-file-system "$directory"
  done <"$state/made" 2>/dev/null
  rm -rf --one-file-system "$state"
  rm -f target/cluster/kubeconfig
  rmdir target/cluster target 2>/dev/null || true
  [ ! -e "$state" ] || fail "$state is still there; see what holds it, then run this again"
  echo "All of it is gone. (Packages and built parts stay.)"
}

# Takes off every mount at or below a directory, the last first.
unmount_below() {
  for attempt in 1 2 3; do
    # The mount points in the table have spaces, tabs, line ends and backslashes as octal escapes.
    points=$(awk -v top="$1" '$5 == top || index($5, top "/") == 1 { print $5 }' /proc/self/mountinfo | tac)
    [ -n "$points" ] || return 0
    printf '%s\n' "$points" | while IFS= read -r point; do
      umount "$(printf '%b' "$(printf '%s' "$point" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")" 2>"$state/log/umount" || true
    done
    sleep "0.$attempt"
  done
  cat "$state/log/umount" >&2
  fail "these cannot be unmounted; see what uses them, then run this again: $points"
}
