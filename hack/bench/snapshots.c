/*
 * What Veneer is compared with when it makes btrfs slivers: BTRFS_IOC_SNAP_CREATE_V2, one after another.
 *
 *   snapshots SUBVOLUME DIRECTORY COUNT
 *
 * Prints the seconds that it took.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: snapshots SUBVOLUME DIRECTORY COUNT\n");
    return 64;
  }
  int source = open(argv[1], O_RDONLY | O_DIRECTORY), into = open(argv[2], O_RDONLY | O_DIRECTORY);
  if (source < 0 || into < 0) {
    fprintf(stderr, "snapshots: %s: %s\n", source < 0 ? argv[1] : argv[2], strerror(errno));
    return 1;
  }
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (int i = 0; i < atoi(argv[3]); i++) {
    struct btrfs_ioctl_vol_args_v2 args = {.fd = source};
    snprintf(args.name, sizeof args.name, "s%05d", i);
    if (ioctl(into, BTRFS_IOC_SNAP_CREATE_V2, &args)) {
      fprintf(stderr, "snapshots: %s: %s\n", args.name, strerror(errno));
      return 1;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  printf("%.4f\n", ended.tv_sec - begun.tv_sec + (ended.tv_nsec - begun.tv_nsec) / 1e9);
  return 0;
}
