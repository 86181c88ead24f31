# Compaction of a store that is full of copies of its base, in a running agent; against rsync of the same view into a fresh
# overlay on the same base. And the estimate of what it would give back. Ours is what the
# command takes: its start, looking beforehand, the compaction itself with its verification.
. hack/bench/common.sh
wall="compaction of 400 MiB in 15,000 copies, s"
cpu="processor time of the same, s"
estimate="estimate of the same by the agent, s"
least="the same; the least of it by 2 threads in C, s"
least_cpu="processor time of the same; the least of it in C, s"
expect "$wall" "$cpu" "$least" "$least_cpu" "$estimate"
file_system xfs
mkdir -p "$work/declared" "$fs/lower"
# 15,000 files of 27 KiB on average, in 150 directories.
awk -v to="$fs/lower" 'BEGIN {
  srand(1)
  for (d = 0; d < 150; d++) {
    directory = sprintf("%s/d%03d", to, d)
    system("mkdir " directory)
    for (f = 0; f < 100; f++) {
      file = sprintf("%s/f%03d", directory, f)
      count = 1 + int(rand() * 7)
      for (i = 0; i < count; i++) {
        line = sprintf("%d %d %d ", d, f, i)
        while (length(line) < 7900) line = line line
        printf "%s\n", substr(line, 1, 7900) >file
      }
      close(file)
    }
  }
}'
cat >"$work/declared/base.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: BaseImage
metadata: {name: small}
spec: {source: {directory: {path: $fs/lower}}}
DONE
declare_slivers 1 overlay
apply
rootfs=$store/rootfs/default/s00000
start_agent 1h

ticks() { awk '{ print $14 + $15 }' "/proc/$agent/stat"; }
fill() {
  cp -a --remove-destination "$fs/lower/." "$rootfs/"
  sync -f "$fs"
}
by_rsync() {
  mkdir -p "$fs/r/upper" "$fs/r/work" "$fs/r/view"
  mount -t overlay overlay -o "lowerdir=$fs/lower,upperdir=$fs/r/upper,workdir=$fs/r/work" "$fs/r/view"
  sync -f "$fs"
  begun=$(now)
  # What the shell's times say of its children is all that rsync and sync took.
  sh -c 'rsync -aHAX --checksum "$1/" "$2/" && sync -f "$2" && times' sh "$rootfs" "$fs/r/view" | tail -n 1 >"$work/times"
  took=$(seconds "$begun" "$(now)")
  umount "$fs/r/view"
  rm -rf "$fs/r"
}
# reclaimable count|sum: of the agent's estimates
reclaimable() {
  curl -sf "http://127.0.0.1:$port/metrics" | awk -v name="veneer_measure_seconds_$1{what=\"reclaimable\"}" '$1 == name { found = $2 } END { print found + 0 }'
}
# measured COUNT: until so many more were made since $looks had been
measured() {
  until [ "$(reclaimable count)" -ge $((looks + $1)) ]; do
    is_alive
    sleep 0.2
  done
}
ours= theirs= ours_cpu= theirs_cpu= c= c_cpu= guessed=
for round in 1 2 3 4; do
  fill
  by_rsync
  used=$(sed -E 's/([0-9]+)m([0-9.]+)s ([0-9]+)m([0-9.]+)s/\1 \2 \3 \4/' "$work/times" | awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }')
  cp -a "$fs/lower" "$fs/copies"
  sync -f "$fs"
  by_c=$("$BENCH_WORK/contents" "$fs/copies" "$fs/lower" 2)
  rm -r "$fs/copies"
  "$VENEER" compact sliver s00000 --dry-run --store "$store" >"$work/estimate"
  before=$(ticks)
  begun=$(now)
  "$VENEER" compact sliver s00000 --store "$store" >"$work/told" 2>&1 || fail "$(cat "$work/told")"
  mine=$(seconds "$begun" "$(now)")
  # What is left over is removed after the answer.
  sleep 1
  spent=$(calc "($(ticks) - $before) / $(getconf CLK_TCK)")
  # The first is practice.
  [ $round = 1 ] && continue
  theirs="$theirs $took" theirs_cpu="$theirs_cpu $used" ours="$ours $mine" ours_cpu="$ours_cpu $spent"
  c="$c ${by_c% *}" c_cpu="$c_cpu ${by_c#* }"
done
# The agent estimates what is new: slivers that are made with the same copies.
tar -C "$fs/lower" -cf "$fs/copies.tar" .
for round in 1 2 3 4; do
  looks=$(reclaimable count)
  sum=$(reclaimable sum)
  cat >"$work/declared/estimated-$round.yaml" <<DONE
apiVersion: veneer.dev/v1alpha1
kind: Sliver
metadata: {name: estimated-$round}
spec: {baseImage: small, driver: overlay, content: {archive: {url: "file://$fs/copies.tar"}}}
DONE
  measured 1
  [ $round = 1 ] || guessed="$guessed $(calc "$(reclaimable sum) - $sum")"
done
cat "$work/estimate"
row "$wall" "$ours" "$theirs" "x 0.25"
row "$cpu" "$ours_cpu" "$theirs_cpu" "x 0.25"
row "$least" "$ours" "$c" "x 4"
row "$least_cpu" "$ours_cpu" "$c_cpu" "x 4"
row "$estimate" "$guessed" "$ours" "x 0.1"
