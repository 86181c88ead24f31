// ready COMMAND...: runs a command that tells systemd's way (sd_notify(3)) when it is ready, prints how many seconds that
// took, and ends it. Waiting costs nothing meanwhile, as asking again and again would.
#include <errno.h>
#include <stddef.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  int n = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "veneer-bench-%d", getpid());
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (argc < 2 || fd < 0 || bind(fd, (struct sockaddr *)&at, offsetof(struct sockaddr_un, sun_path) + 1 + n)) {
    fprintf(stderr, "ready: no socket: %s\n", strerror(errno));
    return 1;
  }
  at.sun_path[0] = '@';
  setenv("NOTIFY_SOCKET", at.sun_path, 1);
  struct timeval patience = {.tv_sec = 120};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  double begun = now();
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  char text[4096];
  ssize_t got;
  do {
    got = recv(fd, text, sizeof text - 1, 0);
    text[got < 0 ? 0 : got] = 0;
  } while (got >= 0 && !strstr(text, "READY=1"));
  double took = now() - begun;
  kill(child, SIGTERM);
  waitpid(child, NULL, 0);
  if (got < 0) {
    fprintf(stderr, "ready: it never was: %s\n", strerror(errno));
    return 1;
  }
  printf("%.4f\n", took);
  return 0;
}
