// The two clocks of the native side.
#pragma once
#include <cstdint>
#include <ctime>

namespace lanthorn::media {

inline int64_t clockNs(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

inline int64_t monoNs() { return clockNs(CLOCK_MONOTONIC); }
inline int64_t wallMinusMonoNs() { return clockNs(CLOCK_REALTIME) - clockNs(CLOCK_MONOTONIC); }

}  // namespace lanthorn::media
