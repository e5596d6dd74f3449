/*
 * A disk with a volatile cache that a power cut empties. FUSE shows one file, `disk`, for a loop device to lie on: what
 * is written stays in memory until the file is synced (the loop device turns the file system's FLUSH into fsync), and
 * at a cut only some of what was not synced survives, sector by sector, as with a real disk. Faults and slowness can be
 * asked for too.
 *
 * usage: forgetful-disk IMAGE DIRECTORY
 * Commands come line by line on stdin, each is answered with one line, "ok ..." or "error ..."; the end of stdin ends
 * all:
 *
 *   cut STYLE SEED                  cuts now
 *   arm STYLE SEED writes N         cuts instead of doing the Nth write from now on that finds something not synced
 *   arm STYLE SEED syncs N          cuts instead of doing the Nth sync from now on that has something to sync
 *   arm STYLE SEED bytes HEX N      cuts instead of doing the Nth such write or sync after a write of these bytes (at
 * most 32) power                           the disk works again, with what survived fail reads|writes|syncs on|off
 * these fail with EIO slow MIN MAX                    each sync takes so long, milliseconds stat what happened so far
 *
 * So an armed cut always comes between a write and the sync that would have kept it. Styles: none (nothing unsynced
 * survives), all, prefix (in order, up to some sector), writes (each write whole or not at all), sectors (each sector
 * by itself), suffix (only the newest). A cut says "cut <wall time, us> <sectors that were not synced> <sectors of them
 * that survived>", once, whenever it comes.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, PATTERN_BYTES_MAX = 32, LINE_BYTES_MAX = 256 };

typedef struct {
  uint64_t sector;
  uint32_t write; /* Which write it came with. */
  uint8_t bytes[SECTOR_BYTES];
} entry_t;

static struct {
  pthread_mutex_t lock;
  int image;
  uint64_t bytes;
  uint32_t *newest; /* By sector: newest entry plus one; 0: what the image holds. */
  entry_t *entries;
  uint32_t count, capacity;
  uint32_t writes, syncs;
  bool is_cut, fail_reads, fail_writes, fail_syncs;
  uint32_t slow_min_ms, slow_max_ms;
  uint64_t random;
  struct {
    char style[16];
    uint64_t seed;
    enum { NEVER, AT_WRITES, AT_SYNCS, AT_EITHER, AT_BYTES } when;
    uint32_t left;
    uint8_t pattern[PATTERN_BYTES_MAX];
    size_t pattern_bytes;
  } armed;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .random = 1};

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled". */
static uint64_t next_random(void) {
  disk.random ^= disk.random >> 12;
  disk.random ^= disk.random << 25;
  disk.random ^= disk.random >> 27;
  return (disk.random * UINT64_C(2685821657736338717)) >> 16;
}

static void say(const char *format, uint64_t a, uint64_t b, uint64_t c) {
  printf(format, (unsigned long long)a, (unsigned long long)b, (unsigned long long)c);
  fflush(stdout);
}

static void store(const entry_t *entry) {
  if (pwrite(disk.image, entry->bytes, SECTOR_BYTES, (off_t)(entry->sector * SECTOR_BYTES)) != SECTOR_BYTES) {
    perror("forgetful-disk: cannot write the image");
    exit(2);
  }
}

static void forget(void) {
  for (uint32_t i = 0; i < disk.count; i++) {
    disk.newest[disk.entries[i].sector] = 0;
  }
  disk.count = 0;
}

static bool survives(const char *style, uint32_t index, uint32_t split, uint64_t salt) {
  if (strcmp(style, "all") == 0) {
    return true;
  }
  if (strcmp(style, "prefix") == 0) {
    return index < split;
  }
  if (strcmp(style, "suffix") == 0) {
    return index >= split;
  }
  if (strcmp(style, "writes") == 0) {
    uint64_t mixed = (disk.entries[index].write + 1) * salt;
    return ((mixed ^ (mixed >> 29)) >> 7) & 1;
  }
  if (strcmp(style, "sectors") == 0) {
    return next_random() & 1;
  }
  return false; /* none */
}

/* Holding the lock. */
static void cut(const char *style, uint64_t seed) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  disk.random = seed * 2 + 1;
  for (int i = 0; i < 8; i++) {
    next_random(); /* Small seeds begin alike. */
  }
  uint64_t salt = next_random() | 1;
  uint32_t split = disk.count == 0 ? 0 : (uint32_t)(next_random() % (disk.count + 1));
  uint32_t pending = disk.count;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < disk.count; i++) {
    if (survives(style, i, split, salt)) {
      store(&disk.entries[i]);
      kept++;
    }
  }
  forget();
  disk.is_cut = true;
  disk.armed.when = NEVER;
  say("cut %llu %llu %llu\n", (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000, pending, kept);
}

/* Holding the lock. True: this very request is the one at which the power goes. */
static bool goes_off(bool is_sync, const char *data, size_t size) {
  switch (disk.armed.when) {
    case AT_WRITES:
      return !is_sync && disk.count > 0 && --disk.armed.left == 0;
    case AT_SYNCS:
      return is_sync && disk.count > 0 && --disk.armed.left == 0;
    case AT_EITHER:
      return disk.count > 0 && --disk.armed.left == 0;
    case AT_BYTES:
      if (!is_sync && memmem(data, size, disk.armed.pattern, disk.armed.pattern_bytes) != NULL) {
        disk.armed.when = AT_EITHER;
      }
      return false;
    case NEVER:
      break;
  }
  return false;
}

static void delay(void) {
  pthread_mutex_lock(&disk.lock);
  uint32_t min = disk.slow_min_ms;
  uint32_t range = disk.slow_max_ms - min + 1;
  uint32_t ms = disk.slow_max_ms == 0 ? 0 : min + (uint32_t)(next_random() % range);
  pthread_mutex_unlock(&disk.lock);
  if (ms > 0) {
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
  }
}

static int disk_getattr(const char *path, struct stat *stat, struct fuse_file_info *info) {
  (void)info;
  memset(stat, 0, sizeof *stat);
  if (strcmp(path, "/") == 0) {
    stat->st_mode = S_IFDIR | 0755;
    stat->st_nlink = 2;
    return 0;
  }
  if (strcmp(path, "/disk") != 0) {
    return -ENOENT;
  }
  stat->st_mode = S_IFREG | 0600;
  stat->st_nlink = 1;
  stat->st_size = (off_t)disk.bytes;
  return 0;
}

/* Past the page cache: what the loop device writes arrives here at once, and nothing is written that was not flushed.
 */
static int disk_open(const char *path, struct fuse_file_info *info) {
  info->direct_io = 1;
  return strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

static int disk_read(const char *path, char *data, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path;
  (void)info;
  if ((uint64_t)offset >= disk.bytes) {
    return 0;
  }
  if (size > disk.bytes - (uint64_t)offset) {
    size = (size_t)(disk.bytes - (uint64_t)offset);
  }
  pthread_mutex_lock(&disk.lock);
  int result = -EIO;
  if (!disk.is_cut && !disk.fail_reads) {
    result = (int)pread(disk.image, data, size, offset);
    uint64_t first = (uint64_t)offset / SECTOR_BYTES;
    uint64_t last = ((uint64_t)offset + size - 1) / SECTOR_BYTES;
    for (uint64_t sector = first; result > 0 && sector <= last; sector++) {
      for (uint64_t at = sector * SECTOR_BYTES; disk.newest[sector] != 0 && at < (sector + 1) * SECTOR_BYTES; at++) {
        if (at >= (uint64_t)offset && at < (uint64_t)offset + size) {
          data[at - (uint64_t)offset] = (char)disk.entries[disk.newest[sector] - 1].bytes[at % SECTOR_BYTES];
        }
      }
    }
  }
  pthread_mutex_unlock(&disk.lock);
  return result;
}

/* Holding the lock. */
static void remember(const char *data, uint64_t sector) {
  if (disk.count == disk.capacity) {
    disk.capacity = disk.capacity == 0 ? 4096 : disk.capacity * 2;
    disk.entries = realloc(disk.entries, disk.capacity * sizeof(entry_t));
    if (disk.entries == NULL) {
      abort();
    }
  }
  entry_t *entry = &disk.entries[disk.count++];
  entry->sector = sector;
  entry->write = disk.writes;
  memcpy(entry->bytes, data, SECTOR_BYTES);
  disk.newest[sector] = disk.count;
}

static int disk_write(const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path;
  (void)info;
  if (size % SECTOR_BYTES != 0 || offset % SECTOR_BYTES != 0 || (uint64_t)offset + size > disk.bytes) {
    return -EINVAL;
  }
  pthread_mutex_lock(&disk.lock);
  int result = -EIO;
  if (!disk.is_cut && goes_off(false, data, size)) {
    cut(disk.armed.style, disk.armed.seed);
  } else if (!disk.is_cut && !disk.fail_writes) {
    disk.writes++;
    for (size_t at = 0; at < size; at += SECTOR_BYTES) {
      remember(data + at, ((uint64_t)offset + at) / SECTOR_BYTES);
    }
    result = (int)size;
  }
  pthread_mutex_unlock(&disk.lock);
  return result;
}

static int disk_fsync(const char *path, int data_only, struct fuse_file_info *info) {
  (void)path;
  (void)data_only;
  (void)info;
  delay();
  pthread_mutex_lock(&disk.lock);
  int result = -EIO;
  if (!disk.is_cut && goes_off(true, NULL, 0)) {
    cut(disk.armed.style, disk.armed.seed);
  } else if (!disk.is_cut && !disk.fail_syncs) {
    disk.syncs++;
    for (uint32_t i = 0; i < disk.count; i++) {
      store(&disk.entries[i]); /* In order: the newest of a sector last. */
    }
    forget();
    result = 0;
  }
  pthread_mutex_unlock(&disk.lock);
  return result;
}

static const struct fuse_operations OPERATIONS = {
    .getattr = disk_getattr,
    .open = disk_open,
    .read = disk_read,
    .write = disk_write,
    .fsync = disk_fsync,
};

static bool is_style(const char *style) {
  const char *const styles[] = {"none", "all", "prefix", "writes", "sectors", "suffix"};
  for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
    if (strcmp(style, styles[i]) == 0) {
      return true;
    }
  }
  return false;
}

/* Holding the lock. */
static bool arm(const char *line) {
  char style[16];
  char when[16];
  char pattern[LINE_BYTES_MAX];
  unsigned long long seed = 0;
  unsigned left = 0;
  bool has_bytes = sscanf(line, "arm %15s %llu bytes %255s %u", style, &seed, pattern, &left) == 4;
  if (!has_bytes && (sscanf(line, "arm %15s %llu %15s %u", style, &seed, when, &left) != 4)) {
    return false;
  }
  if (!is_style(style) || left == 0) {
    return false;
  }
  if (has_bytes) {
    disk.armed.pattern_bytes = strlen(pattern) / 2;
    if (disk.armed.pattern_bytes == 0 || disk.armed.pattern_bytes > PATTERN_BYTES_MAX) {
      return false;
    }
    for (size_t i = 0; i < disk.armed.pattern_bytes; i++) {
      unsigned byte = 0;
      if (sscanf(pattern + 2 * i, "%2x", &byte) != 1) {
        return false;
      }
      disk.armed.pattern[i] = (uint8_t)byte;
    }
    disk.armed.when = AT_BYTES;
  } else if (strcmp(when, "writes") == 0) {
    disk.armed.when = AT_WRITES;
  } else if (strcmp(when, "syncs") == 0) {
    disk.armed.when = AT_SYNCS;
  } else {
    return false;
  }
  strcpy(disk.armed.style, style);
  disk.armed.seed = seed;
  disk.armed.left = left;
  return true;
}

/* Holding the lock. */
static bool set_fault(const char *line) {
  char what[16];
  char state[8];
  if (sscanf(line, "fail %15s %7s", what, state) != 2 || (strcmp(state, "on") != 0 && strcmp(state, "off") != 0)) {
    return false;
  }
  bool *fault = strcmp(what, "reads") == 0    ? &disk.fail_reads
                : strcmp(what, "writes") == 0 ? &disk.fail_writes
                : strcmp(what, "syncs") == 0  ? &disk.fail_syncs
                                              : NULL;
  if (fault != NULL) {
    *fault = strcmp(state, "on") == 0;
  }
  return fault != NULL;
}

/* Holding the lock. */
static bool obey(const char *line) {
  char style[16];
  unsigned long long seed = 0;
  unsigned min = 0;
  unsigned max = 0;
  if (sscanf(line, "cut %15s %llu", style, &seed) == 2 && is_style(style)) {
    if (!disk.is_cut) {
      cut(style, seed);
    }
    return true;
  }
  if (strncmp(line, "arm ", 4) == 0) {
    return arm(line);
  }
  if (strncmp(line, "fail ", 5) == 0) {
    return set_fault(line);
  }
  if (sscanf(line, "slow %u %u", &min, &max) == 2 && min <= max) {
    disk.slow_min_ms = min;
    disk.slow_max_ms = max;
    return true;
  }
  if (strncmp(line, "power", 5) == 0) {
    disk.is_cut = false;
    disk.armed.when = NEVER;
    return true;
  }
  return strncmp(line, "stat", 4) == 0;
}

static void *take_commands(void *unused) {
  (void)unused;
  char line[LINE_BYTES_MAX];
  while (fgets(line, sizeof line, stdin) != NULL) {
    pthread_mutex_lock(&disk.lock);
    if (obey(line)) {
      say("ok writes %llu syncs %llu unsynced %llu\n", disk.writes, disk.syncs, disk.count);
    } else {
      printf("error not a command: %s", line);
      fflush(stdout);
    }
    pthread_mutex_unlock(&disk.lock);
  }
  _exit(0); /* Whoever gave the commands is gone: what lies on the disk gets errors from now on, and nothing waits for
               it. */
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: forgetful-disk IMAGE DIRECTORY\n");
    return 64;
  }
  struct stat stat;
  disk.image = open(argv[1], O_RDWR | O_CLOEXEC);
  if (disk.image < 0 || fstat(disk.image, &stat) != 0) {
    perror(argv[1]);
    return 66;
  }
  disk.bytes = (uint64_t)stat.st_size / SECTOR_BYTES * SECTOR_BYTES;
  disk.newest = calloc(disk.bytes / SECTOR_BYTES, sizeof *disk.newest);
  char *arguments[] = {argv[0], NULL};
  struct fuse_args fuse_arguments = FUSE_ARGS_INIT(1, arguments);
  struct fuse *fuse = fuse_new(&fuse_arguments, &OPERATIONS, sizeof OPERATIONS, NULL);
  if (disk.newest == NULL || fuse == NULL || fuse_mount(fuse, argv[2]) != 0) {
    fprintf(stderr, "forgetful-disk: cannot mount %s\n", argv[2]);
    return 71;
  }
  signal(SIGPIPE, SIG_IGN);
  /*
   * Mounts of its own: the last process of a mount namespace unmounts what is mounted there when it ends. Were that
   * this one, the file system on the disk would wait for answers that only this one could give.
   */
  if (unshare(CLONE_NEWNS) != 0) {
    perror("forgetful-disk: unshare");
    return 77;
  }
  pthread_t commands;
  pthread_create(&commands, NULL, take_commands, NULL);
  printf("ready\n");
  fflush(stdout);
  return fuse_loop_mt(fuse, 0);
}
