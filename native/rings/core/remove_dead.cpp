#include "remove_dead.hpp"

#include <sys/stat.h>

#include "owner_lock.hpp"
#include "ring_owner.hpp"
#include "ring_view.hpp"
#include "seats.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

constexpr int kTries = 32;  // each lost race means that a writer came, or another remover made progress

uint64_t size_of(const std::string &name) {
  struct stat facts = {};
  return lstat(ShmObject::path_of(name).c_str(), &facts) == 0 ? static_cast<uint64_t>(facts.st_size) : 0;
}

/**
 * A lease object without its ring. Between our look and our unlink a writer may begin to use the name, and the lease
 * object is then its own. So we take the name as a writer does, with a ring of the smallest size, and give it back: who
 * holds the name is the only one who unlinks under it.
 */
ltn_status_e remove_orphaned_leases(const char *name, uint64_t *freed_bytes) {
  ltn_ring_reader_t seats[LTN_MAX_READERS];
  size_t count = 0;
  if (ltn_status_e status = list_seats(name, seats, LTN_MAX_READERS, &count); status != LTN_OK) {
    return status;
  }
  for (size_t i = 0; i < count; i++) {
    if (seats[i].alive != 0) {
      return fail(LTN_E_EXISTS, "The lease object of ring %s is in use by %s (pid %u); stop it first", name,
                  seats[i].program, seats[i].pid);
    }
  }
  const uint64_t bytes = size_of(leases_name(name));
  layout::Geometry smallest;
  smallest.kind = layout::kKindSlots;
  smallest.slots = layout::kMinSlots;
  smallest.slot_bytes = layout::kPageBytes;
  std::unique_ptr<RingOwner> owner;
  if (ltn_status_e status = RingOwner::create(name, smallest, &owner); status != LTN_OK) {
    return status;
  }
  *freed_bytes = bytes;
  return LTN_OK;  // owner unlinks both objects
}

}  // namespace

ltn_status_e remove_dead_ring(const char *name, uint64_t *freed_bytes) {
  *freed_bytes = 0;
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  for (int i = 0; i < kTries; i++) {
    ShmObject old;
    ltn_status_e status = ShmObject::open(name, Access::read_write, &old);
    if (status == LTN_E_NOT_FOUND) {
      return remove_orphaned_leases(name, freed_bytes);
    }
    layout::Geometry geometry;
    if (status != LTN_OK || (status = read_geometry(name, old, &geometry)) != LTN_OK) {
      return status;
    }
    LockOutcome lock = try_lock_byte(old.fd(), kWriterByte);
    if (lock != LockOutcome::taken) {
      return already_owned(name, old);
    }
    if (!old.is_named(name)) {
      continue;  // replaced or removed between our open and our lock
    }
    // From here on we hold the dead writer's lock: no writer takes the name, and no other remover acts.
    const uint64_t bytes = old.size_bytes() + size_of(leases_name(name));
    if (status = retire(name, old); status == LTN_OK) {
      *freed_bytes = bytes;
    }
    return status;
  }
  return fail(LTN_E_EXISTS, "Ring %s: its name changed hands %d times while it was looked at", name, kTries);
}

}  // namespace lanthorn
