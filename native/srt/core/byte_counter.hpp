#pragma once

#include <atomic>
#include <cstdint>

#include "lanthorn/srt.h"

namespace lanthorn::srt {

/** A sink that only counts. Reference counted: deletes itself with the last release. */
class ByteCounter {
 public:
  ByteCounter();
  ltn_byte_sink_t *sink() { return &sink_; }
  void read(ltn_srt_byte_count_t &out) const;

 private:
  static void push(void *self, const uint8_t *bytes, size_t count, int64_t arrival_mono_ns);
  static void discontinuity(void *self);
  static void retain(void *self);
  static void release(void *self);

  ltn_byte_sink_t sink_;
  std::atomic<int> references_{1};  // SYNC: release in one thread pairs with the acquire of the last one, which deletes
  std::atomic<uint64_t> bytes_{0};  // these four relaxed: statistics
  std::atomic<uint64_t> pushes_{0};
  std::atomic<uint64_t> discontinuities_{0};
  std::atomic<uint64_t> foreign_pushes_{0};
};

}  // namespace lanthorn::srt
