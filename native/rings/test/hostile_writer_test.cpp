/** A writer that writes anything anywhere: readers answer with a status, and never leave the mapping (ASan watches). */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <random>

#include "layout.hpp"
#include "ring_fixture.hpp"

using namespace rings_test;
using namespace lanthorn::layout;

namespace {

/** The ring's bytes, writable, as a compromised writer has them. */
class Vandal {
 public:
  explicit Vandal(const std::string &name) {
    int fd = open(("/dev/shm/" + name).c_str(), O_RDWR);
    struct stat facts = {};
    REQUIRE(fstat(fd, &facts) == 0);
    bytes = static_cast<size_t>(facts.st_size);
    memory = static_cast<uint8_t *>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    close(fd);
    original.assign(memory, memory + bytes);
  }
  ~Vandal() {
    repair();
    munmap(memory, bytes);
  }
  void repair() { std::memcpy(memory, original.data(), bytes); }

  uint8_t *memory;
  size_t bytes;
  std::vector<uint8_t> original;
};

/** Values that break naive arithmetic more often than random ones. */
uint64_t nasty(std::mt19937_64 &random) {
  static constexpr uint64_t kValues[] = {
      0, 1, 63, 64, 127, 128, 4095, 4096, 65536, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX - 63, UINT64_MAX};
  return random() % 2 == 0 ? kValues[random() % std::size(kValues)] : random() >> (random() % 64);
}

void damage(Vandal &ring, std::mt19937_64 &random, size_t from, size_t to) {
  size_t changes = 1 + random() % 4;
  for (size_t i = 0; i < changes; i++) {
    uint64_t value = nasty(random);
    size_t at = from + random() % (to - from - 8);
    std::memcpy(ring.memory + (random() % 4 == 0 ? at : at / 8 * 8), &value, sizeof value);
  }
}

void read_frames(ltn_slot_reader_h *reader) {
  ltn_frame_t frame = {};
  std::vector<uint8_t> copy(4096);
  if (ltn_slot_reader_copy_newest(reader, 0, &frame, copy.data(), copy.size()) == LTN_OK) {
    REQUIRE(frame.bytes <= copy.size());
    REQUIRE(frame.planes <= 4);
  }
  const uint8_t *bytes = nullptr;
  ltn_lease_h *lease = nullptr;
  if (ltn_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease) == LTN_OK) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < frame.bytes; i++) {
      sum += bytes[i];
    }
    REQUIRE(sum < UINT64_MAX);
    ltn_lease_release(lease);
  }
  char text[LTN_DESCRIPTION_MAX_BYTES];
  size_t size = 0;
  ltn_slot_reader_description(reader, text, sizeof text, &size);
}

void read_records(ltn_byte_reader_h *reader) {
  std::vector<uint8_t> buffer(8192);
  for (int whence = LTN_SEEK_OLDEST; whence <= LTN_SEEK_SEQUENCE; whence++) {
    ltn_byte_reader_seek(reader, whence, 7);
    for (int i = 0; i < 200; i++) {
      ltn_record_t record = {};
      uint64_t dropped = 0;
      ltn_status_e status = ltn_byte_reader_next(reader, &record, buffer.data(), buffer.size(), &dropped);
      if (status != LTN_OK && status != LTN_E_OVERRUN) {
        break;
      }
    }
  }
  ltn_byte_reader_wait(reader, 0);
}

}  // namespace

TEST_CASE("no bytes in a slot ring's header, table or description crash a reader") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 4, 4096);
  publish_filled(writer.get(), 4096, 1);
  ltn_slot_writer_describe(writer.get(), "{}", 2);
  SlotReader before = slot_reader(name);  // opened while all was well
  Vandal ring(name);
  std::mt19937_64 random(20260101);
  int refused = 0;
  for (int i = 0; i < 3000; i++) {
    // Half of the rounds hit the live words only, which a reader looks at again and again.
    bool live_words = random() % 2 == 0;
    damage(ring, random, live_words ? 128 : 0, live_words ? 448 : kTableOffsetBytes + 4 * sizeof(SlotEntry));
    read_frames(before.get());
    ltn_slot_reader_h *after = nullptr;
    if (ltn_slot_reader_open(name.c_str(), &after) == LTN_OK) {
      read_frames(after);
      ltn_slot_reader_close(after);
    } else {
      refused++;
    }
    ring.repair();
  }
  CHECK(refused > 0);
  read_frames(before.get());
}

TEST_CASE("no bytes in a byte ring's header or records crash a reader") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 8192);
  std::vector<uint8_t> payload(300, 7);
  for (int i = 0; i < 40; i++) {
    ltn_record_t record = packet(static_cast<uint32_t>(i * 7), i % 5 == 0 ? LTN_RECORD_KEY : 0);
    REQUIRE(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_OK);
  }
  ByteReader before = byte_reader(name);
  Vandal ring(name);
  std::mt19937_64 random(20260102);
  int refused = 0;
  for (int i = 0; i < 3000; i++) {
    switch (random() % 3) {
      case 0:
        damage(ring, random, 0, 448);
        break;
      case 1:
        damage(ring, random, 256, 320);
        break;
      default:
        damage(ring, random, kTableOffsetBytes, ring.bytes);
    }
    read_records(before.get());
    ltn_byte_reader_h *after = nullptr;
    if (ltn_byte_reader_open(name.c_str(), &after) == LTN_OK) {
      read_records(after);
      ltn_byte_reader_close(after);
    } else {
      refused++;
    }
    ring.repair();
    ltn_byte_reader_seek(before.get(), LTN_SEEK_OLDEST, 0);
  }
  CHECK(refused > 0);
}

TEST_CASE("a frame whose planes leave its slot is CORRUPT, whatever field lies") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 4096);
  publish_filled(writer.get(), 4096, 1);
  SlotReader reader = slot_reader(name);
  Vandal ring(name);
  auto *header = reinterpret_cast<RingHeader *>(ring.memory);
  uint64_t slot = header->newest.load() & (kMaxSlots - 1);
  auto *entry = reinterpret_cast<SlotEntry *>(ring.memory + kTableOffsetBytes) + slot;
  ltn_frame_t good = entry->frame;
  auto status_with = [&](auto change) {
    entry->frame = good;
    change(entry->frame);
    ltn_frame_t frame = {};
    std::vector<uint8_t> copy(4096);
    ltn_status_e status = ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), copy.size());
    entry->frame = good;
    return status;
  };
  CHECK(status_with([](ltn_frame_t &) {}) == LTN_OK);
  CHECK(status_with([](ltn_frame_t &f) { f.bytes = 4097; }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.planes = 5; }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.planes = 2; }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.height_px = 2; }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.plane_offset_bytes[0] = 1; }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.plane_stride_bytes[0] = UINT32_MAX, f.height_px = UINT32_MAX; }) ==
        LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { std::memset(f.pixel_format, 'x', sizeof f.pixel_format); }) == LTN_E_CORRUPT);
  CHECK(status_with([](ltn_frame_t &f) { f.sequence = 0; }) == LTN_E_CORRUPT);
}
