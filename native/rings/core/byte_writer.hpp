/** The writing end of a byte ring. Procedure: docs/design/rings.md#append. */
#pragma once

#include <memory>
#include <mutex>

#include "ring_owner.hpp"

namespace lanthorn {

class ByteWriter {
 public:
  static ltn_status_e open(const char *name, uint64_t capacity_bytes, std::unique_ptr<ByteWriter> *out);

  ltn_status_e describe(const char *json, size_t json_bytes);
  ltn_status_e append(ltn_record_t *record, const uint8_t *payload);

 private:
  explicit ByteWriter(std::unique_ptr<RingOwner> owner) : owner_(std::move(owner)) {}
  uint8_t *at(uint64_t position) const { return owner_->data() + (position & (owner_->geometry().capacity_bytes - 1)); }
  void give_up_oldest_until(uint64_t needed_end);
  void write_padding(uint64_t bytes);

  std::mutex mutex_;  // a demuxer and its owner may both describe; the cost is nothing beside the copy
  std::unique_ptr<RingOwner> owner_;
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  uint64_t sequence_ = 0;
};

}  // namespace lanthorn
