/** The writing end of a slot ring. Procedures: docs/design/rings.md#reserve and #publish. */
#pragma once

#include <memory>
#include <mutex>

#include "lease_table.hpp"
#include "ring_owner.hpp"

namespace lanthorn {

class SlotWriter {
 public:
  static ltn_status_e open(const char *name, uint32_t slots, uint64_t slot_bytes, std::unique_ptr<SlotWriter> *out);

  ltn_status_e describe(const char *json, size_t json_bytes);
  ltn_status_e reserve(uint32_t *slot_index, uint8_t **bytes);
  ltn_status_e publish(uint32_t slot_index, ltn_frame_t *frame, bool keep);
  ltn_status_e release(uint32_t slot_index);
  uint64_t slot_bytes() const { return owner_->geometry().slot_bytes; }
  uint32_t readers();

 private:
  enum class Use : uint8_t { free, writing, kept };
  struct Slot {
    Use use = Use::free;
    uint64_t sequence = 0;  // of the frame in it; 0: none
  };

  explicit SlotWriter(std::unique_ptr<RingOwner> owner) : owner_(std::move(owner)), leases_(owner_->leases_fd()) {}
  layout::SlotEntry *entry(uint32_t slot) const {
    return reinterpret_cast<layout::SlotEntry *>(reinterpret_cast<uint8_t *>(owner_->header()) +
                                                 layout::kTableOffsetBytes) +
           slot;
  }
  int oldest_free(uint64_t excluded_slots) const;
  bool try_begin_writing(uint32_t slot, uint64_t *leased_slots);
  ltn_status_e check_in_use(uint32_t slot_index, const char *verb) const;

  std::mutex mutex_;
  std::unique_ptr<RingOwner> owner_;
  LeaseTable leases_;
  Slot slots_[layout::kMaxSlots];
  uint64_t sequence_ = 0;
  int newest_slot_ = -1;
  int64_t next_sweep_mono_ns_ = 0;
};

}  // namespace lanthorn
