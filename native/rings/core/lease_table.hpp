/**
 * Leases: which slots readers want left alone. They live in `<name>.leases`, the only object readers may write.
 *
 * The writer never maps that object: it reads it with pread(2) and clears it with pwrite(2). So a reader that truncates
 * it cannot kill the writer with SIGBUS, and no bytes in it can do more than keep slots busy.
 */
#pragma once

#include <cstdint>
#include <string>

#include "layout.hpp"
#include "shm_object.hpp"

namespace lanthorn {

/** The writer's side. */
class LeaseTable {
 public:
  explicit LeaseTable(int fd) : fd_(fd) {}

  /** Union of all readers' leased slots, bit i for slot i. A short or failed read counts as "no leases". */
  uint64_t leased_slots();
  /** Clears the entries of readers that died without releasing. Returns how many held leases. */
  uint32_t reclaim_dead();
  /** Readers alive that asked for something after since_mono_ns. */
  uint32_t readers_asking_since(int64_t since_mono_ns);

 private:
  bool load();

  int fd_;
  struct {
    uint64_t leased_slots;
    int64_t last_asked_mono_ns;
    uint64_t rest[6];
  } entries_[layout::kMaxReaders];
};
static_assert(sizeof(layout::ReaderEntry) == 64);

/** A reader's side: its own entry, held by a lock that the kernel drops with the process. */
class LeaseSeat {
 public:
  /** Takes a free entry. A seat that could not be had stays empty, and why_not says which status and why. */
  void take(const std::string &ring_name, uint64_t incarnation);
  /** Leaves the seat empty on purpose: whoever only observes is not counted among the readers. */
  void do_without(const std::string &ring_name);
  bool is_taken() const { return entry_ != nullptr; }
  /** Errors: the reason why there is no seat. */
  ltn_status_e why_not() const;

  void mark(uint32_t slot);
  void clear(uint32_t slot);
  void note_asked(int64_t now_mono_ns);
  /** Counts a frame taken, and those published since the one taken before it. */
  void note_taken(uint64_t missed_frames);
  void leave();
  ~LeaseSeat() { leave(); }
  LeaseSeat() = default;
  LeaseSeat(const LeaseSeat &) = delete;
  LeaseSeat &operator=(const LeaseSeat &) = delete;

 private:
  ltn_status_e try_take(const std::string &ring_name, uint64_t incarnation);

  ShmObject object_;
  layout::ReaderEntry *entry_ = nullptr;
  uint16_t leases_of_slot_[layout::kMaxSlots] = {};  // one reader may lease the same frame twice
  ltn_status_e reason_ = LTN_E_NOT_FOUND;
  std::string reason_text_;
};

}  // namespace lanthorn
