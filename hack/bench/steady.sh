# Passes with nothing to do, once a second; against reading the mount table in C.
. hack/bench/common.sh
growth="steady pass, a sliver: 5,000 against 1,000, µs"
acts="steady pass over 5,000: processes, writes in 5 s"
expect "steady pass over 1000, µs a sliver" "steady pass over 5000, µs a sliver" "$growth" "$acts"
file_system xfs
small_base

for count in 1000 5000; do
  declare_slivers $count overlay
  apply
  start_agent 1s
  sleep 12
  ours= c=
  for window in 1 2 3; do
    sum=$(metric veneer_pass_seconds_sum) passed=$(metric veneer_pass_seconds_count)
    sleep 5
    ours="$ours $(calc "($(metric veneer_pass_seconds_sum) - $sum) / ($(metric veneer_pass_seconds_count) - $passed) * 1e6 / $count")"
    c="$c $("$BENCH_WORK/mountinfo" 5 | awk -v count=$count '{ printf "%.4f", $1 * 1e6 / count }')"
  done
  row "steady pass over $count, µs a sliver" "$ours" "$c" "max 30"
  [ $count = 5000 ] || { small=$ours; stop_agent; }
done
row "$growth" "$ours" "$small" "x 1.25"
calls=execve,write,writev,pwrite64,pwritev,openat,mkdirat,mknodat,unlinkat,renameat,renameat2,linkat,symlinkat
calls=$calls,ftruncate,fchmod,fchmodat,fchownat,utimensat,fsync,fdatasync,syncfs,mount,umount2,fsmount,move_mount
timeout 5 strace -f -q -p "$agent" -e "trace=$calls" -o "$work/calls" || [ $? = 124 ]
# Opening is counted only for writing; all of a steady pass is done by openat2 besides, which cannot create here.
acted=$(grep -E '^[0-9]+ +[a-z0-9_]+\(' "$work/calls" | grep -v -E 'openat\(.*O_RDONLY|--- SIG' | tee "$work/acted" | wc -l)
head -n 5 "$work/acted"
row "$acts" "$acted" - "max 0"
