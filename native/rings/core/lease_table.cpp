#include "lease_table.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "owner_lock.hpp"
#include "process.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

off_t entry_offset(uint32_t reader) {
  return static_cast<off_t>(sizeof(layout::LeaseHeader) + reader * sizeof(layout::ReaderEntry));
}

}  // namespace

bool LeaseTable::load() {
  static_assert(sizeof entries_ == layout::kMaxReaders * sizeof(layout::ReaderEntry));
  ssize_t got = pread(fd_, entries_, sizeof entries_, entry_offset(0));
  if (got == static_cast<ssize_t>(sizeof entries_)) {
    return true;
  }
  std::memset(entries_, 0, sizeof entries_);  // truncated by somebody: the writer goes on
  return false;
}

uint64_t LeaseTable::leased_slots() {
  load();
  uint64_t all = 0;
  for (const auto &entry : entries_) {
    all |= entry.leased_slots;  // pread may tear a word into bytes; each bit is still an old or a new one
  }
  return all;
}

uint32_t LeaseTable::reclaim_dead() {
  load();
  uint32_t freed = 0;
  for (uint32_t i = 0; i < layout::kMaxReaders; i++) {
    if (entries_[i].leased_slots == 0 || try_lock_byte(fd_, entry_offset(i)) != LockOutcome::taken) {
      continue;  // nothing to free, or its reader lives
    }
    // We hold the seat now: the reader is dead, and no new one can sit down before we leave.
    const uint64_t nothing = 0;
    freed += pwrite(fd_, &nothing, sizeof nothing, entry_offset(i)) == static_cast<ssize_t>(sizeof nothing) ? 1 : 0;
    unlock_byte(fd_, entry_offset(i));
  }
  return freed;
}

uint32_t LeaseTable::readers_asking_since(int64_t since_mono_ns) {
  load();
  uint32_t readers = 0;
  for (uint32_t i = 0; i < layout::kMaxReaders; i++) {
    readers += entries_[i].last_asked_mono_ns > since_mono_ns && is_byte_locked(fd_, entry_offset(i)) ? 1 : 0;
  }
  return readers;
}

void LeaseSeat::take(const std::string &ring_name, uint64_t incarnation) {
  reason_ = try_take(ring_name, incarnation);
  if (reason_ != LTN_OK) {
    reason_text_ = last_error();
    object_.reset();
  }
}

ltn_status_e LeaseSeat::try_take(const std::string &ring_name, uint64_t incarnation) {
  if (ltn_status_e status = ShmObject::open(ring_name + ".leases", Access::read_write, &object_); status != LTN_OK) {
    return status;
  }
  const auto *header = reinterpret_cast<const layout::LeaseHeader *>(object_.bytes());
  if (object_.size_bytes() != layout::kLeaseObjectBytes ||
      std::memcmp(header->magic, layout::kLeaseMagic, sizeof header->magic) != 0 ||
      header->version != layout::kVersion) {
    return fail(LTN_E_CORRUPT, "Ring %s: its lease object is not one of version %u", ring_name.c_str(),
                layout::kVersion);
  }
  if (header->incarnation != incarnation) {
    return fail(LTN_E_NOT_FOUND, "Ring %s is just being replaced; open it again", ring_name.c_str());
  }
  for (uint32_t i = 0; i < layout::kMaxReaders; i++) {
    if (try_lock_byte(object_.fd(), entry_offset(i)) != LockOutcome::taken) {
      continue;
    }
    auto *entry = reinterpret_cast<layout::ReaderEntry *>(object_.bytes() + entry_offset(i));
    entry->leased_slots.store(0, std::memory_order_relaxed);  // SYNC: none, whoever sat here is dead or has left
    entry->pid = static_cast<uint32_t>(getpid());
    entry->start_ticks = start_ticks_of(entry->pid);
    std::memset(entry->program, 0, sizeof entry->program);
    std::strncpy(entry->program, program_invocation_short_name, sizeof entry->program - 1);
    entry->taken.store(0, std::memory_order_relaxed);  // SYNC: none, statistics
    entry->missed.store(0, std::memory_order_relaxed);
    entry_ = entry;
    note_asked(mono_now_ns());
    return LTN_OK;
  }
  return fail(LTN_E_BUSY, "Ring %s: all %u reader seats are taken; close a reader, or copy frames instead of leasing",
              ring_name.c_str(), layout::kMaxReaders);
}

void LeaseSeat::do_without(const std::string &ring_name) {
  reason_ = LTN_E_INVALID_ARGUMENT;
  reason_text_ = "Ring " + ring_name + " was opened to observe, which takes no seat; open a reader to lease";
}

ltn_status_e LeaseSeat::why_not() const { return fail(reason_, "%s", reason_text_.c_str()); }

void LeaseSeat::mark(uint32_t slot) {
  if (leases_of_slot_[slot]++ == 0) {
    // SYNC: pairs with the first fence of SlotWriter::try_begin_writing: the bit is set before the stamp is looked at
    // again (Dekker, seq_cst); the fence keeps the following load of the stamp, in another object, behind this store on
    // every processor.
    entry_->leased_slots.fetch_or(uint64_t{1} << slot, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

void LeaseSeat::clear(uint32_t slot) {
  if (--leases_of_slot_[slot] == 0) {
    // SYNC: release: our loads from the slot are done before the writer can see it free (pairs with the last
    // fence in SlotWriter::try_begin_writing, which follows its pread).
    entry_->leased_slots.fetch_and(~(uint64_t{1} << slot), std::memory_order_release);
  }
}

void LeaseSeat::note_asked(int64_t now_mono_ns) {
  if (entry_ != nullptr) {
    entry_->last_asked_mono_ns.store(now_mono_ns, std::memory_order_relaxed);  // SYNC: none, a statistic
  }
}

void LeaseSeat::note_taken(uint64_t missed_frames) {
  if (entry_ != nullptr) {
    // SYNC: none, statistics of which this thread is the only writer.
    entry_->taken.fetch_add(1, std::memory_order_relaxed);
    entry_->missed.fetch_add(missed_frames, std::memory_order_relaxed);
  }
}

void LeaseSeat::leave() {
  if (entry_ != nullptr) {
    entry_->leased_slots.store(0, std::memory_order_release);  // SYNC: as in clear()
    entry_->last_asked_mono_ns.store(0, std::memory_order_relaxed);
    entry_ = nullptr;
  }
  object_.reset();  // closing the descriptor drops the lock
}

}  // namespace lanthorn
