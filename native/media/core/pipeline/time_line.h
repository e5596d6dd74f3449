// Unwraps 33-bit 90 kHz timestamps. Source: ISO/IEC 13818-1 §2.4.2.2: they wrap every 26.5 hours.
#pragma once
#include <cstdint>
#include <optional>

namespace lanthorn::media {

class TimeLine {
 public:
  // The unwrapped time nearest to the last one of any stream of the programme.
  int64_t unwrap(uint64_t ticks33) {
    constexpr uint64_t kMask = (uint64_t{1} << 33) - 1;
    if (!last_) {
      last_ = static_cast<int64_t>(ticks33 & kMask);
      return *last_;
    }
    const uint64_t difference = (ticks33 - static_cast<uint64_t>(*last_)) & kMask;
    const int64_t step = difference >= (uint64_t{1} << 32) ? static_cast<int64_t>(difference) - (int64_t{1} << 33)
                                                           : static_cast<int64_t>(difference);
    last_ = *last_ + step;
    return *last_;
  }
  void reset() { last_.reset(); }

 private:
  std::optional<int64_t> last_;
};

}  // namespace lanthorn::media
