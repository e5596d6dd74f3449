/** What a fuzz test of the C reader needs: guard pages round each of its mappings, random numbers, a vandal's hold on a
 * ring. */
#ifndef LANTHORN_TEST_C_READER_VANDAL_H
#define LANTHORN_TEST_C_READER_VANDAL_H

#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { GUARD_BYTES = 1 << 20 };

static size_t pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/* mmap between two stretches of address space that nobody may touch. */
static void *guarded_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  (void)at;
  uint8_t *room = (uint8_t *)mmap(NULL, pages(bytes) + 2 * GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) {
    return MAP_FAILED;
  }
  return mmap(room + GUARD_BYTES, bytes, protection, flags | MAP_FIXED, fd, offset);
}

static int guarded_munmap(void *at, size_t bytes) {
  return munmap((uint8_t *)at - GUARD_BYTES, pages(bytes) + 2 * GUARD_BYTES);
}

#define mmap guarded_mmap
#define munmap guarded_munmap
#include "lanthorn_rings.h"
#undef mmap
#undef munmap

#include <lanthorn/rings.h>
#include <signal.h>

static uint64_t seed = UINT64_C(20260103);

static void expect(int condition, const char *what) {
  if (!condition) {
    fprintf(stderr, "expected: %s; the last error was: %s, %s\n", what, ltnr_last_error(), ltn_last_error());
    exit(1);
  }
}

static uint64_t any(void) { /* xorshift64*: https://vigna.di.unimi.it/ftp/papers/xorshift.pdf */
  seed ^= seed >> 12;
  seed ^= seed << 25;
  seed ^= seed >> 27;
  return seed * UINT64_C(2685821657736338717);
}

static size_t below(size_t limit) { return (size_t)(any() >> 11) % limit; }

/* Values that break naive arithmetic more often than random ones. */
static uint64_t nasty(void) {
  static const uint64_t values[] = {0,    1,     63,        64,         127,       128,        4095,
                                    4096, 65536, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 63};
  return below(2) == 0 ? values[below(sizeof values / sizeof values[0])] : any() >> below(64);
}

/* ------------------------------------------------------------------ the vandal's hold on a ring
 * ----------------------- */

typedef struct {
  uint8_t *memory;
  uint8_t *original;
  size_t bytes;
} vandal_t;

static vandal_t vandal_of(const char *name, const char *suffix) {
  char path[300];
  struct stat facts;
  vandal_t v;
  snprintf(path, sizeof path, "/dev/shm/%s%s", name, suffix);
  int fd = open(path, O_RDWR);
  expect(fd >= 0 && fstat(fd, &facts) == 0, "a ring to damage");
  v.bytes = (size_t)facts.st_size;
  v.memory = (uint8_t *)mmap(NULL, v.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  v.original = (uint8_t *)malloc(v.bytes);
  expect(v.memory != MAP_FAILED && v.original != NULL, "memory");
  memcpy(v.original, v.memory, v.bytes);
  close(fd);
  return v;
}

static void repair(const vandal_t *v) { memcpy(v->memory, v->original, v->bytes); }

static void damage(const vandal_t *v, size_t from, size_t to) {
  for (size_t changes = 1 + below(4); changes > 0; changes--) {
    uint64_t value = nasty();
    size_t at = from + below(to - from - 8);
    memcpy(v->memory + (below(4) == 0 ? at : at / 8 * 8), &value, sizeof value);
  }
}

static void leave(vandal_t *v) {
  repair(v);
  munmap(v->memory, v->bytes);
  free(v->original);
}

/* A child that damages without pause while the reader reads: what was checked must be what is used. */
static pid_t scribble(const vandal_t *v, size_t from, size_t to) {
  pid_t parent = getpid();
  pid_t child = fork();
  expect(child >= 0, "a child");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) {
      damage(v, from, to);
      if (below(8) == 0) {
        memcpy(v->memory + from, v->original + from, to - from);
      }
    }
    _exit(0);
  }
  return child;
}

static void stop(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

#endif
