#include "slot_writer.hpp"

#include <cinttypes>

#include "description.hpp"
#include "frame_check.hpp"
#include "process.hpp"
#include "shared_copy.hpp"
#include "status.hpp"
#include "wake.hpp"

namespace lanthorn {
namespace {

uint64_t next_generation(const layout::SlotEntry &entry) {
  uint64_t writing = entry.stamp.load(std::memory_order_relaxed);  // SYNC: none, only this process stores stamps
  return (writing & ~layout::kStampWriting) + layout::kStampStep;
}

}  // namespace

ltn_status_e SlotWriter::open(const char *name, uint32_t slots, uint64_t slot_bytes, std::unique_ptr<SlotWriter> *out) {
  layout::Geometry geometry;
  geometry.kind = layout::kKindSlots;
  geometry.slots = slots;
  if (slot_bytes > 0 && slot_bytes <= layout::kMaxObjectBytes) {
    geometry.slot_bytes = layout::round_up(slot_bytes, layout::kPageBytes);
  }
  if (!geometry.is_valid()) {
    return fail(LTN_E_INVALID_ARGUMENT,
                "Expected %u to %u slots of 1 to %" PRIu64 " bytes but received %u slots of %" PRIu64 " bytes",
                layout::kMinSlots, layout::kMaxSlots, layout::kMaxObjectBytes / layout::kMaxSlots, slots, slot_bytes);
  }
  std::unique_ptr<RingOwner> owner;
  if (ltn_status_e status = RingOwner::create(name, geometry, &owner); status != LTN_OK) {
    return status;
  }
  out->reset(new SlotWriter(std::move(owner)));
  return LTN_OK;
}

ltn_status_e SlotWriter::describe(const char *json, size_t json_bytes) {
  std::lock_guard lock(mutex_);
  ltn_status_e status = write_description(owner_->header(), json, json_bytes);
  owner_->wake();
  return status;
}

int SlotWriter::oldest_free(uint64_t excluded_slots) const {
  int best = -1;
  for (uint32_t i = 0; i < owner_->geometry().slots; i++) {
    bool usable = slots_[i].use == Use::free && static_cast<int>(i) != newest_slot_ && (excluded_slots >> i & 1) == 0;
    if (usable && (best < 0 || slots_[i].sequence < slots_[best].sequence)) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

bool SlotWriter::try_begin_writing(uint32_t slot, uint64_t *leased_slots) {
  std::atomic<uint64_t> &stamp = entry(slot)->stamp;
  uint64_t whole = stamp.load(std::memory_order_relaxed);  // SYNC: none, only this process stores stamps, under mutex_
  // SYNC: pairs with LeaseSeat::mark and the second stamp load in SlotReader::lease_newest. Dekker: we claim, then look
  // at the leases; a reader sets its lease, then looks for the claim; with a full fence between each pair at least one
  // of us sees the other. The leases are read by pread(2) from the same page-cache page the reader stores to; the
  // kernel's loads run on this processor after the fence, so the fence orders them like our own.
  stamp.store(whole | layout::kStampClaimed, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  *leased_slots = leases_.leased_slots();
  if ((*leased_slots >> slot & 1) != 0) {
    stamp.store(whole, std::memory_order_release);  // SYNC: none needed; nothing in the slot was touched
    return false;
  }
  stamp.store(whole | layout::kStampWriting, std::memory_order_relaxed);
  // SYNC: release half pairs with the acquire fence in SlotReader::is_whole: who saw a byte we write from here on sees
  // the writing bit. Acquire half pairs with the release in LeaseSeat::clear: a lease seen as gone has finished its
  // loads.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return true;
}

ltn_status_e SlotWriter::reserve(uint32_t *slot_index, uint8_t **bytes) {
  std::lock_guard lock(mutex_);
  int64_t now = mono_now_ns();
  if (now >= next_sweep_mono_ns_) {
    next_sweep_mono_ns_ = now + kHeartbeatNs;
    leases_.reclaim_dead();
  }
  for (bool may_reclaim = true;; may_reclaim = false) {
    uint64_t excluded = 0;
    for (int slot = oldest_free(excluded); slot >= 0; slot = oldest_free(excluded)) {
      uint64_t leased = 0;
      if (try_begin_writing(static_cast<uint32_t>(slot), &leased)) {
        slots_[slot].use = Use::writing;
        slots_[slot].sequence = 0;
        *slot_index = static_cast<uint32_t>(slot);
        *bytes = owner_->data() + static_cast<uint64_t>(slot) * slot_bytes();
        return LTN_OK;
      }
      excluded |= leased;
    }
    if (!may_reclaim || leases_.reclaim_dead() == 0) {
      owner_->header()->busy.fetch_add(1, std::memory_order_relaxed);  // SYNC: none, a statistic
      return fail(LTN_E_BUSY, "Ring %s: all %u slots are leased, kept or being written; drop this frame",
                  owner_->name().c_str(), owner_->geometry().slots);
    }
  }
}

ltn_status_e SlotWriter::check_in_use(uint32_t slot_index, const char *verb) const {
  if (slot_index >= owner_->geometry().slots || slots_[slot_index].use == Use::free) {
    return fail(LTN_E_INVALID_ARGUMENT, "Ring %s: cannot %s slot %u, it is not reserved", owner_->name().c_str(), verb,
                slot_index);
  }
  return LTN_OK;
}

ltn_status_e SlotWriter::publish(uint32_t slot_index, ltn_frame_t *frame, bool keep) {
  std::lock_guard lock(mutex_);
  if (ltn_status_e status = check_in_use(slot_index, "publish"); status != LTN_OK) {
    return status;
  }
  Slot &slot = slots_[slot_index];
  if (slot.use != Use::writing) {
    return fail(LTN_E_INVALID_ARGUMENT, "Ring %s: slot %u is published already", owner_->name().c_str(), slot_index);
  }
  if (const char *fault = frame_fault(*frame, slot_bytes()); fault != nullptr) {
    return fail(LTN_E_INVALID_ARGUMENT, "Ring %s: the %ux%u frame does not fit its slot of %" PRIu64 " bytes: %s",
                owner_->name().c_str(), frame->width_px, frame->height_px, slot_bytes(), fault);
  }
  frame->sequence = ++sequence_;
  frame->publish_mono_ns = mono_now_ns();
  frame->reserved = 0;
  layout::SlotEntry *e = entry(slot_index);
  copy_to_shared(&e->frame, frame, sizeof *frame);
  // SYNC: pairs with the stamp load in SlotReader::look_at: a stamp without the writing bit brings the whole frame with
  // it.
  e->stamp.store(next_generation(*e), std::memory_order_release);
  // SYNC: pairs with the acquire load of newest in SlotReader::find_newer.
  owner_->header()->newest.store(sequence_ << layout::kSlotBits | slot_index, std::memory_order_release);
  slot.use = keep ? Use::kept : Use::free;
  slot.sequence = sequence_;
  newest_slot_ = static_cast<int>(slot_index);
  owner_->wake();
  return LTN_OK;
}

ltn_status_e SlotWriter::release(uint32_t slot_index) {
  std::lock_guard lock(mutex_);
  if (ltn_status_e status = check_in_use(slot_index, "release"); status != LTN_OK) {
    return status;
  }
  Slot &slot = slots_[slot_index];
  if (slot.use == Use::writing) {
    layout::SlotEntry *e = entry(slot_index);
    const ltn_frame_t nothing = {};
    copy_to_shared(&e->frame, &nothing, sizeof nothing);
    e->stamp.store(next_generation(*e), std::memory_order_release);  // SYNC: as in publish
  }
  slot.use = Use::free;
  return LTN_OK;
}

uint32_t SlotWriter::readers() {
  std::lock_guard lock(mutex_);
  return leases_.readers_asking_since(mono_now_ns() - kHeartbeatNs);
}

}  // namespace lanthorn
