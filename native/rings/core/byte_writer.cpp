#include "byte_writer.hpp"

#include <bit>
#include <cinttypes>
#include <cstring>

#include "description.hpp"
#include "shared_copy.hpp"
#include "status.hpp"

namespace lanthorn {

using layout::RecordHead;

ltn_status_e ByteWriter::open(const char *name, uint64_t capacity_bytes, std::unique_ptr<ByteWriter> *out) {
  layout::Geometry geometry;
  geometry.kind = layout::kKindBytes;
  if (capacity_bytes > 0 && capacity_bytes <= layout::kMaxObjectBytes) {
    geometry.capacity_bytes =
        std::bit_ceil(capacity_bytes < layout::kMinCapacityBytes ? layout::kMinCapacityBytes : capacity_bytes);
  }
  if (!geometry.is_valid()) {
    return fail(LTN_E_INVALID_ARGUMENT, "Expected a capacity of 1 to %" PRIu64 " bytes but received %" PRIu64,
                layout::kMaxObjectBytes, capacity_bytes);
  }
  std::unique_ptr<RingOwner> owner;
  if (ltn_status_e status = RingOwner::create(name, geometry, &owner); status != LTN_OK) {
    return status;
  }
  out->reset(new ByteWriter(std::move(owner)));
  return LTN_OK;
}

ltn_status_e ByteWriter::describe(const char *json, size_t json_bytes) {
  std::lock_guard lock(mutex_);
  ltn_status_e status = write_description(owner_->header(), json, json_bytes);
  owner_->wake();
  return status;
}

void ByteWriter::give_up_oldest_until(uint64_t needed_end) {
  while (needed_end - tail_ > owner_->geometry().capacity_bytes) {
    uint32_t bytes = 0;
    std::memcpy(&bytes, at(tail_) + offsetof(RecordHead, total_bytes),
                sizeof bytes);  // written by us, read-only to others
    tail_ += bytes;
  }
  // SYNC: release pairs with the acquire load of tail in ByteReader::bounds: tail may reach the last head, and who sees
  // it must not see an older head (model/byte_ring.pml, TAIL_RELAXED).
  owner_->header()->tail.store(tail_, std::memory_order_release);
  // SYNC: pairs with the acquire fence in ByteReader::is_overwritten: who read one byte written after this fence sees
  // the moved tail, and throws its copy away.
  std::atomic_thread_fence(std::memory_order_release);
}

void ByteWriter::write_padding(uint64_t bytes) {
  RecordHead padding = {};
  padding.position = head_;
  padding.total_bytes = static_cast<uint32_t>(bytes);
  padding.kind = layout::kRecordPadding;
  copy_to_shared(at(head_), &padding, layout::kRecordAlignBytes);  // at least 64 bytes are left, always
  head_ += bytes;
}

ltn_status_e ByteWriter::append(ltn_record_t *record, const uint8_t *payload) {
  std::lock_guard lock(mutex_);
  const uint64_t capacity = owner_->geometry().capacity_bytes;
  const uint64_t total = layout::round_up(sizeof(RecordHead) + record->payload_bytes, layout::kRecordAlignBytes);
  // Half: so that padding (always less than the record it makes room for) and record fit together.
  if (total > capacity / 2 || total > UINT32_MAX || (payload == nullptr && record->payload_bytes > 0)) {
    return fail(LTN_E_INVALID_ARGUMENT,
                "Ring %s: a record of %u bytes is more than half of the ring's %" PRIu64 " bytes",
                owner_->name().c_str(), record->payload_bytes, capacity);
  }
  layout::RingHeader *header = owner_->header();
  const uint64_t left = capacity - (head_ & (capacity - 1));
  const uint64_t padding = total > left ? left : 0;
  record->sequence = ++sequence_;
  record->description_version = description_version(header);
  // SYNC: pairs with the acquire fence in ByteReader::seek (END): stored before head moves, so a reader that pairs a
  // head with a sequence finds both unchanged, or looks again.
  header->writing_sequence.store(sequence_, std::memory_order_relaxed);
  give_up_oldest_until(head_ + padding + total);
  if (padding > 0) {
    write_padding(padding);
  }
  RecordHead head = {};
  head.position = head_;
  head.total_bytes = static_cast<uint32_t>(total);
  head.kind = layout::kRecordData;
  head.record = *record;
  copy_to_shared(at(head_), &head, sizeof head);
  copy_to_shared(at(head_) + sizeof head, payload, record->payload_bytes);
  const uint64_t position = head_;
  head_ += total;
  // SYNC: pairs with the acquire loads of head in ByteReader: whoever sees this head sees the record whole.
  header->head.store(head_, std::memory_order_release);
  header->last_sequence.store(sequence_, std::memory_order_release);  // SYNC: pairs with ByteReader::seek (END)
  if ((record->flags & LTN_RECORD_KEY) != 0) {
    header->newest_key.store(position,
                             std::memory_order_release);  // SYNC: after head, so that a seen key lies below head
  }
  owner_->wake();
  return LTN_OK;
}

}  // namespace lanthorn
