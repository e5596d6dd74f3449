#include "seats.hpp"

#include <unistd.h>

#include <cstring>

#include "inspect.hpp"
#include "lease_table.hpp"
#include "owner_lock.hpp"
#include "ring_owner.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

/** A writer names its ring and its lease object one after the other; in between only this often. */
constexpr int kTries = 20;
constexpr useconds_t kRetryUs = 1000;

/** A ReaderEntry as pread delivers it: words without atomics. */
struct Seat {
  uint64_t leased_slots;
  int64_t last_asked_mono_ns;
  uint64_t start_ticks;
  uint32_t pid;
  uint32_t reserved;
  char program[LTN_NAME_BYTES];
  uint64_t taken;
  uint64_t missed;
};
static_assert(sizeof(Seat) == sizeof(layout::ReaderEntry) && sizeof(Seat::program) == 16);
static_assert(offsetof(Seat, taken) == offsetof(layout::ReaderEntry, taken));

/** The whole lease object in private memory: a mapping would die by SIGBUS if a reader truncated it. */
struct LeaseCopy {
  struct {
    char magic[8];
    uint32_t version;
    uint32_t readers;
    uint64_t incarnation;
    uint8_t reserved[40];
  } header;
  Seat seats[layout::kMaxReaders];
};
static_assert(sizeof(LeaseCopy) == layout::kLeaseObjectBytes);

off_t seat_offset(uint32_t seat) { return static_cast<off_t>(offsetof(LeaseCopy, seats) + seat * sizeof(Seat)); }

/** Opens the lease object of a name and copies it. Errors: NOT_FOUND, CORRUPT, PERMISSION, SYSTEM. */
ltn_status_e read_leases(const std::string &name, Access access, ShmObject *object, LeaseCopy *copy) {
  if (ltn_status_e status = ShmObject::open(leases_name(name), access, object); status != LTN_OK) {
    return status;
  }
  bool whole = pread(object->fd(), copy, sizeof *copy, 0) == static_cast<ssize_t>(sizeof *copy);
  if (!whole || object->size_bytes() != sizeof *copy ||
      std::memcmp(copy->header.magic, layout::kLeaseMagic, sizeof copy->header.magic) != 0 ||
      copy->header.version != layout::kVersion) {
    return fail(LTN_E_CORRUPT, "/dev/shm/%s is not a lease object of version %u", leases_name(name).c_str(),
                layout::kVersion);
  }
  return LTN_OK;
}

/** The lease object that belongs to the ring now under the name; waits while a writer is just naming its two objects.
 */
ltn_status_e leases_of_ring(const char *name, ShmObject *object, LeaseCopy *copy) {
  for (int i = 0;; i++) {
    ltn_ring_info_t ring = {};
    ltn_status_e found = inspect_ring(name, &ring);
    ltn_status_e status = read_leases(name, Access::read_only, object, copy);
    bool is_orphan = found == LTN_E_NOT_FOUND && status != LTN_E_NOT_FOUND;
    bool belongs = status == LTN_OK && copy->header.incarnation == ring.incarnation;
    bool in_between =
        found == LTN_OK && ring.kind == LTN_RING_SLOTS && !belongs && (status == LTN_OK || status == LTN_E_NOT_FOUND);
    if (in_between && i < kTries) {
      usleep(kRetryUs);
      continue;
    }
    if (found != LTN_OK && !is_orphan) {
      return inspect_ring(name, &ring);  // its words are those of the ring, not of the leases
    }
    return is_orphan || belongs || status != LTN_OK
               ? status
               : fail(LTN_E_NOT_FOUND, "Ring %s: the lease object belongs to another incarnation", name);
  }
}

}  // namespace

ltn_status_e list_seats(const char *name, ltn_ring_reader_t *out, size_t capacity, size_t *count) {
  *count = 0;
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  ltn_ring_info_t ring = {};
  if (inspect_ring(name, &ring) == LTN_OK && ring.kind != LTN_RING_SLOTS) {
    return LTN_OK;  // byte rings have no leases
  }
  ShmObject object;
  LeaseCopy copy = {};
  if (ltn_status_e status = leases_of_ring(name, &object, &copy); status != LTN_OK) {
    return status;
  }
  for (uint32_t i = 0; i < layout::kMaxReaders; i++) {
    const Seat &seat = copy.seats[i];
    bool alive = is_byte_locked(object.fd(), seat_offset(i));
    if (!alive && seat.leased_slots == 0) {
      continue;
    }
    if (*count < capacity) {
      ltn_ring_reader_t &reader = out[*count];
      reader = {i,          alive ? 1u : 0u, seat.pid, 0, seat.leased_slots, seat.last_asked_mono_ns,
                seat.taken, seat.missed,     {}};
      std::memcpy(reader.program, seat.program, sizeof reader.program);
      reader.program[sizeof reader.program - 1] = '\0';  // a reader wrote it: it may be any bytes
    }
    ++*count;
  }
  return *count <= capacity
             ? LTN_OK
             : fail(LTN_E_BUFFER_TOO_SMALL, "Ring %s has %zu readers, room for %zu was given", name, *count, capacity);
}

ltn_status_e free_dead_seats(const char *name, uint32_t *freed) {
  *freed = 0;
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  ShmObject object;
  LeaseCopy copy = {};
  if (ltn_status_e status = read_leases(name, Access::read_write, &object, &copy); status != LTN_OK) {
    return status;
  }
  *freed = LeaseTable(object.fd()).reclaim_dead();
  return LTN_OK;
}

}  // namespace lanthorn
