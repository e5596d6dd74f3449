#include "reorder.hpp"

#include <algorithm>

namespace lanthorn::srt {
namespace {

// Each gap that waits is looked at with every packet that comes (srtcore/core.cpp, m_FreshLoss): a bound on that work,
// far above what reordering of 30 ms is at 5 Mbit/s (14 packets).
constexpr double kMost = 64;
constexpr double kLatencyPart = 0.25;

}  // namespace

int32_t reorder_tolerance(int32_t seen_distance, double packets_per_s, uint32_t latency_ms) {
  const double in_time = packets_per_s * latency_ms / 1000 * kLatencyPart;
  return static_cast<int32_t>(std::clamp(std::min<double>(seen_distance, in_time), 0.0, kMost));
}

}  // namespace lanthorn::srt
