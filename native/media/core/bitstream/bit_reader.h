// Reads bits of an RBSP (H.264 §7.2, H.265 §7.2). Past the end it gives zeros and says so: hostile input cannot
// overrun.
#pragma once
#include <cstdint>
#include <span>

namespace lanthorn::media {

class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t bit() {
    if (position_ >= bytes_.size() * 8) {
      overrun_ = true;
      return 0;
    }
    const uint32_t value = (bytes_[position_ >> 3] >> (7 - (position_ & 7))) & 1;
    ++position_;
    return value;
  }

  uint32_t bits(unsigned count) {  // count ≤ 32
    uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) value = (value << 1) | bit();
    return value;
  }

  void skip(unsigned count) {
    position_ += count;
    if (position_ > bytes_.size() * 8) {
      position_ = bytes_.size() * 8;
      overrun_ = true;
    }
  }

  uint32_t ue() {  // ue(v), §9.1
    unsigned zeros = 0;
    while (zeros < 32 && !overrun_ && bit() == 0) ++zeros;
    if (zeros >= 32 || overrun_) {
      overrun_ = true;
      return 0;
    }
    return (uint32_t{1} << zeros) - 1 + bits(zeros);
  }

  int32_t se() {  // se(v), §9.1.1
    const uint32_t code = ue();
    return (code & 1) ? static_cast<int32_t>((code + 1) / 2) : -static_cast<int32_t>(code / 2);
  }

  bool overrun() const { return overrun_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t position_ = 0;
  bool overrun_ = false;
};

}  // namespace lanthorn::media
