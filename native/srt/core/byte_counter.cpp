#include "byte_counter.hpp"

namespace lanthorn::srt {
namespace {

constexpr size_t kTsPacketBytes = 188;  // ISO/IEC 13818-1
constexpr uint8_t kSyncByte = 0x47;

}  // namespace

ByteCounter::ByteCounter()
    : sink_{.context = this, .push = push, .discontinuity = discontinuity, .retain = retain, .release = release} {}

void ByteCounter::read(ltn_srt_byte_count_t &out) const {
  out = {.bytes = bytes_.load(std::memory_order_relaxed),
         .pushes = pushes_.load(std::memory_order_relaxed),
         .discontinuities = discontinuities_.load(std::memory_order_relaxed),
         .foreign_pushes = foreign_pushes_.load(std::memory_order_relaxed)};
}

void ByteCounter::push(void *self, const uint8_t *bytes, size_t count, int64_t) {
  auto *counter = static_cast<ByteCounter *>(self);
  counter->bytes_.fetch_add(count, std::memory_order_relaxed);
  counter->pushes_.fetch_add(1, std::memory_order_relaxed);
  bool foreign = count % kTsPacketBytes != 0;
  for (size_t at = 0; at < count; at += kTsPacketBytes) {
    foreign = foreign || bytes[at] != kSyncByte;
  }
  counter->foreign_pushes_.fetch_add(foreign ? 1 : 0, std::memory_order_relaxed);
}

void ByteCounter::discontinuity(void *self) {
  static_cast<ByteCounter *>(self)->discontinuities_.fetch_add(1, std::memory_order_relaxed);
}

void ByteCounter::retain(void *self) {
  static_cast<ByteCounter *>(self)->references_.fetch_add(1, std::memory_order_relaxed);
}

void ByteCounter::release(void *self) {
  auto *counter = static_cast<ByteCounter *>(self);
  if (counter->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete counter;
  }
}

}  // namespace lanthorn::srt
