// Estimates when a picture was taken from its presentation time and the times at which units arrived.
// Rules and reasons: docs/design/media.md#capture-time. Pure: no clock is read here. Tested:
// test/capture_clock_test.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace lanthorn::media {

class CaptureClock {
 public:
  struct Times {
    int64_t monoNs = 0;
    int64_t wallUs = 0;
  };

  // pts90k: unwrapped. wallMinusMonoNs: CLOCK_REALTIME - CLOCK_MONOTONIC now.
  Times estimate(int64_t pts90k, int64_t arrivalMonoNs, int64_t wallMinusMonoNs);

  // A new time line begins (reconnect, jump of the source's timestamps).
  void reset() { *this = CaptureClock(); }

 private:
  static constexpr int64_t kBucketNs = 500'000'000;
  static constexpr size_t kBuckets = 64;  // 64 × 0.5 s = 32 s of history
  static constexpr int64_t kSettlingNs = 3'000'000'000;

  void note(int64_t offsetNs, int64_t arrivalMonoNs);
  int64_t windowMinimum() const;

  std::optional<int64_t> offsetNs_;  // capture = pts + offset
  std::optional<int64_t> wallOffsetNs_;
  int64_t newestPtsNs_ = 0;
  int64_t firstArrivalNs_ = 0;
  std::array<int64_t, kBuckets> minima_{};
  std::array<int64_t, kBuckets> bucketIds_{};
};

}  // namespace lanthorn::media
