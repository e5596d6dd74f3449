/** The reading end of a byte ring. Procedure: docs/design/rings.md#next. */
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "ring_view.hpp"

namespace lanthorn {

class ByteReader {
 public:
  static ltn_status_e open(const char *name, std::unique_ptr<ByteReader> *out);

  uint64_t incarnation() const { return view_->incarnation(); }
  ltn_status_e description(char *buffer, size_t capacity_bytes, size_t *json_bytes, uint32_t *version);
  ltn_status_e seek(int whence, uint64_t sequence);
  ltn_status_e next(ltn_record_t *record, uint8_t *buffer, size_t capacity_bytes, uint64_t *dropped);
  ltn_status_e wait(int32_t timeout_ms);
  void interrupt();

 private:
  struct Bounds {
    uint64_t head = 0;
    uint64_t tail = 0;
  };

  ltn_status_e bounds(Bounds *out) const;
  ltn_status_e head_at(uint64_t position, uint64_t end, layout::RecordHead *out) const;
  ltn_status_e record_at_or_after(uint64_t *position, uint64_t end, layout::RecordHead *out) const;
  bool is_overwritten(uint64_t position) const;
  ltn_status_e recover(const Bounds &range, uint64_t *dropped);
  ltn_status_e corrupt(const char *what, uint64_t position) const;
  ltn_status_e seek_end();
  ltn_status_e seek_oldest();
  ltn_status_e seek_newest_key();
  ltn_status_e seek_sequence(uint64_t sequence);
  void stand_at(uint64_t position, uint64_t sequence);
  const uint8_t *at(uint64_t position) const {
    return view_->data() + (position & (view_->geometry().capacity_bytes - 1));
  }

  /** Whether the name leads to the same ring, grown. */
  static bool find_grown(const RingView &view, RingView *out);
  void look_at(RingView view);
  bool go_over_if_grown();
  std::shared_ptr<const RingView> shared_view() const;

  /** Exchanged by the reading thread only, under mutex_, which others take to read it. */
  std::shared_ptr<const RingView> view_;
  mutable std::mutex mutex_;
  Interrupt interrupt_;
  std::atomic<uint64_t> cursor_{0};  // atomic because wait() may run in another thread than next()
  uint64_t expected_sequence_ = 0;   // of the record at the cursor; 0: not known
};

}  // namespace lanthorn
