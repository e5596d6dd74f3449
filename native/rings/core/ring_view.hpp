/**
 * A reader's view of a ring: the read-only mapping, its checked geometry, whether the writer lives, and the wait.
 * Nothing here trusts the writer: geometry is checked once against the object's real size and then kept in private
 * memory.
 */
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "layout.hpp"
#include "process.hpp"
#include "shm_object.hpp"
#include "wake.hpp"

namespace lanthorn {

/** Reads and checks the geometry of what lies in an object. Errors: CORRUPT when no writer of this version made it. */
ltn_status_e read_geometry(const std::string &name, const ShmObject &object, layout::Geometry *out);

class RingView {
 public:
  /** Errors: NOT_FOUND, CORRUPT, INVALID_ARGUMENT (the ring is of the other shape), PERMISSION, SYSTEM. */
  static ltn_status_e open(const char *name, uint32_t kind, RingView *out);

  const std::string &name() const { return name_; }
  const layout::Geometry &geometry() const { return geometry_; }
  uint64_t incarnation() const { return incarnation_; }
  const layout::RingHeader *header() const { return reinterpret_cast<const layout::RingHeader *>(ring_.bytes()); }
  const uint8_t *data() const { return ring_.bytes() + geometry_.data_offset_bytes(); }
  const layout::SlotEntry *slot_entry(uint32_t slot) const {
    return reinterpret_cast<const layout::SlotEntry *>(ring_.bytes() + layout::kTableOffsetBytes) + slot;
  }

  /** Whether nothing more will be published: closed, replaced, or the writer died. Asks the kernel 4 times a second at
   * most. */
  bool is_gone() const;
  ltn_status_e fail_gone() const;

  /**
   * Sleeps until ready() says OK, the time is over (TIMEOUT), interrupt was raised (TIMEOUT), or the ring is gone
   * (GONE). ready: () → bool, called once more after the ring is seen gone. timeout_ms < 0: for ever.
   */
  template <class Ready>
  ltn_status_e wait_until(Ready ready, int32_t timeout_ms, Interrupt *interrupt) const;

 private:
  ltn_status_e fail_timeout(int32_t timeout_ms) const;

  std::string name_;
  layout::Geometry geometry_;
  uint64_t incarnation_ = 0;
  ShmObject ring_;
  struct Liveness {
    std::atomic<bool> gone{false};
    std::atomic<int64_t> next_look_mono_ns{0};
  };
  std::unique_ptr<Liveness> liveness_;  // on the heap so that a view can be moved
};

template <class Ready>
ltn_status_e RingView::wait_until(Ready ready, int32_t timeout_ms, Interrupt *interrupt) const {
  const int64_t deadline = timeout_ms < 0 ? INT64_MAX : mono_now_ns() + int64_t{timeout_ms} * 1'000'000;
  for (;;) {
    // SYNC: pairs with the release add in RingOwner::wake: loaded before ready() looks, so that anything published
    // after ready() looked has moved the word and FUTEX_WAIT returns at once.
    uint32_t seen = header()->wake.load(std::memory_order_acquire);
    if (ready()) {
      return LTN_OK;
    }
    if (is_gone()) {
      return ready() ? LTN_OK : fail_gone();
    }
    int64_t left_ns = deadline - mono_now_ns();
    if (left_ns <= 0) {
      return fail_timeout(timeout_ms);
    }
    // Half a heartbeat: a writer that was killed wakes nobody, so sleepers look for themselves.
    int64_t slice_ns = left_ns < kHeartbeatNs / 2 ? left_ns : kHeartbeatNs / 2;
    if (!interrupt->sleep(&header()->wake, seen, slice_ns)) {
      return ready() ? LTN_OK : fail_timeout(timeout_ms);
    }
  }
}

}  // namespace lanthorn
