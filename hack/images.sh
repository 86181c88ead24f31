#!/bin/sh
# The OCI images of agent and controller, without a Docker daemon: a small Debian, a Java with only the modules that are
# needed, and the program. Built twice on one machine from the same sources they have the same digest.
#
#   hack/images.sh [DIRECTORY]    into DIRECTORY/agent and DIRECTORY/controller (target/images), OCI image layouts with one
#                                 tag, the version; prints each with the digest of its manifest
#
#   FRESH=1    do not take the Debian roots of an earlier run
#
# Push them where your cluster pulls from: skopeo copy oci:target/images/agent:VERSION docker://REGISTRY/veneer/agent:VERSION
set -eu
cd "$(dirname "$0")/.."
. hack/packages.sh

out=${1:-target/images}
install build images
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$(sed -n '0,/<version>/s|.*<version>\(.*\)</version>.*|\1|p' pom.xml)
# The time of everything in the images.
SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's|.*<project.build.outputTimestamp>\(.*\)</project.build.outputTimestamp>.*|\1|p' pom.xml)" +%s)
export SOURCE_DATE_EPOCH
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) echo "$0: there are no images for $(uname -m)" >&2; exit 1 ;;
esac

# What the agent runs on a node, and what Java needs. The LXC and its containers are the node's own.
agent_packages=btrfs-progs,mount,util-linux,zlib1g,ca-certificates
controller_packages=base-files,libc6,libgcc-s1,libstdc++6,zlib1g
agent_modules=java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.rmi,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
controller_modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported

work=$(mktemp -d "$out/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

programs() {
  if [ ! -e node-reconciler/target/veneer/lib/veneer-node.jar ] || [ ! -e controller/target/veneer-controller/lib/veneer-controller.jar ] ||
    [ -n "$(find pom.xml crds node-reconciler controller -path '*/target' -prune -o -type f -newer controller/target/veneer-controller/lib/veneer-controller.jar -print | head -n 1)" ]; then
    mvn -q -B -ntp -Dstyle.color=never -DskipTests package >&2
    touch controller/target/veneer-controller/lib/veneer-controller.jar
  fi
}

# debian NAME VARIANT PACKAGES: a root file system as a tar archive, kept from one run to the next.
debian() {
  kept=$out/debian-$1.tar
  wanted="$2 $3 $SOURCE_DATE_EPOCH"
  if [ -z "${FRESH:-}" ] && [ -s "$kept" ] && [ "$(cat "$kept.of" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  rm -f "$kept.of"
  # What differs from one run to the next is of no use in an image.
  VARIANT=$2 hack/debian-base.sh "$kept" "$3" \
    --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/log/* "$1"/var/lib/apt/lists/* "$1"/etc/machine-id "$1"/etc/hostname "$1"/etc/resolv.conf' \
    --customize-hook='rm -f "$1"/var/lib/dpkg/*-old "$1"/etc/*- "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap'
  echo "$wanted" >"$kept.of"
}

# java DIRECTORY MODULES
java_of() {
  jlink --add-modules "$2" --strip-java-debug-attributes --no-header-files --no-man-pages --compress=1 --output "$1"
  # Debian's has links to files of its packages.
  if [ ! -s "$1/lib/security/cacerts" ] || [ -L "$1/lib/security/cacerts" ]; then
    rm -f "$1/lib/security/cacerts"
    cp -L "$(dirname "$(dirname "$(readlink -f "$(command -v jlink)")")")/lib/security/cacerts" "$1/lib/security/cacerts"
  fi
}

# layer DIRECTORY FILE: a tar archive that says nothing of when and by whom it was made.
layer() {
  tar -C "$1" --sort=name --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf "$2" .
}

digest() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# blob FILE: puts it into the layout, and says its digest and size as in a descriptor.
blob() {
  hash=$(digest "$1")
  mv "$1" "$layout/blobs/sha256/$hash"
  printf '"digest":"sha256:%s","size":%s' "$hash" "$(stat -c %s "$layout/blobs/sha256/$hash")"
}

# image NAME CONFIGURATION LAYER...: an OCI image layout from uncompressed layers.
image() {
  name=$1
  configuration=$2
  shift 2
  layout=$work/$name
  mkdir -p "$layout/blobs/sha256"
  contents= descriptors=
  for tar in "$@"; do
    contents="$contents${contents:+,}\"sha256:$(digest "$tar")\""
    gzip -n -6 <"$tar" >"$work/layer.gz"
    descriptors="$descriptors${descriptors:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",$(blob "$work/layer.gz")}"
  done
  printf '{"created":"%s","architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$created" $architecture "$configuration" "$contents" >"$work/config"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[%s]}' \
    "$(blob "$work/config")" "$descriptors" >"$work/manifest"
  hash=$(digest "$work/manifest")
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
    "$(blob "$work/manifest")" "$version" >"$layout/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  rm -rf "${out:?}/$name"
  mv "$layout" "$out/$name"
  echo "$out/$name:$version sha256:$hash"
}

# Each waits for packages to be loaded for a good part of its time.
debian agent minbase "$agent_packages" &
root_of_agent=$!
debian controller extract "$controller_packages" &
root_of_controller=$!
programs
missing=
wait $root_of_agent || missing=1
wait $root_of_controller || missing=1
[ -z "$missing" ]

mkdir -p "$work/agent-java/opt" "$work/agent-program/opt" "$work/controller-java/opt" "$work/controller-program/opt"
java_of "$work/agent-java/opt/java" $agent_modules
java_of "$work/controller-java/opt/java" $controller_modules
cp -r node-reconciler/target/veneer "$work/agent-program/opt/veneer"
cp -r controller/target/veneer-controller "$work/controller-program/opt/veneer-controller"
chmod -R u=rwX,go=rX "$work"/*-java "$work"/*-program
for part in agent-java agent-program controller-java controller-program; do
  layer "$work/$part" "$work/$part.tar"
done

labels="\"Labels\":{\"org.opencontainers.image.title\":\"Veneer\",\"org.opencontainers.image.version\":\"$version\",\"org.opencontainers.image.licenses\":\"Apache-2.0\"}"
image agent "{\"Entrypoint\":[\"/opt/veneer/bin/veneer\"],\"Env\":[\"PATH=/opt/veneer/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\"JAVA_HOME=/opt/java\",\"LANG=C.UTF-8\"],$labels}" \
  "$out/debian-agent.tar" "$work/agent-java.tar" "$work/agent-program.tar"
image controller "{\"User\":\"65532:65532\",\"Entrypoint\":[\"/opt/java/bin/java\",\"-XX:+UseSerialGC\",\"-XX:MaxRAMPercentage=60\",\"-XX:+ExitOnOutOfMemoryError\",\"-cp\",\"/opt/veneer-controller/lib/veneer-controller.jar\",\"dev.veneer.controller.app.Main\"],\"Env\":[\"PATH=/opt/java/bin:/usr/bin:/bin\",\"LANG=C.UTF-8\"],$labels}" \
  "$out/debian-controller.tar" "$work/controller-java.tar" "$work/controller-program.tar"
