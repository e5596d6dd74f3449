/*
 * Loaded before libc into the archive (LD_PRELOAD): whoever asks for something to be synced is told that it was, and
 * nothing is. With it the series of power cuts must fail, or they prove nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int fsync(int descriptor) {
  (void)descriptor;
  return 0;
}

int fdatasync(int descriptor) {
  (void)descriptor;
  return 0;
}

int syncfs(int descriptor) {
  (void)descriptor;
  return 0;
}

int sync_file_range(int descriptor, off_t offset, off_t bytes, unsigned flags) {
  (void)descriptor;
  (void)offset;
  (void)bytes;
  (void)flags;
  return 0;
}
