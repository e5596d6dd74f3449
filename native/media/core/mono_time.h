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

// One clock less another, both read by `read(clock)`. A thread that has to wait between two readings would see one of
// them move: so the second clock is read before and after the first, and readings far apart are taken again.
template <class Read>
int64_t clockDifferenceNs(clockid_t clock, clockid_t reference, Read read) {
  constexpr int64_t kNarrowNs = 1'000'000;
  constexpr int kTries = 16;
  int64_t narrowestNs = INT64_MAX, differenceNs = 0;
  for (int i = 0; i < kTries && narrowestNs > kNarrowNs; i++) {
    const int64_t beforeNs = read(reference);
    const int64_t ns = read(clock);
    const int64_t widthNs = read(reference) - beforeNs;
    if (widthNs < narrowestNs) {
      narrowestNs = widthNs;
      differenceNs = ns - (beforeNs + widthNs / 2);
    }
  }
  return differenceNs;
}

inline int64_t wallMinusMonoNs() { return clockDifferenceNs(CLOCK_REALTIME, CLOCK_MONOTONIC, clockNs); }

}  // namespace lanthorn::media
