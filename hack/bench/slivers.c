/*
 * What Veneer is compared with when it makes or mounts overlay slivers: the bare system calls.
 *
 *   slivers create STORE LOWER COUNT   directories, overlay mounts and status files, then one syncfs
 *   slivers mount STORE LOWER COUNT    only the mounts of what "create" made, as after a reboot
 *   slivers unmount STORE COUNT        takes the mounts away (not timed)
 *   slivers unmount-below DIRECTORY    takes all mounts below a directory away (not timed). An agent that watches is
 *                                      stopped (SIGSTOP) meanwhile and continued after: as after a reboot it finds
 *                                      everything unmounted, instead of mounting again while others are still unmounted
 *
 * Prints the seconds that it took.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *store;

static void fail(const char *what, const char *where) {
  fprintf(stderr, "slivers: %s %s: %s\n", what, where, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void make(const char *format, int i) {
  char path[512];
  int at = snprintf(path, sizeof path, "%s/", store);
  snprintf(path + at, sizeof path - at, format, i);
  if (mkdir(path, 0700) && errno != EEXIST) fail("mkdir", path);
}

static void status(int i) {
  char path[512], final[512], text[1024];
  snprintf(path, sizeof path, "%s/slivers/default/s%05d/.status", store, i);
  snprintf(final, sizeof final, "%s/slivers/default/s%05d/status.json", store, i);
  memset(text, ' ', sizeof text);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, text, sizeof text) != (ssize_t)sizeof text || close(fd)) fail("write", path);
  if (rename(path, final)) fail("rename", path);
}

static void mount_overlay(const char *lower, int i) {
  char options[2048], target[512];
  snprintf(options, sizeof options,
           "lowerdir=%s,upperdir=%s/slivers/default/s%05d/1/upper,workdir=%s/slivers/default/s%05d/1/work,"
           "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off",
           lower, store, i, store, i);
  snprintf(target, sizeof target, "%s/rootfs/default/s%05d", store, i);
  if (mount("bench", target, "overlay", 0, options)) fail("mount", target);
}

static int unmount_below(const char *directory) {
  FILE *table = fopen("/proc/self/mountinfo", "re");
  if (!table) fail("open", "/proc/self/mountinfo");
  char *line = NULL, target[4096];
  char **targets = NULL;
  size_t size = 0, count = 0, length = strlen(directory);
  while (getline(&line, &size, table) > 0) {
    if (sscanf(line, "%*s %*s %*s %*s %4095s", target) != 1) continue;
    if (strncmp(target, directory, length) || target[length] != '/') continue;
    targets = realloc(targets, (count + 1) * sizeof *targets);
    if (!targets || !(targets[count++] = strdup(target))) fail("remember", target);
  }
  fclose(table);
  /* Deepest first: the table is in the order of mounting. */
  while (count-- > 0)
    if (umount2(targets[count], UMOUNT_NOFOLLOW)) fail("umount", targets[count]);
  return 0;
}

int main(int argc, char **argv) {
  int creating = argc == 5 && !strcmp(argv[1], "create");
  if (argc == 4 && !strcmp(argv[1], "unmount")) {
    char target[512];
    for (int i = 0; i < atoi(argv[3]); i++) {
      snprintf(target, sizeof target, "%s/rootfs/default/s%05d", argv[2], i);
      if (umount2(target, UMOUNT_NOFOLLOW)) fail("umount", target);
    }
    return 0;
  }
  if (argc == 3 && !strcmp(argv[1], "unmount-below")) return unmount_below(argv[2]);
  if (argc != 5 || (!creating && strcmp(argv[1], "mount"))) {
    fprintf(stderr, "usage: slivers create|mount STORE LOWER COUNT | unmount STORE COUNT | unmount-below DIR\n");
    return 64;
  }
  store = argv[2];
  int count = atoi(argv[4]);
  double begun = now();
  if (creating) {
    make("slivers", 0), make("slivers/default", 0), make("rootfs", 0), make("rootfs/default", 0);
    for (int i = 0; i < count; i++) {
      make("slivers/default/s%05d", i), make("slivers/default/s%05d/1", i);
      make("slivers/default/s%05d/1/upper", i), make("slivers/default/s%05d/1/work", i);
      make("rootfs/default/s%05d", i);
      status(i);
    }
  }
  for (int i = 0; i < count; i++) mount_overlay(argv[3], i);
  if (creating) {
    int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || syncfs(fd)) fail("syncfs", store);
  }
  printf("%.4f\n", now() - begun);
  return 0;
}
