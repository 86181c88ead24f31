/*
 * What Veneer is compared with when it makes btrfs slivers.
 *
 *   snapshots SUBVOLUME DIRECTORY COUNT            BTRFS_IOC_SNAP_CREATE_V2, one after another, and nothing else
 *   snapshots SUBVOLUME DIRECTORY COUNT THREADS    all that a sliver needs, by so many threads: its directories, a record,
 *                                                  the snapshot; then one syncfs, a bind mount and a status file for each
 *
 * Prints the seconds that it took.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int source, into, count;
static const char *directory;
static atomic_int next;

static void fail(const char *what, int i) {
  fprintf(stderr, "snapshots: %s of s%05d: %s\n", what, i, strerror(errno));
  exit(1);
}

static void snapshot(int parent, const char *name, int i) {
  struct btrfs_ioctl_vol_args_v2 args = {.fd = source};
  snprintf(args.name, sizeof args.name, "%s", name);
  if (ioctl(parent, BTRFS_IOC_SNAP_CREATE_V2, &args)) fail("snapshot", i);
}

static void put(const char *file, int i) {
  char hidden[64], final[64], text[1024];
  snprintf(hidden, sizeof hidden, "s%05d/.%s", i, file);
  snprintf(final, sizeof final, "s%05d/%s", i, file);
  memset(text, ' ', sizeof text);
  int fd = openat(into, hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, text, sizeof text) != (ssize_t)sizeof text || close(fd)) fail(file, i);
  if (renameat(into, hidden, into, final)) fail(file, i);
}

static void *make(void *unused) {
  for (int i; (i = next++) < count;) {
    char path[64];
    snprintf(path, sizeof path, "s%05d", i);
    if (mkdirat(into, path, 0700)) fail("directory", i);
    snprintf(path, sizeof path, "s%05d/rootfs", i);
    if (mkdirat(into, path, 0700)) fail("directory", i);
    put("record", i);
    snprintf(path, sizeof path, "s%05d/revisions", i);
    if (mkdirat(into, path, 0700)) fail("directory", i);
    int parent = openat(into, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) fail("directory", i);
    snapshot(parent, "1", i);
    close(parent);
  }
  return unused;
}

static void whole(int threads) {
  pthread_t thread[threads];
  for (int i = 0; i < threads; i++)
    if ((errno = pthread_create(&thread[i], NULL, make, NULL))) fail("thread", i);
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  if (syncfs(into)) fail("syncfs", 0);
  for (int i = 0; i < count; i++) {
    char from[512], to[512];
    snprintf(from, sizeof from, "%s/s%05d/revisions/1", directory, i);
    snprintf(to, sizeof to, "%s/s%05d/rootfs", directory, i);
    if (mount(from, to, NULL, MS_BIND, NULL)) fail("mount", i);
  }
  for (int i = 0; i < count; i++) put("status", i);
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: snapshots SUBVOLUME DIRECTORY COUNT [THREADS]\n");
    return 64;
  }
  directory = argv[2];
  source = open(argv[1], O_RDONLY | O_DIRECTORY), into = open(directory, O_RDONLY | O_DIRECTORY);
  count = atoi(argv[3]);
  if (source < 0 || into < 0) {
    fprintf(stderr, "snapshots: %s: %s\n", source < 0 ? argv[1] : directory, strerror(errno));
    return 1;
  }
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  if (argc == 5) whole(atoi(argv[4]));
  for (int i = 0; argc == 4 && i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "s%05d", i);
    snapshot(into, name, i);
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  printf("%.4f\n", ended.tv_sec - begun.tv_sec + (ended.tv_nsec - begun.tv_nsec) / 1e9);
  return 0;
}
