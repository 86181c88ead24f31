# Imports one Debian by a whole apply; against tar and sync of the same archive, and umoci of the same as an OCI layout.
. hack/bench/common.sh
archive="import of a Debian as tar.zst, s"
oci="import of the same as an OCI layout, s"
expect "$archive" "$oci"
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

ours= tar=
for round in 1 2 3 4 5; do
  tar="$tar $(against unpack_tar)"
  ours="$ours $(imported)"
done
row "$archive" "$ours" "$tar" "x 1.2"

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
