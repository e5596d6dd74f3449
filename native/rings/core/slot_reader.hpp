/** The reading end of a slot ring. Procedures: docs/design/rings.md#copy and #lease. */
#pragma once

#include <memory>

#include "lease_table.hpp"
#include "ring_view.hpp"

namespace lanthorn {

class SlotReader : public std::enable_shared_from_this<SlotReader> {
 public:
  /** What a frame in place was when it was looked at; valid as long as the slot's stamp has not moved. */
  struct Sight {
    uint32_t slot = 0;
    uint64_t stamp = 0;
  };
  /** Keeps its reader, and with it the mapping, alive; without a reader it is empty. */
  struct Lease {
    std::shared_ptr<SlotReader> reader;
    Sight sight;
    Lease() = default;
    Lease(const Lease &) = delete;
    Lease &operator=(const Lease &) = delete;
    ~Lease() {
      if (reader) {
        reader->seat_.clear(sight.slot);
      }
    }
  };

  static ltn_status_e open(const char *name, std::shared_ptr<SlotReader> *out);
  /** Opens without a seat: it may peek, copy and wait, cannot lease, and no writer counts it among its readers. */
  static ltn_status_e observe(const char *name, std::shared_ptr<SlotReader> *out);

  uint64_t incarnation() const { return view_.incarnation(); }
  ltn_status_e description(char *buffer, size_t capacity_bytes, size_t *json_bytes, uint32_t *version);
  /** Fills an empty lease. */
  ltn_status_e lease_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes, Lease *lease);
  ltn_status_e copy_newest(uint64_t after_sequence, ltn_frame_t *frame, uint8_t *buffer, size_t capacity_bytes);
  ltn_status_e peek_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes, Sight *sight);
  /** Whether nothing has been written to the slot since the sight; call it after the last load from it. */
  bool is_whole(const Sight &sight) const;
  ltn_status_e wait(uint64_t after_sequence, int32_t timeout_ms);
  void interrupt() { interrupt_.raise(&view_.header()->wake); }

 private:
  ltn_status_e find_newest(uint64_t after_sequence, ltn_frame_t *frame, const uint8_t **bytes, Sight *sight);
  /** Counts a frame that is about to be returned. Returns OK. */
  ltn_status_e taken(uint64_t sequence);
  ltn_status_e find_newer(uint64_t after_sequence, uint64_t *newest) const;
  ltn_status_e look_at(uint64_t newest, ltn_frame_t *frame, Sight *sight) const;
  const uint8_t *slot_data(uint32_t slot) const { return view_.data() + uint64_t{slot} * view_.geometry().slot_bytes; }

  RingView view_;
  LeaseSeat seat_;
  Interrupt interrupt_;
  uint64_t last_taken_ = 0;
};

}  // namespace lanthorn
