#pragma once

#include <time.h>

#include <cstdint>

namespace lanthorn::srt {

/** CLOCK_MONOTONIC in nanoseconds: the clock that all processes share. */
inline int64_t mono_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace lanthorn::srt
