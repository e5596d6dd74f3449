#include "slot_reader.hpp"

#include <unistd.h>

#include <cinttypes>

#include "description.hpp"
#include "frame_check.hpp"
#include "shared_copy.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

/** The newest slot is never the one being written next: losing it twice in a row takes a writer that laps us meanwhile.
 */
constexpr int kTries = 16;
/** A writer names its ring and its lease object one after the other; in between only this often. */
constexpr int kSeatTries = 20;
constexpr useconds_t kSeatRetryUs = 1000;

}  // namespace

ltn_status_e SlotReader::open(const char *name, std::shared_ptr<SlotReader> *out) {
  for (int i = 0;; i++) {
    auto reader = std::make_shared<SlotReader>();
    if (ltn_status_e status = RingView::open(name, layout::kKindSlots, &reader->view_); status != LTN_OK) {
      return status;
    }
    reader->seat_.take(reader->view_.name(), reader->view_.incarnation());
    bool in_between = !reader->seat_.is_taken() && reader->seat_.why_not() == LTN_E_NOT_FOUND;
    if (!in_between || i == kSeatTries || reader->view_.is_gone()) {
      *out = std::move(reader);  // without a seat it can still copy; leasing says why not
      return LTN_OK;
    }
    usleep(kSeatRetryUs);
  }
}

ltn_status_e SlotReader::observe(const char *name, std::shared_ptr<SlotReader> *out) {
  auto reader = std::make_shared<SlotReader>();
  if (ltn_status_e status = RingView::open(name, layout::kKindSlots, &reader->view_); status != LTN_OK) {
    return status;
  }
  reader->seat_.do_without(reader->view_.name());
  *out = std::move(reader);
  return LTN_OK;
}

ltn_status_e SlotReader::description(char *buffer, size_t capacity_bytes, size_t *json_bytes, uint32_t *version) {
  return read_description(view_.header(), buffer, capacity_bytes, json_bytes, version);
}

ltn_status_e SlotReader::find_newer(uint64_t after_sequence, uint64_t *newest) const {
  // SYNC: pairs with the release store of newest in SlotWriter::publish.
  *newest = view_.header()->newest.load(std::memory_order_acquire);
  if (*newest >> layout::kSlotBits > after_sequence) {
    return LTN_OK;
  }
  if (!view_.is_gone()) {
    return fail(LTN_E_AGAIN, "Ring %s: no frame after %" PRIu64, view_.name().c_str(), after_sequence);
  }
  *newest =
      view_.header()->newest.load(std::memory_order_acquire);  // SYNC: as above; is_gone() acquired the last publish
  return *newest >> layout::kSlotBits > after_sequence ? LTN_OK : view_.fail_gone();
}

/** Reads the description of the frame that `newest` names. Errors: TORN (look for the newest again), CORRUPT. */
ltn_status_e SlotReader::look_at(uint64_t newest, ltn_frame_t *frame, Sight *sight) const {
  sight->slot = static_cast<uint32_t>(newest & (layout::kMaxSlots - 1));
  if (sight->slot >= view_.geometry().slots) {
    return fail(LTN_E_CORRUPT, "Ring %s: its header names slot %u of %u", view_.name().c_str(), sight->slot,
                view_.geometry().slots);
  }
  const layout::SlotEntry *entry = view_.slot_entry(sight->slot);
  // SYNC: pairs with the release store of the stamp in SlotWriter::publish.
  uint64_t stamp = entry->stamp.load(std::memory_order_acquire);
  sight->stamp = stamp & ~layout::kStampClaimed;
  copy_from_shared(frame, &entry->frame, sizeof *frame);
  if ((stamp & layout::kStampWriting) != 0 || !is_whole(*sight)) {
    return fail(LTN_E_TORN, "Ring %s: the frame was overwritten while it was read", view_.name().c_str());
  }
  // SYNC: as in find_newer. The slot may hold a newer frame, or none since the writer took it and gave it back.
  if (frame->sequence != newest >> layout::kSlotBits &&
      view_.header()->newest.load(std::memory_order_acquire) != newest) {
    return fail(LTN_E_TORN, "Ring %s: the slot was used again meanwhile", view_.name().c_str());
  }
  if (frame->sequence != newest >> layout::kSlotBits) {
    return fail(LTN_E_CORRUPT, "Ring %s: slot %u holds frame %" PRIu64 " where %" PRIu64 " was announced",
                view_.name().c_str(), sight->slot, frame->sequence, newest >> layout::kSlotBits);
  }
  if (const char *fault = frame_fault(*frame, view_.geometry().slot_bytes); fault != nullptr) {
    return fail(LTN_E_CORRUPT, "Ring %s: frame %" PRIu64 ": %s", view_.name().c_str(), frame->sequence, fault);
  }
  return LTN_OK;
}

bool SlotReader::is_whole(const Sight &sight) const {
  // SYNC: pairs with the last fence in SlotWriter::try_begin_writing: had any load before this fence seen a byte
  // written after that one, the load below would see the writing bit or a later generation. A claim alone has changed
  // nothing.
  std::atomic_thread_fence(std::memory_order_acquire);
  uint64_t stamp = view_.slot_entry(sight.slot)->stamp.load(std::memory_order_relaxed);
  return (stamp & ~layout::kStampClaimed) == sight.stamp;
}

ltn_status_e SlotReader::find_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes, Sight *sight) {
  seat_.note_asked(mono_now_ns());
  ltn_status_e status = LTN_E_TORN;
  for (int i = 0; i < kTries && status == LTN_E_TORN; i++) {
    uint64_t newest = 0;
    if (status = find_newer(after_sequence, &newest); status == LTN_OK) {
      status = look_at(newest, frame, sight);
    }
  }
  if (status == LTN_OK) {
    *bytes = slot_data(sight->slot);
  }
  return status;
}

ltn_status_e SlotReader::taken(uint64_t sequence) {
  if (sequence > last_taken_) {
    seat_.note_taken(last_taken_ == 0 ? 0 : sequence - last_taken_ - 1);
    last_taken_ = sequence;
  }
  return LTN_OK;
}

ltn_status_e SlotReader::peek_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes, Sight *sight) {
  ltn_status_e status = find_newest(after_sequence, frame, bytes, sight);
  return status == LTN_OK ? taken(frame->sequence) : status;
}

ltn_status_e SlotReader::copy_newest(uint64_t after_sequence, ltn_frame_t *frame, uint8_t *buffer,
                                     size_t capacity_bytes) {
  for (int i = 0; i < kTries; i++) {
    const uint8_t *bytes = nullptr;
    Sight sight;
    if (ltn_status_e status = find_newest(after_sequence, frame, &bytes, &sight); status != LTN_OK) {
      return status;
    }
    if (frame->bytes > capacity_bytes) {
      return fail(LTN_E_BUFFER_TOO_SMALL, "Ring %s: the frame needs %u bytes, %zu were given", view_.name().c_str(),
                  frame->bytes, capacity_bytes);
    }
    copy_from_shared(buffer, bytes, frame->bytes);
    if (is_whole(sight)) {
      return taken(frame->sequence);
    }
  }
  return fail(LTN_E_TORN, "Ring %s: overwritten during each of %d copies; this reader is too slow, lease instead",
              view_.name().c_str(), kTries);
}

ltn_status_e SlotReader::lease_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes,
                                      Lease *lease) {
  for (int i = 0; i < kTries; i++) {
    Sight sight;
    if (ltn_status_e status = find_newest(after_sequence, frame, bytes, &sight); status != LTN_OK) {
      return status;
    }
    if (!seat_.is_taken()) {
      return seat_.why_not();
    }
    seat_.mark(sight.slot);
    // SYNC: pairs with SlotWriter::try_begin_writing (Dekker): the lease is set, now the stamp again. Unchanged and
    // unclaimed: the writer has not looked at the leases yet, and will see ours. Else it may have missed it: void.
    if (view_.slot_entry(sight.slot)->stamp.load(std::memory_order_seq_cst) == sight.stamp) {
      lease->reader = shared_from_this();
      lease->sight = sight;
      return taken(frame->sequence);
    }
    seat_.clear(sight.slot);
  }
  return fail(LTN_E_TORN, "Ring %s: the writer overtook each of %d attempts to lease", view_.name().c_str(), kTries);
}

ltn_status_e SlotReader::wait(uint64_t after_sequence, int32_t timeout_ms) {
  auto ready = [&] {
    seat_.note_asked(mono_now_ns());
    // SYNC: pairs with the release store of newest in SlotWriter::publish.
    return view_.header()->newest.load(std::memory_order_acquire) >> layout::kSlotBits > after_sequence;
  };
  return view_.wait_until(ready, timeout_ms, &interrupt_);
}

}  // namespace lanthorn
