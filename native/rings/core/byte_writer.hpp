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
  /** Procedure: docs/design/rings.md#growing. One call at a time; appends go on meanwhile. */
  ltn_status_e grow(uint64_t capacity_bytes);
  void extent(ltn_extent_t *out);

 private:
  explicit ByteWriter(std::unique_ptr<RingOwner> owner) : owner_(std::move(owner)) {}
  uint8_t *at(uint64_t position) const { return owner_->data() + (position & (owner_->geometry().capacity_bytes - 1)); }
  void give_up_oldest_until(uint64_t needed_end);
  void write_padding(uint64_t bytes);
  void copy_into(RingOwner &larger, uint64_t from, uint64_t until) const;
  ltn_status_e hand_over(std::unique_ptr<RingOwner> &larger, uint64_t oldest, uint64_t copied);

  std::mutex mutex_;  // a demuxer and its owner may both describe; the cost is nothing beside the copy
  std::unique_ptr<RingOwner> owner_;
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  uint64_t sequence_ = 0;
};

}  // namespace lanthorn
