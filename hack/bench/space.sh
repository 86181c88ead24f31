# What 100 slivers that nobody wrote to take, beside their base.
. hack/bench/common.sh
space="100 untouched slivers and their base, MiB"
expect "$space"
file_system xfs
mkdir "$work/declared"
used() {
  sync -f "$fs"
  df --output=used -B1 "$fs" | tail -n 1
}
small_base
empty=$(used)
base_image "{archive: {url: file://$BENCH_BASE}}"
apply
only=$(used)
declare_slivers 100 overlay
sed -i 's/baseImage: small/baseImage: debian/' "$work/declared"/slivers-*.yaml
apply
full=$(used)
row "$space" "$(calc "($full - $empty) / 1048576")" "$(calc "($only - $empty) / 1048576")" "x 1.01"
