/*
 * The least that a compaction of copies has to do, and nothing else: reads every file of a store and of its base, compares
 * the bytes, and removes the copy. No metadata, no order, no verification, nothing durable.
 *
 *   contents STORE BASE THREADS   both with directories of files, and no deeper
 *
 * Prints the seconds that it took, and those of processor time.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 10000, BUFFER = 1 << 20 };

static int store, base, count;
static char *names[MOST];
static atomic_int next;

static void fail(const char *what, const char *where) {
  fprintf(stderr, "contents: %s %s: %s\n", what, where, strerror(errno));
  exit(1);
}

/* The whole of a file; those of the benchmark are small. */
static ssize_t content(int directory, const char *name, char *into) {
  struct stat stat;
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &stat)) fail("open", name);
  ssize_t length = stat.st_size > BUFFER ? -1 : read(fd, into, BUFFER);
  if (length != stat.st_size) fail("read", name);
  close(fd);
  return length;
}

static void *work(void *unused) {
  char *one = malloc(BUFFER), *other = malloc(BUFFER);
  if (!one || !other) fail("allocate", "buffers");
  for (int i; (i = next++) < count;) {
    int mine = openat(store, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int theirs = openat(base, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = mine < 0 || theirs < 0 ? NULL : fdopendir(mine);
    if (!directory) fail("open", names[i]);
    for (struct dirent *entry; (entry = readdir(directory));) {
      if (entry->d_type != DT_REG) continue;
      ssize_t length = content(mine, entry->d_name, one);
      if (length != content(theirs, entry->d_name, other) || memcmp(one, other, (size_t)length)) continue;
      if (unlinkat(mine, entry->d_name, 0)) fail("remove", entry->d_name);
    }
    closedir(directory);
    close(theirs);
  }
  free(one), free(other);
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 4 || atoi(argv[3]) < 1) {
    fprintf(stderr, "usage: contents STORE BASE THREADS\n");
    return 64;
  }
  store = open(argv[1], O_RDONLY | O_DIRECTORY), base = open(argv[2], O_RDONLY | O_DIRECTORY);
  DIR *directory = store < 0 || base < 0 ? NULL : fdopendir(dup(store));
  if (!directory) fail("open", argv[store < 0 ? 1 : 2]);
  for (struct dirent *entry; (entry = readdir(directory)) && count < MOST;)
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names[count++] = strdup(entry->d_name);
  closedir(directory);
  int threads = atoi(argv[3]);
  pthread_t thread[threads];
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (int i = 0; i < threads; i++)
    if ((errno = pthread_create(&thread[i], NULL, work, NULL))) fail("start", "a thread");
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("%.4f %.4f\n", ended.tv_sec - begun.tv_sec + (ended.tv_nsec - begun.tv_nsec) / 1e9,
         used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
  return 0;
}
