#!/bin/bash
# Tries this Veneer together with an older one, on a real API server, as root:
#
#   - the older agent with this one's definitions, policies and controller, and this agent with the older ones;
#   - a store of the older agent taken over by this one with nothing mounted anew, and given back.
#
#   hack/skew.sh [REVISION]      the newest tag; without tags the oldest of the last 100 commits that has a controller
#   VENEER_SKEW_BUILDS=DIR …     keep what was built of other revisions there, and take it from there the next time
#
# Takes a build of the other revision, and of this one unless it is there, and then some two minutes. It says `ok:` or
# `FAILED:` of each step. Not part of hack/verify.sh.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "$0: mounting needs root" >&2; exit 1; }
. hack/packages.sh
# Mounts are nobody else's, and end with this.
[ -n "${VENEER_SKEW_INSIDE:-}" ] || VENEER_SKEW_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"

main=controller/src/main/java/dev/veneer/controller/app/Main.java
revision=${1:-$(git describe --tags --abbrev=0 2>/dev/null || true)}
if [ -z "$revision" ]; then
  revision=$(git log -n 100 --format=%h | while read -r each; do
    ! git cat-file -e "$each:$main" 2>/dev/null || echo "$each"
  done | tail -n 1)
fi
commit=$(git rev-parse --verify --short=12 "$revision^{commit}") || { echo "$0: no such revision: $revision" >&2; exit 64; }
git cat-file -e "$commit:$main" 2>/dev/null || { echo "$0: $revision has no controller yet" >&2; exit 64; }

work=$(mktemp -d /tmp/veneer-skew-XXXXXX)
chmod 711 "$work"
agent= background= failures=0
end() {
  for each in $agent $background; do kill "$each" 2>/dev/null || true; done
  for each in $agent $background; do wait "$each" 2>/dev/null || true; done
  agent= background=
}
# shellcheck disable=SC2317 # called by the trap
clean() {
  end
  umount --recursive --lazy "$work/fs" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
  [ -z "${api:-}" ] || k -n default get slivers,baseimages -o wide 2>/dev/null | sed 's/^/  /' || true
  [ ! -e "$work/agent.log" ] || tail -n 8 "$work/agent.log" | sed 's/^/  agent: /'
  [ ! -e "$work/controller.log" ] || tail -n 5 "$work/controller.log" | cut -c 1-400 | sed 's/^/  controller: /'
  exit 1
}
ok() { echo "ok: $1"; }
# try WHAT COMMAND...
try() {
  what=$1
  shift
  "$@" >"$work/said" 2>&1 || { cat "$work/said"; fail "$what"; }
  ok "$what"
}
# soon WHAT COMMAND...
soon() {
  what=$1
  shift
  wait_for 90 "$what" quietly "$@"
  ok "$what"
}
quietly() { "$@" >/dev/null 2>&1; }

install build node test kube
build() {
  (cd "$1" && mvn -q -B -ntp -Dstyle.color=never -DskipTests package) || { echo "$0: $1 cannot be built" >&2; exit 1; }
}
built() { [ -x "$1/node-reconciler/target/veneer/bin/veneer" ] && [ -r "$1/controller/target/veneer-controller/lib/veneer-controller.jar" ]; }
built . || build .
older=${VENEER_SKEW_BUILDS:-$work}/$commit
if ! built "$older"; then
  echo "Building $revision ($commit)"
  mkdir -p "$older"
  git archive "$commit" | tar -x -C "$older"
  build "$older"
fi
here=$PWD
echo "This is $(git describe --always --dirty), the older one $commit, $(git rev-list --count "$commit..HEAD") commits back"

# A disk with a store for each part, and two base images.
truncate -s 1G "$work/image"
mkfs.xfs -q "$work/image"
mkdir "$work/fs"
mount -o loop "$work/image" "$work/fs"
chmod 755 "$work/fs"
for base in one two; do
  mkdir -p "$work/fs/$base/etc"
  echo $base >"$work/fs/$base/etc/release"
done

# cluster TREE: an API server with the definitions, rights, policies and controller of a build
cluster() {
  part=$((${part:-0} + 1))
  mkdir "$work/$part"
  outer=$work work=$work/$part
  . hack/bench/api.sh
  work=$outer
  start_api "$1"
  k apply --server-side --force-conflicts -k "$1/manifests/kubernetes" >"$work/said" || fail "the manifests are taken"
  k apply -f - >/dev/null <<DONE
apiVersion: v1
kind: Node
metadata: {name: node-1}
DONE
  token controller
  token agent --bound-object-kind=Node --bound-object-name=node-1
  # Told as its pod tells it: the option came later.
  POD_NAMESPACE=veneer-system java -XX:+UseSerialGC -Xmx200m -cp "$1/controller/target/veneer-controller/lib/veneer-controller.jar" dev.veneer.controller.app.Main \
    --kubeconfig "$api/controller" >"$work/controller.log" 2>&1 &
  background="$background $!"
  for base in one two; do
    k apply -f - >/dev/null <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: $base}
spec: {source: {directory: {path: $work/fs/$base}}}
DONE
  done
}

# token WHO OPTION...: the account of the manifests, so that rights and policies are tried as well
token() {
  kubeconfig "$1" | sed "s|token: $1|token: $(k -n veneer-system create token "veneer-$1" "${@:2}")|" >"$api/$1"
}

# start TREE: its agent, on the store of this part
start() {
  VENEER_NODE=node-1 "$1/node-reconciler/target/veneer/bin/veneer" agent --kubernetes --kubeconfig "$api/agent" --node-name node-1 \
    --store "$work/fs/store-$part" >"$work/agent.log" 2>&1 &
  agent=$!
}

stop() {
  kill "$agent"
  wait "$agent" || fail "the agent ends when it is told to: status $?"
  agent=
}

# sliver NAME BASE
sliver() {
  k apply -f - >/dev/null <<DONE
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: $1, namespace: default}
spec: {nodeName: node-1, baseImage: $2, driver: overlay}
DONE
}

root() { echo "$work/fs/store-$part/rootfs/default/$1"; }
mounts() { grep " $work/fs/store-$part/rootfs/" /proc/self/mountinfo | sort; }
is() { [ "$(k -n default get sliver "$1" -o "jsonpath={$2}")" = "$3" ]; }
no() { ! "$@"; }
version() { k -n default get sliver "$1" -o 'jsonpath={.metadata.resourceVersion}'; }
alive() { kill -0 "$agent" 2>/dev/null; }

# asked NUMBER: whether the agent has answered a request that was made after it was started
asked() {
  k -n default annotate --overwrite sliver stays veneer.dev/requestedAt="$1" >/dev/null
  wait_for 90 "the agent answers a request" answered "$1"
}
answered() {
  alive || fail "the agent goes on"
  is stays .status.lastHandledRequestAt "$1"
}
ready() { k -n default wait --for=condition=Ready sliver "$@" --timeout=1s; }
words() { k -n default get sliver "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'; }
# refused NAME...: as records of a newer version are
refused() {
  for each in "$@"; do
    words "$each" | grep -q 'written by a newer version' || return 1
  done
}
# wait_for_it SECONDS COMMAND...
wait_for_it() { (fail() { exit 1; } && wait_for "$1" it "${@:2}"); }
# Once all is measured.
quiet() {
  first=$(version stays)
  sleep 6
  [ "$(version stays)" = "$first" ]
}

# life NAME: what becomes of slivers
life() {
  sliver stays one
  sliver goes one
  soon "$1: slivers become Ready" ready stays goes
  echo mine >"$(root stays)/etc/mine"
  soon "$1: the controller counts them at their base image" k wait baseimage/one --for=jsonpath='{.status.blockedBy.count}'=2 --timeout=1s
  soon "$1: in the end nobody writes anything" quiet
  sliver stays two
  soon "$1: a change is applied" is stays .status.base.name two
  soon "$1: and is Ready" ready stays
  try "$1: what was written stays, and the rest follows" [ "$(cat "$(root stays)/etc/mine" "$(root stays)/etc/release" | tr '\n' ' ')" = "mine two " ]
  try "$1: a deletion finishes" k -n default delete sliver goes --timeout=60s
  try "$1: nothing of it stays mounted" no grep -q " $(root goes) " /proc/self/mountinfo
  try "$1: a base image that nobody uses goes" k delete baseimage one --timeout=60s
}

echo "The older agent, this one's definitions, policies and controller"
cluster "$here"
start "$older"
life "older agent"

echo "Its store taken over, and given back"
before=$(mounts)
try "there is a mount to be looked at" [ -n "$before" ]
stop
try "without an agent all stays mounted" [ "$(mounts)" = "$before" ]
start "$here"
asked 1
ok "this agent takes the store over"
try "nothing was mounted anew" [ "$(mounts)" = "$before" ]
try "all is Ready" ready stays
# A record that this one has written.
echo more >"$(root stays)/etc/more"
k -n default patch sliver stays --type=merge -p '{"spec":{"instanceSerial":2}}' >/dev/null
soon "this agent follows a change" is stays .status.observedGeneration "$(k -n default get sliver stays -o 'jsonpath={.metadata.generation}')"
sliver late two
soon "and makes another" ready stays late
before=$(mounts)
stop
start "$older"
sleep 5
if alive; then
  asked 2
  if wait_for_it 30 quietly ready stays late; then
    ok "the older agent takes it back, and all is Ready"
  else
    # What it does not know of a record, it does not touch.
    try "what the older agent does not know it refuses with a word: $(words stays)" refused stays late
  fi
  try "and nothing was mounted anew" [ "$(mounts)" = "$before" ]
  stop
else
  wait "$agent" && status=0 || status=$?
  agent=
  try "the older agent refuses the store with a word: $(grep -i 'version' "$work/agent.log" | tail -n 1)" [ $status != 0 ]
  try "and leaves all as it is" [ "$(mounts)" = "$before" ]
fi
start "$here"
asked 3
soon "this agent takes up again what there was" ready stays late
try "with nothing mounted anew" [ "$(mounts)" = "$before" ]
try "all is deleted" k -n default delete sliver --all --timeout=60s
end

echo "This agent, the older one's definitions, policies and controller"
cluster "$older"
start "$here"
life "this agent"
try "this agent: all is deleted" k -n default delete sliver --all --timeout=60s
end
echo "All of it holds."
