#include "ring_view.hpp"

#include <cinttypes>
#include <cstring>

#include "owner_lock.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

constexpr int64_t kLookEveryNs = kHeartbeatNs / 4;
constexpr off_t kWriterByte = 0;

}  // namespace

ltn_status_e read_geometry(const std::string &name, const ShmObject &object, layout::Geometry *out) {
  const auto *h = reinterpret_cast<const layout::RingHeader *>(object.bytes());
  uint64_t size = object.size_bytes();
  if (size < layout::kTableOffsetBytes || std::memcmp(h->magic, layout::kRingMagic, sizeof h->magic) != 0) {
    return fail(LTN_E_CORRUPT, "/dev/shm/%s is not a ring (%" PRIu64 " bytes, no magic); remove it", name.c_str(),
                size);
  }
  if (h->version != layout::kVersion) {
    return fail(LTN_E_CORRUPT,
                "Ring %s has layout version %u; this reader knows %u. Update the older of the two programs",
                name.c_str(), h->version, layout::kVersion);
  }
  layout::Geometry g;
  g.kind = h->kind;
  g.slots = h->slots;
  g.slot_bytes = h->slot_bytes;
  g.capacity_bytes = h->capacity_bytes;
  if (!g.is_valid() || g.total_bytes() != size || h->total_bytes != size ||
      h->table_offset_bytes != layout::kTableOffsetBytes || h->data_offset_bytes != g.data_offset_bytes()) {
    return fail(LTN_E_CORRUPT, "Ring %s: its header does not fit its size of %" PRIu64 " bytes", name.c_str(), size);
  }
  *out = g;
  return LTN_OK;
}

ltn_status_e RingView::open(const char *name, uint32_t kind, RingView *out) {
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  RingView view;
  view.name_ = name;
  if (ltn_status_e status = ShmObject::open(view.name_, Access::read_only, &view.ring_); status != LTN_OK) {
    return status;
  }
  if (ltn_status_e status = read_geometry(view.name_, view.ring_, &view.geometry_); status != LTN_OK) {
    return status;
  }
  if (view.geometry_.kind != kind) {
    return fail(LTN_E_INVALID_ARGUMENT, "Ring %s is a %s ring; open it as one", name,
                view.geometry_.kind == layout::kKindSlots ? "slot" : "byte");
  }
  view.incarnation_ = view.header()->incarnation;
  view.liveness_ = std::make_unique<Liveness>();
  *out = std::move(view);
  return LTN_OK;
}

bool RingView::is_gone() const {
  // SYNC: none needed for Liveness: it caches facts that never turn back, and a stale look costs one more look.
  if (liveness_->gone.load(std::memory_order_relaxed)) {
    return true;
  }
  // SYNC: pairs with the release stores of kStateClosed in ring_owner.cpp: who sees it closed sees all that was
  // published.
  bool gone = header()->state.load(std::memory_order_acquire) != layout::kStateLive;
  if (!gone) {
    int64_t now = mono_now_ns();
    if (now < liveness_->next_look_mono_ns.load(std::memory_order_relaxed)) {
      return false;
    }
    liveness_->next_look_mono_ns.store(now + kLookEveryNs, std::memory_order_relaxed);
    gone = !is_byte_locked(ring_.fd(), kWriterByte);
    // SYNC: pairs with the kernel's release of the dead writer's lock, which comes after all its stores; the fence
    // keeps our later loads behind our look at that lock.
    std::atomic_thread_fence(std::memory_order_acquire);
  }
  if (gone) {
    liveness_->gone.store(true, std::memory_order_relaxed);  // SYNC: none, as above
  }
  return gone;
}

ltn_status_e RingView::fail_gone() const {
  return fail(LTN_E_GONE, "The writer of ring %s has ended or was replaced; reopen the ring by its name",
              name_.c_str());
}

ltn_status_e RingView::fail_timeout(int32_t timeout_ms) const {
  return fail(LTN_E_TIMEOUT, "Ring %s: nothing new within %d ms", name_.c_str(), timeout_ms);
}

}  // namespace lanthorn
