/**
 * A wall clock that a test sets: preloaded (LD_PRELOAD) into one process, it adds the nanoseconds at the beginning of
 * the file $LANTHORN_TEST_WALL_STEP to CLOCK_REALTIME. The machine's own clock, which everyone shares, is left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static int64_t step_ns(void) {
  static const volatile int64_t *shared = NULL;
  if (shared == NULL) {
    const char *file = getenv("LANTHORN_TEST_WALL_STEP");
    const int descriptor = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
    void *mapped = descriptor < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) {
      return 0;
    }
    shared = mapped;
  }
  return *shared;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  static int (*real)(clockid_t, struct timespec *) = NULL;
  if (real == NULL) {
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  }
  const int result = real(clock, out);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    const int64_t ns = (int64_t)out->tv_sec * 1000000000 + out->tv_nsec + step_ns();
    out->tv_sec = ns / 1000000000;
    out->tv_nsec = ns % 1000000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
    return -1;
  }
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}
