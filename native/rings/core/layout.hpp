/**
 * The bytes of a ring as they lie in /dev/shm: structures, constants, and the proof that no compiler moves them.
 * Does: layout only. Does not: access, ordering (slot_writer.cpp and its neighbours). Documented in docs/ref/rings.md,
 * which a test compares with ltn_layout_fields().
 */
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "lanthorn/rings.h"

namespace lanthorn::layout {

inline constexpr uint64_t kPageBytes = 4096;
inline constexpr uint32_t kVersion = 1;
inline constexpr char kRingMagic[8] = {'L', 'T', 'N', 'R', 'I', 'N', 'G', '\0'};
inline constexpr char kLeaseMagic[8] = {'L', 'T', 'N', 'L', 'E', 'A', 'S', 'E'};

inline constexpr uint32_t kKindSlots = 1;
inline constexpr uint32_t kKindBytes = 2;

inline constexpr uint32_t kStateLive = 1;
inline constexpr uint32_t kStateClosed = 2;

inline constexpr uint32_t kMinSlots = 3;     // the newest, one being written, one that somebody leases
inline constexpr uint32_t kMaxSlots = 64;    // one bit each in a reader's lease word
inline constexpr uint32_t kSlotBits = 6;     // 2^6 = kMaxSlots; the low bits of RingHeader::newest
inline constexpr uint32_t kMaxReaders = 63;  // 64 header + 63 * 64 = one page
inline constexpr uint64_t kRecordAlignBytes = 64;
inline constexpr uint64_t kMinCapacityBytes = 4096;
inline constexpr uint64_t kMaxObjectBytes = uint64_t{1} << 40;
inline constexpr uint64_t kNoPosition = UINT64_MAX;

/** First page of every ring object. Only the writer writes it; readers map it read-only. */
struct RingHeader {
  char magic[8];
  uint32_t version;
  uint32_t kind;
  uint64_t total_bytes;
  uint64_t incarnation;
  int64_t created_wall_us;
  uint64_t writer_start_ticks;
  uint32_t writer_pid;
  uint32_t slots;
  uint64_t slot_bytes;
  uint64_t table_offset_bytes;
  uint64_t data_offset_bytes;
  uint64_t capacity_bytes;
  uint8_t reserved0[40];

  // One cache line each for what different events touch: a sleeping reader's line is not the one append writes twice.
  alignas(64) std::atomic<uint32_t> wake;
  std::atomic<uint32_t> state;
  uint8_t reserved1[56];

  std::atomic<uint64_t> newest;  // slot ring: sequence << 6 | slot; 0 while nothing is published
  std::atomic<uint64_t> busy;    // slot ring: frames the writer dropped because no slot was free; for people
  uint8_t reserved2[48];

  std::atomic<uint64_t> head;              // byte ring: position after the newest record
  std::atomic<uint64_t> tail;              // byte ring: position of the oldest whole record
  std::atomic<uint64_t> writing_sequence;  // byte ring: sequence of the append begun last
  std::atomic<uint64_t> last_sequence;     // byte ring: sequence of the append finished last
  std::atomic<uint64_t> newest_key;        // byte ring: position of the newest key record; kNoPosition: none
  uint8_t reserved3[24];

  std::atomic<uint32_t> description_stamp;  // even: stable, version = stamp / 2; odd: being written
  std::atomic<uint32_t> description_bytes;
  uint8_t reserved4[kPageBytes - 328];
};

inline constexpr uint64_t kDescriptionOffsetBytes = kPageBytes;
inline constexpr uint64_t kTableOffsetBytes = kDescriptionOffsetBytes + LTN_DESCRIPTION_MAX_BYTES;  // 4096 + 16384

/** Bits of a slot's stamp; the rest is its generation. A claimed slot's frame is still whole, but may not be leased any
 * more. */
inline constexpr uint64_t kStampWriting = 1;
inline constexpr uint64_t kStampClaimed = 2;
inline constexpr uint64_t kStampStep = 4;

/** One slot's stamp and description. */
struct SlotEntry {
  std::atomic<uint64_t> stamp;  // kStampWriting, kStampClaimed, + kStampStep for every use of the slot
  uint8_t reserved0[56];
  ltn_frame_t frame;
  uint8_t reserved1[32];
};

/** Head of each record of a byte ring; a padding record (kind 2) has only the first 64 bytes. */
struct RecordHead {
  uint64_t position;     // absolute; equals where it was looked for, or the record is not this one any more
  uint32_t total_bytes;  // head + payload + padding, a multiple of 64
  uint32_t kind;         // kRecordData or kRecordPadding
  ltn_record_t record;
  uint8_t reserved[40];
};

inline constexpr uint32_t kRecordData = 1;
inline constexpr uint32_t kRecordPadding = 2;

/** Start of `<name>.leases`, the one object that readers may write. */
struct LeaseHeader {
  char magic[8];
  uint32_t version;
  uint32_t readers;
  uint64_t incarnation;
  uint8_t reserved[40];
};

/** One reader: its presence is an OFD write lock on the first byte of its entry, which the kernel drops when it dies.
 */
struct ReaderEntry {
  std::atomic<uint64_t> leased_slots;  // bit i: slot i is leased
  std::atomic<int64_t> last_asked_mono_ns;
  uint64_t start_ticks;
  uint32_t pid;
  uint32_t reserved0;
  char program[16];
  std::atomic<uint64_t> taken;   // frames this reader took; for people
  std::atomic<uint64_t> missed;  // frames published between two that it took; for people
};

static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint32_t>::is_always_lock_free,
              "atomics with hidden locks cannot be shared between processes");
static_assert(std::atomic<int64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == 8 &&
              sizeof(std::atomic<uint32_t>) == 4);

static_assert(sizeof(RingHeader) == kPageBytes);
static_assert(offsetof(RingHeader, magic) == 0 && offsetof(RingHeader, version) == 8);
static_assert(offsetof(RingHeader, kind) == 12 && offsetof(RingHeader, total_bytes) == 16);
static_assert(offsetof(RingHeader, incarnation) == 24 && offsetof(RingHeader, created_wall_us) == 32);
static_assert(offsetof(RingHeader, writer_start_ticks) == 40 && offsetof(RingHeader, writer_pid) == 48);
static_assert(offsetof(RingHeader, slots) == 52 && offsetof(RingHeader, slot_bytes) == 56);
static_assert(offsetof(RingHeader, table_offset_bytes) == 64 && offsetof(RingHeader, data_offset_bytes) == 72);
static_assert(offsetof(RingHeader, capacity_bytes) == 80);
static_assert(offsetof(RingHeader, wake) == 128 && offsetof(RingHeader, state) == 132);
static_assert(offsetof(RingHeader, newest) == 192 && offsetof(RingHeader, busy) == 200);
static_assert(offsetof(RingHeader, head) == 256 && offsetof(RingHeader, tail) == 264);
static_assert(offsetof(RingHeader, writing_sequence) == 272 && offsetof(RingHeader, last_sequence) == 280);
static_assert(offsetof(RingHeader, newest_key) == 288);
static_assert(offsetof(RingHeader, description_stamp) == 320 && offsetof(RingHeader, description_bytes) == 324);

static_assert(sizeof(ltn_frame_t) == 160 && offsetof(ltn_frame_t, width_px) == 56);
static_assert(offsetof(ltn_frame_t, plane_offset_bytes) == 72 && offsetof(ltn_frame_t, plane_stride_bytes) == 88);
static_assert(offsetof(ltn_frame_t, bytes) == 104 && offsetof(ltn_frame_t, pixel_format) == 112);
static_assert(sizeof(SlotEntry) == 256 && offsetof(SlotEntry, stamp) == 0 && offsetof(SlotEntry, frame) == 64);
static_assert(kTableOffsetBytes == 20480);

static_assert(sizeof(ltn_record_t) == 72 && offsetof(ltn_record_t, duration_90k) == 48);
static_assert(offsetof(ltn_record_t, payload_bytes) == 68);
static_assert(sizeof(RecordHead) == 128 && offsetof(RecordHead, position) == 0);
static_assert(offsetof(RecordHead, total_bytes) == 8 && offsetof(RecordHead, kind) == 12);
static_assert(offsetof(RecordHead, record) == 16);

static_assert(sizeof(LeaseHeader) == 64 && offsetof(LeaseHeader, incarnation) == 16);
static_assert(sizeof(ReaderEntry) == 64 && offsetof(ReaderEntry, leased_slots) == 0);
static_assert(offsetof(ReaderEntry, last_asked_mono_ns) == 8 && offsetof(ReaderEntry, start_ticks) == 16);
static_assert(offsetof(ReaderEntry, pid) == 24 && offsetof(ReaderEntry, program) == 32);
static_assert(offsetof(ReaderEntry, taken) == 48 && offsetof(ReaderEntry, missed) == 56);
inline constexpr uint64_t kLeaseObjectBytes = sizeof(LeaseHeader) + kMaxReaders * sizeof(ReaderEntry);
static_assert(kLeaseObjectBytes == kPageBytes);

inline constexpr uint64_t round_up(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/** Where the parts of a ring lie; follows from kind, slots, slot_bytes and capacity_bytes alone. */
struct Geometry {
  uint32_t kind = 0;
  uint32_t slots = 0;
  uint64_t slot_bytes = 0;
  uint64_t capacity_bytes = 0;

  uint64_t data_offset_bytes() const {
    return kind == kKindSlots ? round_up(kTableOffsetBytes + slots * sizeof(SlotEntry), kPageBytes) : kTableOffsetBytes;
  }
  uint64_t total_bytes() const {
    return data_offset_bytes() + (kind == kKindSlots ? slots * slot_bytes : capacity_bytes);
  }
  /** Whether a writer of this version could have made it; bounds every later offset computation. */
  bool is_valid() const {
    if (kind == kKindSlots) {
      return slots >= kMinSlots && slots <= kMaxSlots && slot_bytes > 0 && slot_bytes % kPageBytes == 0 &&
             slot_bytes <= kMaxObjectBytes / kMaxSlots && capacity_bytes == 0;
    }
    return kind == kKindBytes && slots == 0 && slot_bytes == 0 && capacity_bytes >= kMinCapacityBytes &&
           capacity_bytes <= kMaxObjectBytes && (capacity_bytes & (capacity_bytes - 1)) == 0;
  }
};

}  // namespace lanthorn::layout
