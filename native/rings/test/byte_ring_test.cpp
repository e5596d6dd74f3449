#include "ring_fixture.hpp"

using namespace rings_test;

namespace {

uint64_t append_filled(ltn_byte_writer_h *writer, uint32_t bytes, uint8_t value, uint32_t flags = 0) {
  std::vector<uint8_t> payload(bytes, value);
  ltn_record_t record = packet(bytes, flags);
  REQUIRE_MESSAGE(ltn_byte_writer_append(writer, &record, payload.data()) == LTN_OK, ltn_last_error());
  return record.sequence;
}

ltn_status_e next(ltn_byte_reader_h *reader, ltn_record_t *record, std::vector<uint8_t> *payload, uint64_t *dropped) {
  payload->assign(65536, 0);
  ltn_status_e status = ltn_byte_reader_next(reader, record, payload->data(), payload->size(), dropped);
  payload->resize(status == LTN_OK ? record->payload_bytes : 0);
  return status;
}

}  // namespace

TEST_CASE("records come in order, whole, with their description's version") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 100000);
  ByteReader reader = byte_reader(name);
  REQUIRE(ltn_byte_writer_describe(writer.get(), "{\"a\":1}", 7) == LTN_OK);
  for (int i = 1; i <= 10; i++) {
    append_filled(writer.get(), static_cast<uint32_t>(i * 100), static_cast<uint8_t>(i));
  }
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  for (int i = 1; i <= 10; i++) {
    REQUIRE(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
    CHECK(record.sequence == static_cast<uint64_t>(i));
    CHECK(record.description_version == 1);
    CHECK(payload == std::vector<uint8_t>(static_cast<size_t>(i) * 100, static_cast<uint8_t>(i)));
  }
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_AGAIN);
  char text[64];
  size_t bytes = 0;
  uint32_t version = 0;
  CHECK(ltn_byte_reader_description(reader.get(), text, sizeof text, &bytes, &version) == LTN_OK);
  CHECK(std::string(text, bytes) == "{\"a\":1}");
  CHECK(version == 1);
  CHECK(ltn_byte_reader_description(reader.get(), text, 3, &bytes, &version) == LTN_E_BUFFER_TOO_SMALL);
  CHECK(bytes == 7);
}

TEST_CASE("a lapped reader learns how many records it lost, exactly") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  ByteReader reader = byte_reader(name);
  uint64_t last = 0;
  for (int i = 0; i < 1000; i++) {
    last = append_filled(writer.get(), 50 + static_cast<uint32_t>(i) % 200, static_cast<uint8_t>(i));
  }
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  REQUIRE(next(reader.get(), &record, &payload, &dropped) == LTN_E_OVERRUN);
  uint64_t lost = dropped;
  uint64_t read = 0;
  while (next(reader.get(), &record, &payload, &dropped) == LTN_OK) {
    if (read == 0) {
      CHECK(record.sequence == lost + 1);
    }
    CHECK(payload == std::vector<uint8_t>(record.payload_bytes, static_cast<uint8_t>(record.sequence - 1)));
    read++;
  }
  CHECK(read > 5);
  CHECK(lost + read == last);
}

TEST_CASE("a ring that grows loses no record, and readers go over by themselves") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  ByteReader reader = byte_reader(name);   // reads all the time
  ByteReader sleeper = byte_reader(name);  // stands still until the end
  REQUIRE(ltn_byte_writer_describe(writer.get(), "{\"a\":1}", 7) == LTN_OK);
  const uint64_t incarnation = ltn_byte_reader_incarnation(reader.get());
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  uint64_t last = 0;
  uint64_t read = 0;
  uint64_t key = 0;
  for (int i = 0; i < 400; i++) {
    if (i == 10 || i == 45 || i == 130 || i == 300) {
      REQUIRE_MESSAGE(ltn_byte_writer_grow(writer.get(), uint64_t{4096} << (1 + i / 100 * 3)) == LTN_OK,
                      ltn_last_error());
    }
    last = append_filled(writer.get(), 50 + static_cast<uint32_t>(i) % 200, static_cast<uint8_t>(i),
                         i % 20 == 0 ? LTN_RECORD_KEY : 0);
    key = i % 20 == 0 ? last : key;
    while (i % 7 == 0 && next(reader.get(), &record, &payload, &dropped) == LTN_OK) {
      REQUIRE(record.sequence == ++read);
      REQUIRE(record.description_version == 1);
      CHECK(payload == std::vector<uint8_t>(record.payload_bytes, static_cast<uint8_t>(record.sequence - 1)));
    }
  }
  while (next(reader.get(), &record, &payload, &dropped) == LTN_OK) {
    CHECK(record.sequence == ++read);
  }
  CHECK(read == last);
  CHECK(ltn_byte_reader_incarnation(reader.get()) == incarnation);
  ltn_extent_t extent = {};
  ltn_byte_writer_extent(writer.get(), &extent);
  CHECK(extent.capacity_bytes == uint64_t{4096} << 10);

  REQUIRE(ltn_byte_reader_seek(sleeper.get(), LTN_SEEK_NEWEST_KEY, 0) == LTN_OK);
  REQUIRE(next(sleeper.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence == key);
  REQUIRE(ltn_byte_reader_seek(sleeper.get(), LTN_SEEK_OLDEST, 0) == LTN_OK);
  REQUIRE(next(sleeper.get(), &record, &payload, &dropped) == LTN_OK);
  uint64_t oldest = record.sequence;
  ByteReader late = byte_reader(name);
  REQUIRE(next(late.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence == oldest);
  writer.reset();
  while (next(sleeper.get(), &record, &payload, &dropped) == LTN_OK) {
    CHECK(record.sequence == ++oldest);
  }
  CHECK(oldest == last);
  CHECK(next(sleeper.get(), &record, &payload, &dropped) == LTN_E_GONE);
  CHECK(ltn_byte_reader_wait(sleeper.get(), 0) == LTN_E_GONE);
}

TEST_CASE("a ring refuses to become smaller or larger than there is room, and stays as it is") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 8192);
  ByteReader reader = byte_reader(name);
  append_filled(writer.get(), 100, 1);
  CHECK(ltn_byte_writer_grow(writer.get(), 4096) == LTN_OK);  // nothing to do
  CHECK(ltn_byte_writer_grow(writer.get(), 0) == LTN_E_INVALID_ARGUMENT);
  CHECK(ltn_byte_writer_grow(writer.get(), uint64_t{1} << 40) == LTN_E_NO_SPACE);
  CHECK(std::string(ltn_last_error()).find("1099511648256 bytes") != std::string::npos);
  ltn_extent_t extent = {};
  ltn_byte_writer_extent(writer.get(), &extent);
  CHECK(extent.capacity_bytes == 8192);
  append_filled(writer.get(), 100, 2);
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  const std::string left_over = "/dev/shm/" + name + ".larger";  // by a writer killed while its ring grew
  FILE *file = fopen(left_over.c_str(), "w");
  REQUIRE(file != nullptr);
  fclose(file);
  CHECK(ltn_byte_writer_grow(writer.get(), 16384) == LTN_OK);
  CHECK(access(left_over.c_str(), F_OK) != 0);
  // Somebody removed the name by hand: what comes under it later is not ours.
  REQUIRE(unlink(("/dev/shm/" + name).c_str()) == 0);
  CHECK(ltn_byte_writer_grow(writer.get(), 32768) == LTN_E_EXISTS);
}

TEST_CASE("seek finds the oldest, the newest key, the end and a sequence") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 8192);
  ByteReader reader = byte_reader(name);
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_NEWEST_KEY, 0) == LTN_OK);  // none yet: the end
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_AGAIN);
  for (uint64_t i = 1; i <= 20; i++) {
    append_filled(writer.get(), 64, static_cast<uint8_t>(i), i % 8 == 0 ? LTN_RECORD_KEY : 0);
  }
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_NEWEST_KEY, 0) == LTN_OK);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence == 16);
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_OLDEST, 0) == LTN_OK);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence == 1);
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_SEQUENCE, 13) == LTN_OK);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence == 13);
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_END, 0) == LTN_OK);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_AGAIN);
  for (int i = 0; i < 200; i++) {
    append_filled(writer.get(), 64, 1);
  }
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_OVERRUN);
  CHECK(dropped > 100);
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_NEWEST_KEY, 0) == LTN_OK);  // overwritten: the end
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_AGAIN);
  CHECK(ltn_byte_reader_seek(reader.get(), LTN_SEEK_SEQUENCE, 5) == LTN_OK);  // overwritten: the oldest after it
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  CHECK(record.sequence > 100);
  CHECK(ltn_byte_reader_seek(reader.get(), 9, 0) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("a record of half the ring fits, a larger one is refused") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  std::vector<uint8_t> payload(4096);
  ltn_record_t record = packet(2048 - 128);
  CHECK(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_OK);
  record = packet(2048 - 127);
  CHECK(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_E_INVALID_ARGUMENT);
  record = packet(UINT32_MAX);
  CHECK(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("an empty payload is a record too") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  ByteReader reader = byte_reader(name);
  ltn_record_t record = packet(0);
  CHECK(ltn_byte_writer_append(writer.get(), &record, nullptr) == LTN_OK);
  uint64_t dropped = 0;
  CHECK(ltn_byte_reader_next(reader.get(), &record, nullptr, 0, &dropped) == LTN_OK);
}

TEST_CASE("after the writer was killed everything whole is still read, then the ring is gone") {
  std::string name = unique_name();
  Child child([&] {
    ltn_byte_writer_h *writer = nullptr;
    ltn_byte_writer_open(name.c_str(), 65536, &writer);
    for (int i = 0; i < 5; i++) {
      ltn_record_t record = packet(10);
      ltn_byte_writer_append(writer, &record, reinterpret_cast<const uint8_t *>("0123456789"));
    }
  });
  ltn_byte_reader_h *raw = nullptr;
  while (ltn_byte_reader_open(name.c_str(), &raw) != LTN_OK) {
    usleep(1000);
  }
  ByteReader reader(raw);
  while (ltn_byte_reader_seek(reader.get(), LTN_SEEK_SEQUENCE, 5) == LTN_OK &&
         ltn_byte_reader_wait(reader.get(), 0) != LTN_OK) {
    usleep(1000);
  }
  ltn_byte_reader_seek(reader.get(), LTN_SEEK_OLDEST, 0);
  child.kill_now();
  ltn_record_t record = {};
  std::vector<uint8_t> payload;
  uint64_t dropped = 0;
  for (int i = 0; i < 5; i++) {
    CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_OK);
  }
  CHECK(ltn_byte_reader_wait(reader.get(), 10000) == LTN_E_GONE);
  CHECK(next(reader.get(), &record, &payload, &dropped) == LTN_E_GONE);
  byte_writer(name, 4096);  // an heir takes the name, and leaves nothing when it closes
  CHECK(access(("/dev/shm/" + name).c_str(), F_OK) != 0);
}

TEST_CASE("a ring is not opened as the other shape, nor a file that is no ring") {
  std::string name = unique_name();
  ltn_slot_reader_h *slots = nullptr;
  ltn_byte_reader_h *bytes = nullptr;
  CHECK(ltn_byte_reader_open(name.c_str(), &bytes) == LTN_E_NOT_FOUND);
  {
    ByteWriter writer = byte_writer(name, 4096);
    CHECK(ltn_slot_reader_open(name.c_str(), &slots) == LTN_E_INVALID_ARGUMENT);
    ltn_ring_info_t info = {};
    CHECK(ltn_ring_inspect(name.c_str(), &info) == LTN_OK);
    CHECK(info.kind == LTN_RING_BYTES);
    CHECK(info.alive == 1);
    CHECK(info.writer_pid == static_cast<uint32_t>(getpid()));
  }
  FILE *file = fopen(("/dev/shm/" + name).c_str(), "w");
  fputs("not a ring", file);
  fclose(file);
  CHECK(ltn_byte_reader_open(name.c_str(), &bytes) == LTN_E_CORRUPT);
  byte_writer(name, 4096);  // what a dead program left under our name is replaced
}
