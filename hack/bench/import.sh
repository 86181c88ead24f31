# Imports one Debian in a running agent, as create is measured, and by a whole apply, which has to start; against tar and
# sync of the same archive, and umoci of the same as an OCI layout.
. hack/bench/common.sh
warm="import of a Debian as tar.zst in an agent, s"
archive="import of the same by a cold apply, s"
oci="import of the same as an OCI layout, cold, s"
expect "$warm" "$archive" "$oci"
file_system xfs
mkdir "$work/declared"
base=$BENCH_BASE
base_image "{archive: {url: file://$base}}"
cat "$base" >/dev/null

imported() {
  rm -rf "$fs/other" "$store"
  sync -f "$fs"
  begun=$(now)
  apply
  seconds "$begun" "$(now)"
}
# By an agent that is there when the image is declared.
in_agent() {
  rm -rf "$fs/other" "$store"
  mv "$work/declared/debian.yaml" "$work/debian.yaml"
  start_agent 5m
  sync -f "$fs"
  took=$(passes 0 mv "$work/debian.yaml" "$work/declared/debian.yaml")
  stop_agent
  echo "$took"
}
against() {
  rm -rf "$fs/other" "$store"
  sync -f "$fs"
  begun=$(now)
  "$@"
  sync -f "$fs"
  seconds "$begun" "$(now)"
}
unpack_tar() {
  mkdir "$fs/other"
  tar -I zstd -xpf "$base" --xattrs --xattrs-include='*' -C "$fs/other"
}

ours= cold= tar=
for round in 1 2 3 4 5; do
  tar="$tar $(against unpack_tar)"
  in_agent >"$work/took"
  ours="$ours $(cat "$work/took")"
  cold="$cold $(imported)"
done
row "$warm" "$ours" "$tar" "x 1.2"
row "$archive" "$cold" "$tar" "+ 1.5"

umoci --log error init --layout "$work/oci"
umoci --log error new --image "$work/oci:debian"
zstd -qdfo "$work/layer.tar" "$base"
umoci --log error raw add-layer --image "$work/oci:debian" "$work/layer.tar"
rm "$work/layer.tar"
base_image "{ociLayout: {path: $work/oci, reference: debian}}"
ours= umoci=
for round in 1 2 3; do
  umoci="$umoci $(against umoci --log error unpack --image "$work/oci:debian" "$fs/other")"
  ours="$ours $(imported)"
done
row "$oci" "$ours" "$umoci" "x 1"
