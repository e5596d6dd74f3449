#include "pipeline/capture_clock.h"

#include <algorithm>

namespace lanthorn::media {
namespace {

int64_t ticksToNs(int64_t ticks90k) {
  return ticks90k / 9 * 100'000 + ticks90k % 9 * 100'000 / 9;  // × 100,000 / 9 without overflow
}

// Moves `value` towards `target` by at most `most` (≥ 0) in either direction.
int64_t approach(int64_t value, int64_t target, int64_t most) {
  return value + std::clamp(target - value, -most, most);
}

}  // namespace

void CaptureClock::note(int64_t offsetNs, int64_t arrivalMonoNs) {
  const int64_t id = arrivalMonoNs / kBucketNs + 1;  // 0 marks an empty bucket
  const size_t slot = static_cast<size_t>(id) % kBuckets;
  if (bucketIds_[slot] != id) {
    bucketIds_[slot] = id;
    minima_[slot] = offsetNs;
  } else {
    minima_[slot] = std::min(minima_[slot], offsetNs);
  }
}

int64_t CaptureClock::windowMinimum() const {
  int64_t newest = 0;
  for (const int64_t id : bucketIds_) newest = std::max(newest, id);
  int64_t minimum = INT64_MAX;
  for (size_t i = 0; i < kBuckets; ++i) {
    if (bucketIds_[i] != 0 && newest - bucketIds_[i] < static_cast<int64_t>(kBuckets))
      minimum = std::min(minimum, minima_[i]);
  }
  return minimum;
}

CaptureClock::Times CaptureClock::estimate(int64_t pts90k, int64_t arrivalMonoNs, int64_t wallMinusMonoNs) {
  const int64_t ptsNs = ticksToNs(pts90k);
  note(arrivalMonoNs - ptsNs, arrivalMonoNs);
  if (!offsetNs_) {
    offsetNs_ = arrivalMonoNs - ptsNs;
    wallOffsetNs_ = wallMinusMonoNs;
    newestPtsNs_ = ptsNs;
    firstArrivalNs_ = arrivalMonoNs;
  }
  const int64_t progressNs = std::max<int64_t>(0, ptsNs - newestPtsNs_);
  newestPtsNs_ = std::max(newestPtsNs_, ptsNs);

  // Both mappings may turn by a share of the media time that passed, so they stay rising: 90 % while the first
  // arrivals (often a burst out of a buffer) settle, then 0.5 %, which follows any real crystal (±0.01 %).
  const bool settling = arrivalMonoNs - firstArrivalNs_ < kSettlingNs;
  const int64_t turnNs = settling ? progressNs / 10 * 9 : progressNs / 200;
  offsetNs_ = approach(*offsetNs_, windowMinimum(), turnNs);
  if (wallMinusMonoNs > *wallOffsetNs_ + 50'000'000) {
    wallOffsetNs_ = wallMinusMonoNs;  // the clock was set forward: follow at once, that is no jump back
  } else {
    wallOffsetNs_ = approach(*wallOffsetNs_, wallMinusMonoNs, progressNs / 200);
  }

  Times times;
  times.monoNs = std::min(ptsNs + *offsetNs_, arrivalMonoNs);  // nothing arrives before it was taken
  times.wallUs = (times.monoNs + *wallOffsetNs_) / 1000;
  return times;
}

}  // namespace lanthorn::media
