#!/bin/sh
# Runs the conformance suite on one driver, as root: hack/test-driver.sh overlay|btrfs-snapshot|copy
set -eu
cd "$(dirname "$0")/.."
[ $# = 1 ] || { echo "usage: $0 overlay|btrfs-snapshot|copy" >&2; exit 64; }
# btrfs-snapshot is tested by BtrfsSnapshotConformanceIT.
class=$(printf %s "$1" | awk -F- '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')
exec mvn -q -B -ntp -pl node-reconciler -am verify -Dtest=none \
  "-Dit.test=${class}*ConformanceIT" -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
