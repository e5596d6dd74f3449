#include "byte_writer.hpp"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstring>

#include "description.hpp"
#include "shared_copy.hpp"
#include "status.hpp"

namespace lanthorn {

using layout::RecordHead;

namespace {

/** How much of the ring is copied in one go while it grows: appends wait for that long, some 0.2 ms. */
constexpr uint64_t kCopiedAtOnceBytes = uint64_t{1} << 20;

}  // namespace

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

/**
 * Copies what lies between two positions to the same positions of a larger ring. Both sizes are powers of two, so each
 * end of the larger ring is one of the smaller: what does not wrap here does not wrap there.
 */
void ByteWriter::copy_into(RingOwner &larger, uint64_t from, uint64_t until) const {
  const uint64_t here = owner_->geometry().capacity_bytes;
  const uint64_t there = larger.geometry().capacity_bytes;
  while (from < until) {
    const uint64_t bytes = std::min(until - from, here - (from & (here - 1)));
    std::memcpy(larger.data() + (from & (there - 1)), at(from), bytes);
    from += bytes;
  }
}

ltn_status_e ByteWriter::grow(uint64_t capacity_bytes) {
  if (capacity_bytes > layout::kMaxObjectBytes || capacity_bytes == 0) {
    return fail(LTN_E_INVALID_ARGUMENT, "Expected a capacity of 1 to %" PRIu64 " bytes but received %" PRIu64,
                layout::kMaxObjectBytes, capacity_bytes);
  }
  // owner_ is replaced by this function only, so it may be read without the lock here.
  if (std::bit_ceil(capacity_bytes) <= owner_->geometry().capacity_bytes) {
    return LTN_OK;
  }
  std::unique_ptr<RingOwner> larger;  // reserving its memory takes long: without the lock
  if (ltn_status_e status = owner_->make_larger(std::bit_ceil(capacity_bytes), &larger); status != LTN_OK) {
    return status;
  }
  uint64_t oldest = layout::kNoPosition;  // copied whole from here on
  uint64_t copied = 0;
  for (;;) {
    std::lock_guard lock(mutex_);
    if (oldest == layout::kNoPosition || tail_ > copied) {
      oldest = copied = tail_;  // the first turn, or appends overtook the copy: what lies before is lost
    }
    if (head_ - copied <= kCopiedAtOnceBytes) {
      if (ltn_status_e status = hand_over(larger, oldest, copied); status != LTN_OK) {
        return status;
      }
      break;
    }
    copy_into(*larger, copied, copied + kCopiedAtOnceBytes);
    copied += kCopiedAtOnceBytes;
  }
  return LTN_OK;  // `larger` is the smaller one now: marks itself closed, wakes its readers, gives its memory back
}

/** The last step of growing, under the lock: from here on the larger ring is the ring. */
ltn_status_e ByteWriter::hand_over(std::unique_ptr<RingOwner> &larger, uint64_t oldest, uint64_t copied) {
  copy_into(*larger, copied, head_);
  const layout::RingHeader *from = owner_->header();
  layout::RingHeader *to = larger->header();
  // SYNC: none, nobody else has the object until take_name_from; rename(2) publishes all of it.
  to->head.store(head_, std::memory_order_relaxed);
  to->tail.store(oldest, std::memory_order_relaxed);
  to->writing_sequence.store(sequence_, std::memory_order_relaxed);
  to->last_sequence.store(sequence_, std::memory_order_relaxed);
  to->newest_key.store(from->newest_key.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to->description_bytes.store(from->description_bytes.load(std::memory_order_relaxed), std::memory_order_relaxed);
  to->description_stamp.store(from->description_stamp.load(std::memory_order_relaxed), std::memory_order_relaxed);
  std::memcpy(reinterpret_cast<uint8_t *>(to) + layout::kDescriptionOffsetBytes,
              reinterpret_cast<const uint8_t *>(from) + layout::kDescriptionOffsetBytes, LTN_DESCRIPTION_MAX_BYTES);
  if (ltn_status_e status = larger->take_name_from(*owner_); status != LTN_OK) {
    return status;
  }
  tail_ = oldest;
  owner_.swap(larger);
  return LTN_OK;
}

void ByteWriter::extent(ltn_extent_t *out) {
  std::lock_guard lock(mutex_);
  *out = {owner_->geometry().capacity_bytes, head_, tail_};
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
