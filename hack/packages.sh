# What is needed of Debian, for the other scripts here; sourced, not run.
#
#   install build            what the build needs
#   install build node       also what a node needs to run slivers and make base images
#   install build node test  also what the tests use
#   install build node test kube  also what a real Kubernetes for the tests is started with and built by
#   install build images     also what hack/images.sh uses
#   install build node test kube cluster  also what hack/cluster.sh uses
#   install build node floor also what hack/kernel-floor.sh uses
#   install build node bench also what hack/bench.sh uses

install() {
  packages=
  for use in "$@"; do
    case $use in
      build) packages="$packages maven openjdk-17-jdk-headless" ;;
      node) packages="$packages mount lxc btrfs-progs mmdebstrap zstd iproute2 procps" ;;
      test) packages="$packages xfsprogs e2fsprogs umoci skopeo rsync xz-utils busybox-static openssh-client gcc libc6-dev attr acl openssl" ;;
      kube) packages="$packages python3-venv util-linux faketime" ;;
      images) packages="$packages mmdebstrap" ;;
      cluster) packages="$packages containerd runc containernetworking-plugins nftables openssl python3 curl" ;;
      floor) packages="$packages qemu-system-x86 mmdebstrap e2fsprogs xfsprogs btrfs-progs" ;;
      bench) packages="$packages curl strace util-linux jq openssl" ;;
      *) echo "$0: no such use of packages: $use" >&2; return 1 ;;
    esac
  done
  missing=
  for package in $packages; do
    # A JDK or Maven from elsewhere will do.
    case $package in
      maven) command -v mvn >/dev/null && continue ;;
      openjdk-17-jdk-headless) command -v javac >/dev/null && continue ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "$0: these Debian packages are missing, and only root can install them:$missing" >&2
    return 1
  fi
  if ! command -v apt-get >/dev/null; then
    echo "$0: this is not Debian; install the like of:$missing" >&2
    return 1
  fi
  echo "Installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || return 1
  # shellcheck disable=SC2086 # a list of words
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
