#!/bin/sh
# Everything that has to hold before a change is good: formatting, compilation with Error Prone and NullAway, unit
# tests, tests with real file systems and containers, a short run on a newer Java, skipped tests counted, and nothing
# left behind. As root on Debian 12; installs what is missing.
#
#   hack/verify.sh           all of it
#   hack/verify.sh --quick   formatting, compilation, unit tests: no root needed
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh

quick=
case ${1:-} in
  --quick) quick=1 ;;
  '') ;;
  *) echo "usage: $0 [--quick]" >&2; exit 64 ;;
esac

started=$(date +%s)
work=$(mktemp -d /tmp/veneer-verify-XXXXXX)
# Searchable: the roots of user namespaces have to get at their slivers.
chmod 711 "$work"
times=$work/times
mvn="mvn -B -ntp -Dstyle.color=never -Dtest.tmpdir=$work"
failed=

# Runs one step and remembers how long it took; a failed step does not hide what the next ones would tell.
step() {
  name=$1
  shift
  echo
  echo "==> $name"
  begun=$(date +%s)
  if "$@"; then verdict=ok; else verdict=FAILED; failed="$failed, $name"; fi
  printf '%5d s  %-7s %s\n' $(($(date +%s) - begun)) "$verdict" "$name" >>"$times"
}

# Begins a step that goes on beside those that follow, until `ended`, which also shows what it said.
begin() {
  beside=$1
  (
    failed=
    step "$@"
    [ -z "$failed" ]
  ) >"$work/beside" 2>&1 &
  process=$!
}

ended() {
  wait "$process" || failed="$failed, $beside"
  cat "$work/beside"
}

reports() {
  find . -path ./node_modules -prune -o -path '*/target/surefire-reports/TEST-*.xml' -print \
    -o -path '*/target/failsafe-reports/TEST-*.xml' -print
}

# One line a test class: seconds, tests, errors and failures, skipped, name.
classes() {
  reports | while read -r report; do
    tr '\n' ' ' <"$report" | sed -n 's/.*<testsuite \([^>]*\)>.*/\1/p' | sed 's/<.*//' | awk '{
      n = split($0, part, "\" *")
      for (i = 1; i < n; i += 2) { key = part[i]; sub(/=$/, "", key); sub(/.* /, "", key); value[key] = part[i + 1] }
      print value["time"], value["tests"], value["errors"] + value["failures"], value["skipped"], value["name"]
    }'
  done
}

counts() {
  classes | awk '
    { kind = ($5 ~ /IT$/) ? "integration" : "unit"; tests[kind] += $2; bad[kind] += $3; skipped[kind] += $4; time[kind] += $1 }
    END { for (kind in tests)
      printf "%-12s Tests run: %d, Failures and errors: %d, Skipped: %d, Time: %d s\n", kind, tests[kind], bad[kind], skipped[kind], time[kind] }'
}

slowest() {
  classes | sort -rn | head -n 15 | awk '{ printf "%7.1f s  %4d tests  %s\n", $1, $2, $5 }'
}

# A test may be skipped only for a reason that stands in hack/allowed-skips.txt.
skips() {
  reports | while read -r report; do
    awk '/<testcase / { name = $0; sub(/.* classname="/, "", name); class = name; sub(/".*/, "", class)
           test = $0; sub(/.*<testcase name="/, "", test); sub(/".*/, "", test) }
         /<skipped/ { print class "." test }' "$report"
  done | sort -u >"$work/skipped"
  : >"$work/unexpected"
  while read -r skipped; do
    allowed=
    while read -r pattern; do
      # shellcheck disable=SC2254 # it is a pattern
      case $skipped in $pattern) allowed=1 ;; esac
    done <<EOF
$(sed 's/#.*//; s/[[:space:]]*$//; /^$/d' hack/allowed-skips.txt)
EOF
    [ -n "$allowed" ] || echo "$skipped" >>"$work/unexpected"
  done <"$work/skipped"
  echo "$(wc -l <"$work/skipped") tests skipped"
  if [ -s "$work/unexpected" ]; then
    echo "These were skipped but are not in hack/allowed-skips.txt:"
    cat "$work/unexpected"
    return 1
  fi
}

# What the tests made lies below $work, so that everything that is left names it.
leftovers() {
  {
    sed 's/^/mount: /' /proc/self/mountinfo | grep -F "$work" || true
    cat /sys/block/loop*/loop/backing_file 2>/dev/null | sed 's/^/loop device of /' | grep -F "$work" || true
    for process in /proc/[0-9]*; do
      pid=${process#/proc/}
      [ "$pid" != $$ ] || continue
      at=$(readlink "$process/cwd" 2>/dev/null; readlink "$process/root" 2>/dev/null; tr '\0' ' ' <"$process/cmdline" 2>/dev/null) || true
      case $at in *"$work"*) echo "process $pid: $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" ;; esac
    done
    find "$work" -mindepth 1 -maxdepth 1 -name 'veneer-it-*' | sed 's/^/directory: /'
  } >"$work/left"
  if [ -s "$work/left" ]; then
    echo "The tests left behind:"
    head -n 50 "$work/left"
    return 1
  fi
  echo "no mounts, loop devices, processes, directories"
}

newer_java() {
  for home in /usr/lib/jvm/*; do
    [ ! -L "$home" ] && [ -r "$home/release" ] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    [ "${version:-0}" -gt 21 ] && echo "$home" && return
  done
}

# A few classes with real mounts, mount tables and whole lives of slivers, half a minute altogether: system calls and
# threads are what a newer Java could treat otherwise.
REAL=MounterIT,MountTableReaderIT,OverlayConformanceIT

# The unit tests without those that only read sources and class files, some real tests, and a start of the packaged
# command. Beside it a whole cluster runs, which has no namespaces with copies of the mounts that are made here, nor is
# there any here with copies of the cluster's.
on_newer_java() {
  keep=$work/reports
  mkdir -p "$keep"
  for module in crds node-reconciler controller; do
    [ ! -d $module/target/surefire-reports ] || cp -r $module/target/surefire-reports "$keep/$module"
  done
  verdict=0
  unshare --mount --propagation private $mvn test -Djvm="$1/bin/java" "-Dtest=*Test,!ArrowsTest,!HouseRulesTest,$REAL" -Dsurefire.failIfNoSpecifiedTests=false \
    "-Dtest.jvm.options=--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" >"$work/newer" 2>&1 || verdict=1
  grep -E 'Tests run:|ERROR|FAIL|BUILD' "$work/newer" || true
  # The reports that are counted are those of the Java that the project is built with.
  for module in crds node-reconciler controller; do
    rm -rf $module/target/surefire-reports
    [ ! -d "$keep/$module" ] || cp -r "$keep/$module" $module/target/surefire-reports
  done
  rm -rf "$keep"
  [ $verdict = 0 ] && JAVA_HOME=$1 sh node-reconciler/target/veneer/bin/veneer --version
}

# Veneer on a whole cluster of one node, installed by its own manifests (hack/cluster/check.sh), by images that are put
# together twice. In a mount namespace of its own: whatever goes wrong, no mount of it is left.
whole_cluster() {
  # Somebody's, which is not to be tried on and taken away.
  if [ -e /var/lib/veneer-cluster ]; then
    echo "There is a cluster already, of which this would take everything away. If it is of no use any more: hack/cluster.sh down"
    return 1
  fi
  hack/images.sh >"$work/images" || return 1
  unshare --mount --propagation private sh -c '
    work=$1
    {
      hack/cluster.sh up && hack/cluster.sh check
      echo $? >"$work/verdict"
    } 2>&1 | tee "$work/cluster"
    verdict=$(cat "$work/verdict")
    [ "$verdict" = 0 ] || find /var/lib/veneer-cluster/log /var/log/pods -name "*.log" -exec tail -n 15 {} + 2>/dev/null
    hack/cluster.sh down || verdict=1
    exit "$verdict"' sh "$work" || return 1
  grep -oE '/[^ ]+ sha256:[0-9a-f]{64}$' "$work/images" >"$work/made" || return 1
  while read -r image; do
    grep -qF "$image" "$work/cluster" || {
      echo "was another image when it was made for the first time: $image"
      return 1
    }
  done <"$work/made"
}

scripts() {
  for script in hack/*.sh hack/bench/*.sh hack/cluster/*.sh hack/kernel-floor/*.sh hack/kube/*.sh .ci/run node-reconciler/src/main/dist/bin/veneer; do
    sh -n "$script" || return 1
  done
}

generated() {
  # Tests compare what is generated with what is committed; this finds what the build itself wrote.
  [ -z "$(git status --porcelain 2>/dev/null)" ] || {
    git status --porcelain
    echo "(The tree has changes. They are yours, or the build generated something that was not committed.)"
    [ -z "${CI:-}" ]
  }
}

if [ -n "$quick" ]; then
  step "formatting" $mvn -q spotless:check
  step "scripts" scripts
  step "compilation, unit tests" $mvn -DskipITs verify
else
  [ "$(id -u)" = 0 ] || { echo "$0: the real tests mount file systems: run as root, or with --quick" >&2; exit 1; }
  step "packages" install build node test kube images cluster
  # What both load from elsewhere the first time is waited for at the same time.
  begin "the parts of Kubernetes, built once" hack/kube/build.sh
  step "formatting" $mvn -q spotless:check
  step "scripts" scripts
  ended
  step "compilation, unit tests, integration tests" $mvn -Dmaven.test.failure.ignore=false --fail-at-end verify
  # Most of a cluster's time is waiting, for archives of packages and for what comes up.
  newer=$(newer_java)
  [ -z "$newer" ] || begin "unit tests, some integration tests and start on $newer" on_newer_java "$newer"
  step "a whole cluster" whole_cluster
  [ -z "$newer" ] || ended
  step "skipped tests" skips
  step "nothing left behind" leftovers
  step "the tree as committed" generated
fi

echo
echo "==> Slowest test classes"
slowest
echo
echo "==> Steps"
cat "$times"
echo
counts
echo "total $(($(date +%s) - started)) s"
if [ -s "$work/left" ]; then
  echo "kept for a look: $work"
else
  rm -rf --one-file-system "$work"
fi
if [ -n "$failed" ]; then
  echo "FAILED: ${failed#, }"
  exit 1
fi
echo "All of it holds."
