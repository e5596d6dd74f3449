#include "process.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lanthorn {

int64_t mono_now_ns() {
  struct timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t wall_now_us() {
  struct timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

uint64_t start_ticks_of(uint32_t pid) {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return 0;
  }
  char text[1024];
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) {
    return 0;
  }
  text[length] = '\0';
  const char *at = std::strrchr(text, ')');  // field 2 is the program's name and may hold spaces and parentheses
  for (int field = 2; at != nullptr && field < 22; field++) {
    at = std::strchr(at + 1, ' ');
  }
  return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

uint64_t new_incarnation() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number || number == 0) {
    number = static_cast<uint64_t>(mono_now_ns()) ^ (uint64_t{static_cast<uint32_t>(getpid())} << 40);
  }
  return number;
}

}  // namespace lanthorn
