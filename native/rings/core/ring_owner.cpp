#include "ring_owner.hpp"

#include <unistd.h>

#include <cinttypes>
#include <cstring>
#include <new>

#include "owner_lock.hpp"
#include "process.hpp"
#include "status.hpp"
#include "wake.hpp"

namespace lanthorn {
namespace {

constexpr mode_t kRingMode = 0640;    // the group reads
constexpr mode_t kLeasesMode = 0660;  // the group leases
constexpr int kTries = 32;            // each lost race means that another writer made progress
/** Who removes a dead ring, and a writer that is closing, hold the writer's byte for microseconds: wait that long. */
constexpr int kOwnedTries = 10;
constexpr useconds_t kOwnedRetryUs = 1000;

bool looks_like_ring(const ShmObject &object) {
  return object.size_bytes() >= layout::kPageBytes &&
         std::memcmp(object.bytes(), layout::kRingMagic, sizeof layout::kRingMagic) == 0;
}

}  // namespace

ltn_status_e retire(const std::string &name, const ShmObject &old) {
  if (looks_like_ring(old)) {
    auto *header = reinterpret_cast<layout::RingHeader *>(old.bytes());
    // SYNC: state pairs with its acquire load in RingView::is_gone, wake with that in RingView::wait_until.
    header->state.store(layout::kStateClosed, std::memory_order_release);
    header->wake.fetch_add(1, std::memory_order_release);
    futex_wake_all(&header->wake);
  }
  if (ltn_status_e status = ShmObject::unlink(leases_name(name)); status != LTN_OK) {
    return status;
  }
  return ShmObject::unlink(name);
}

ltn_status_e already_owned(const std::string &name, const ShmObject &live) {
  unsigned pid = looks_like_ring(live) ? reinterpret_cast<const layout::RingHeader *>(live.bytes())->writer_pid : 0;
  return fail(LTN_E_EXISTS, "Ring %s already has a live writer (pid %u); stop it or choose another name", name.c_str(),
              pid);
}

ltn_status_e RingOwner::create(const char *name, const layout::Geometry &geometry, std::unique_ptr<RingOwner> *out) {
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  std::unique_ptr<RingOwner> owner(new RingOwner(name, geometry));
  if (ltn_status_e status = owner->take_name(); status != LTN_OK) {
    return status;
  }
  *out = std::move(owner);
  return LTN_OK;
}

ltn_status_e RingOwner::take_name() {
  int owned = 0;
  for (int i = 0; i < kTries; i++) {
    ShmObject old;
    ltn_status_e status = ShmObject::open(name_, Access::read_write, &old);
    if (status != LTN_OK && status != LTN_E_NOT_FOUND) {
      return status;
    }
    if (old.is_open()) {
      LockOutcome lock = try_lock_byte(old.fd(), kWriterByte);
      if (lock != LockOutcome::taken && owned++ < kOwnedTries) {
        usleep(kOwnedRetryUs);
        continue;
      }
      if (lock != LockOutcome::taken) {
        return already_owned(name_, old);
      }
      if (!old.is_named(name_)) {
        continue;  // another writer replaced it between our open and our lock
      }
    }
    // From here on we hold the dead writer's lock, if there was one: nobody else replaces it.
    if (!ring_.is_open()) {
      if (status = make_objects(&old, new_incarnation()); status != LTN_OK) {
        return status;
      }
    }
    if (old.is_open()) {
      if (status = retire(name_, old); status != LTN_OK) {
        return status;
      }
    }
    status = link_objects();
    if (status != LTN_E_EXISTS) {
      return status;
    }
  }
  return fail(LTN_E_EXISTS, "Ring %s: other writers took the name %d times while this one tried", name_.c_str(),
              kTries);
}

ltn_status_e RingOwner::make_objects(ShmObject *old, uint64_t incarnation) {
  ltn_status_e status = ShmObject::create(name_, geometry_.total_bytes(), kRingMode, &ring_);
  if (status == LTN_E_NO_SPACE && old->is_open()) {
    // The dead ring's memory may be just what is missing.
    if (ltn_status_e retired = retire(name_, *old); retired != LTN_OK) {
      return retired;
    }
    old->reset();
    status = ShmObject::create(name_, geometry_.total_bytes(), kRingMode, &ring_);
  }
  if (status != LTN_OK) {
    return status;
  }
  if (geometry_.kind == layout::kKindSlots) {
    status = ShmObject::create(leases_name(name_), layout::kLeaseObjectBytes, kLeasesMode, &leases_);
    if (status != LTN_OK) {
      ring_.reset();
      return status;
    }
    auto *leases = reinterpret_cast<layout::LeaseHeader *>(leases_.bytes());
    std::memcpy(leases->magic, layout::kLeaseMagic, sizeof leases->magic);
    leases->version = layout::kVersion;
    leases->readers = layout::kMaxReaders;
    leases->incarnation = incarnation;
    leases_.unmap();
  }
  fill_header(incarnation);
  if (try_lock_byte(ring_.fd(), kWriterByte) != LockOutcome::taken) {
    ring_.reset();
    return fail(LTN_E_SYSTEM, "Ring %s: the writer's lock could not be taken on a new object", name_.c_str());
  }
  return LTN_OK;
}

ltn_status_e RingOwner::make_larger(uint64_t capacity_bytes, std::unique_ptr<RingOwner> *out) const {
  layout::Geometry geometry = geometry_;
  geometry.capacity_bytes = capacity_bytes;
  if (!geometry.is_valid() || capacity_bytes <= geometry_.capacity_bytes) {
    return fail(LTN_E_INVALID_ARGUMENT,
                "Ring %s: expected a power of two larger than its %" PRIu64 " bytes but received %" PRIu64,
                name_.c_str(), geometry_.capacity_bytes, capacity_bytes);
  }
  std::unique_ptr<RingOwner> larger(new RingOwner(name_, geometry));
  ShmObject none;
  if (ltn_status_e status = larger->make_objects(&none, header()->incarnation); status != LTN_OK) {
    return status;
  }
  larger->header()->created_wall_us = header()->created_wall_us;
  *out = std::move(larger);
  return LTN_OK;
}

ltn_status_e RingOwner::take_name_from(const RingOwner &smaller) {
  if (!smaller.ring_.is_named(name_)) {
    return fail(LTN_E_EXISTS, "Ring %s was removed, or replaced by another writer, while it lived", name_.c_str());
  }
  // Both objects' locks are ours: a writer that looks at the name finds it owned, before and after.
  if (ltn_status_e status = ring_.replace(name_); status != LTN_OK) {
    return status;
  }
  named_ = true;
  return LTN_OK;
}

void RingOwner::fill_header(uint64_t incarnation) {
  auto *h = new (ring_.bytes()) layout::RingHeader();  // starts the lifetime of the atomics; the object has no name yet
  std::memcpy(h->magic, layout::kRingMagic, sizeof h->magic);
  h->version = layout::kVersion;
  h->kind = geometry_.kind;
  h->total_bytes = geometry_.total_bytes();
  h->incarnation = incarnation;
  h->created_wall_us = wall_now_us();
  h->writer_pid = static_cast<uint32_t>(getpid());
  h->writer_start_ticks = start_ticks_of(h->writer_pid);
  h->slots = geometry_.slots;
  h->slot_bytes = geometry_.slot_bytes;
  h->table_offset_bytes = layout::kTableOffsetBytes;
  h->data_offset_bytes = geometry_.data_offset_bytes();
  h->capacity_bytes = geometry_.capacity_bytes;
  // SYNC: none, nobody else has the object yet.
  h->newest_key.store(layout::kNoPosition, std::memory_order_relaxed);
  // SYNC: pairs with the acquire load in RingView::is_gone; linkat(2) publishes the object itself.
  h->state.store(layout::kStateLive, std::memory_order_release);
}

ltn_status_e RingOwner::link_objects() {
  if (ltn_status_e status = ring_.link_as(name_); status != LTN_OK) {
    return status;
  }
  named_ = true;
  if (leases_.is_open()) {
    // A reader that comes between finds no lease object, or one of another incarnation, and looks again.
    ShmObject::unlink(leases_name(name_));
    return leases_.link_as(leases_name(name_));
  }
  return LTN_OK;
}

void RingOwner::wake() {
  // SYNC: pairs with the acquire load of wake in wait_until (ring_view.hpp): who sleeps on the old value has not yet
  // looked at what was published before this add, and FUTEX_WAIT refuses to sleep once the value has moved.
  header()->wake.fetch_add(1, std::memory_order_release);
  futex_wake_all(&header()->wake);
}

RingOwner::~RingOwner() {
  if (!named_) {
    return;
  }
  header()->state.store(layout::kStateClosed, std::memory_order_release);  // SYNC: pairs with RingView::is_gone
  wake();
  if (ring_.is_named(name_)) {  // we still hold the lock: nobody replaces it between this check and the unlink
    if (leases_.is_open() && leases_.is_named(leases_name(name_))) {
      ShmObject::unlink(leases_name(name_));
    }
    ShmObject::unlink(name_);
  }
}

}  // namespace lanthorn
