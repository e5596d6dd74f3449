/** What tools see of a ring and what they may remove. Races with real processes: removal_race_test.cpp. */
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "ring_fixture.hpp"

using namespace rings_test;

namespace {

struct Leased {
  ltn_frame_t frame = {};
  Lease lease;
};

Leased lease_newest(ltn_slot_reader_h *reader, uint64_t after = 0) {
  Leased out;
  const uint8_t *bytes = nullptr;
  ltn_lease_h *raw = nullptr;
  REQUIRE_MESSAGE(ltn_slot_reader_lease_newest(reader, after, &out.frame, &bytes, &raw) == LTN_OK, ltn_last_error());
  out.lease.reset(raw);
  return out;
}

std::vector<ltn_ring_reader_t> readers_of(const std::string &name) {
  std::vector<ltn_ring_reader_t> readers(LTN_MAX_READERS);
  size_t count = 0;
  REQUIRE_MESSAGE(ltn_ring_readers(name.c_str(), readers.data(), readers.size(), &count) == LTN_OK, ltn_last_error());
  readers.resize(count);
  return readers;
}

bool exists(const std::string &object) { return access(("/dev/shm/" + object).c_str(), F_OK) == 0; }

/** A ring whose writer was killed; one frame of it is published. */
void leave_dead_slots(const std::string &name) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  Child child([&] {
    ltn_slot_writer_h *writer = nullptr;
    ltn_slot_writer_open(name.c_str(), 3, 100, &writer);
    publish_filled(writer, 100, 1);
    [[maybe_unused]] ssize_t told = write(ready[1], "r", 1);
  });
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  child.kill_now();
  close(ready[0]);
  close(ready[1]);
}

void write_object(const std::string &object, const std::string &bytes) {
  std::ofstream("/dev/shm/" + object, std::ios::binary) << bytes;
}

std::string read_object(const std::string &object) {
  std::ifstream in("/dev/shm/" + object, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

TEST_CASE("the header counts frames dropped for want of a slot") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  uint32_t slot = 0;
  uint8_t *memory = nullptr;
  for (int i = 0; i < 3; i++) {
    REQUIRE(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_OK);
  }
  ltn_ring_info_t info = {};
  REQUIRE(ltn_ring_inspect(name.c_str(), &info) == LTN_OK);
  CHECK(info.busy == 0);
  for (int i = 0; i < 2; i++) {
    CHECK(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_E_BUSY);
  }
  REQUIRE(ltn_ring_inspect(name.c_str(), &info) == LTN_OK);
  CHECK(info.busy == 2);
}

TEST_CASE("inspect tells head and tail of a byte ring") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  ltn_record_t record = packet(1000);
  std::vector<uint8_t> payload(1000);
  for (int i = 0; i < 5; i++) {
    REQUIRE(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_OK);
  }
  ltn_ring_info_t info = {};
  REQUIRE(ltn_ring_inspect(name.c_str(), &info) == LTN_OK);
  CHECK(info.head_bytes > info.tail_bytes);
  CHECK(info.tail_bytes > 0);
  CHECK(info.head_bytes - info.tail_bytes <= 4096);
}

TEST_CASE("a reader's seat tells who it is, what it leases, what it took and what it missed") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 4, 100);
  SlotReader reader = slot_reader(name);
  publish_filled(writer.get(), 100, 1);
  Leased first = lease_newest(reader.get());
  for (int i = 2; i <= 5; i++) {
    publish_filled(writer.get(), 100, static_cast<uint8_t>(i));
  }
  ltn_frame_t frame = {};
  std::vector<uint8_t> copy(100);
  REQUIRE(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), copy.size()) == LTN_OK);
  const uint8_t *bytes = nullptr;
  ltn_sight_t sight = {};
  REQUIRE(ltn_slot_reader_peek_newest(reader.get(), 0, &frame, &bytes, &sight) == LTN_OK);  // the same: counted once
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 5, &frame, copy.data(), copy.size()) == LTN_E_AGAIN);
  std::vector<ltn_ring_reader_t> readers = readers_of(name);
  REQUIRE(readers.size() == 1);
  CHECK(readers[0].alive == 1);
  CHECK(readers[0].pid == static_cast<uint32_t>(getpid()));
  CHECK(std::string(readers[0].program) == std::string(program_invocation_short_name).substr(0, 15));
  CHECK(__builtin_popcountll(readers[0].leased_slots) == 1);
  CHECK(readers[0].last_asked_mono_ns > 0);
  CHECK(readers[0].taken == 2);   // frames 1 and 5
  CHECK(readers[0].missed == 3);  // frames 2, 3 and 4
  first.lease.reset();
  reader.reset();
  CHECK(readers_of(name).empty());
  SlotReader heir = slot_reader(name);
  CHECK(readers_of(name).at(0).taken == 0);
}

TEST_CASE("a failed copy counts nothing") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  SlotReader reader = slot_reader(name);
  publish_filled(writer.get(), 100, 1);
  ltn_frame_t frame = {};
  uint8_t byte = 0;
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, &byte, 1) == LTN_E_BUFFER_TOO_SMALL);
  CHECK(readers_of(name).at(0).taken == 0);
}

TEST_CASE("too small an array is told how many readers there are") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  SlotReader one = slot_reader(name);
  SlotReader two = slot_reader(name);
  ltn_ring_reader_t seat = {};
  size_t count = 0;
  CHECK(ltn_ring_readers(name.c_str(), &seat, 1, &count) == LTN_E_BUFFER_TOO_SMALL);
  CHECK(count == 2);
  CHECK(seat.seat == 0);
}

TEST_CASE("readers of what is no slot ring: none of a byte ring, NOT_FOUND, CORRUPT") {
  std::string name = unique_name();
  size_t count = 7;
  CHECK(ltn_ring_readers(name.c_str(), nullptr, 0, &count) == LTN_E_NOT_FOUND);
  ByteWriter writer = byte_writer(name, 4096);
  CHECK(ltn_ring_readers(name.c_str(), nullptr, 0, &count) == LTN_OK);
  CHECK(count == 0);
  std::string slots = unique_name();
  SlotWriter slot = slot_writer(slots, 3, 100);
  REQUIRE(truncate(("/dev/shm/" + slots + ".leases").c_str(), 100) == 0);
  CHECK(ltn_ring_readers(slots.c_str(), nullptr, 0, &count) == LTN_E_CORRUPT);
}

TEST_CASE("an observer sees frames, is no reader to the writer, takes no seat and cannot lease") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  publish_filled(writer.get(), 100, 9);
  ltn_slot_reader_h *raw = nullptr;
  REQUIRE(ltn_slot_observer_open(name.c_str(), &raw) == LTN_OK);
  SlotReader observer(raw);
  ltn_frame_t frame = {};
  const uint8_t *bytes = nullptr;
  ltn_sight_t sight = {};
  REQUIRE(ltn_slot_reader_peek_newest(observer.get(), 0, &frame, &bytes, &sight) == LTN_OK);
  CHECK(bytes[0] == 9);
  CHECK(ltn_slot_reader_is_whole(observer.get(), &sight) == 1);
  CHECK(ltn_slot_reader_wait(observer.get(), 1, 1) == LTN_E_TIMEOUT);
  uint32_t readers = 7;
  CHECK(ltn_slot_writer_readers(writer.get(), &readers) == LTN_OK);
  CHECK(readers == 0);
  CHECK(readers_of(name).empty());
  ltn_lease_h *lease = nullptr;
  CHECK(ltn_slot_reader_lease_newest(observer.get(), 0, &frame, &bytes, &lease) == LTN_E_INVALID_ARGUMENT);
  CHECK(std::string(ltn_last_error()).find("observe") != std::string::npos);
}

TEST_CASE("the leases of a killed reader are listed as dead and can be freed; those of the living stay") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 5, 100);
  publish_filled(writer.get(), 100, 1);
  SlotReader reader = slot_reader(name);
  Leased held = lease_newest(reader.get());
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  Child child([&] {
    SlotReader own = slot_reader(name);
    Leased leased = lease_newest(own.get());
    [[maybe_unused]] ssize_t told = write(ready[1], "r", 1);
    for (;;) {
      pause();
    }
  });
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(readers_of(name).size() == 2);
  uint32_t freed = 7;
  CHECK(ltn_ring_free_dead_seats(name.c_str(), &freed) == LTN_OK);
  CHECK(freed == 0);
  child.kill_now();
  std::vector<ltn_ring_reader_t> readers = readers_of(name);
  REQUIRE(readers.size() == 2);
  CHECK(readers[0].alive + readers[1].alive == 1);
  CHECK(ltn_ring_free_dead_seats(name.c_str(), &freed) == LTN_OK);
  CHECK(freed == 1);
  readers = readers_of(name);
  REQUIRE(readers.size() == 1);
  CHECK(readers[0].alive == 1);
  CHECK(readers[0].leased_slots != 0);
  CHECK(ltn_lease_is_whole(held.lease.get()) == 1);
}

TEST_CASE("a dead ring is removed with its lease object, its readers are told, a live one is not touched") {
  std::string name = unique_name();
  uint64_t freed = 7;
  CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_NOT_FOUND);
  {
    SlotWriter live = slot_writer(name, 3, 100);
    CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_EXISTS);
    CHECK(freed == 0);
    CHECK(exists(name));
    CHECK(exists(name + ".leases"));
    publish_filled(live.get(), 100, 1);
  }
  leave_dead_slots(name);
  SlotReader reader = slot_reader(name);
  Leased held = lease_newest(reader.get());
  ltn_ring_info_t info = {};
  REQUIRE(ltn_ring_inspect(name.c_str(), &info) == LTN_OK);
  REQUIRE_MESSAGE(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_OK, ltn_last_error());
  CHECK(freed == info.total_bytes + 4096);
  CHECK(!exists(name));
  CHECK(!exists(name + ".leases"));
  CHECK(ltn_slot_reader_wait(reader.get(), 1, 5000) == LTN_E_GONE);
  CHECK(ltn_lease_is_whole(held.lease.get()) == 1);
  CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_NOT_FOUND);
}

TEST_CASE("a lease object without its ring is removed, unless a reader sits in it or it is none") {
  std::string name = unique_name();
  leave_dead_slots(name);
  uint64_t freed = 0;
  {
    SlotReader reader = slot_reader(name);
    REQUIRE(unlink(("/dev/shm/" + name).c_str()) == 0);
    CHECK(readers_of(name).size() == 1);
    CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_EXISTS);
    CHECK(exists(name + ".leases"));
  }
  REQUIRE_MESSAGE(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_OK, ltn_last_error());
  CHECK(freed == 4096);
  CHECK(!exists(name));
  CHECK(!exists(name + ".leases"));
  write_object(name + ".leases", std::string(4096, 'x'));
  CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_CORRUPT);
  CHECK(read_object(name + ".leases") == std::string(4096, 'x'));
  unlink(("/dev/shm/" + name + ".leases").c_str());
}

TEST_CASE("what only looks like a ring is left alone, byte for byte") {
  std::string name = unique_name();
  leave_dead_slots(name);
  const std::string ring = read_object(name);
  uint64_t freed = 0;
  REQUIRE(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_OK);
  std::string later_version = ring;
  later_version[8] = 2;
  std::string other_size = ring + std::string(4096, '\0');
  std::string no_slots = ring;
  no_slots[52] = 0;
  for (const std::string &bytes : {std::string("somebody's file"), std::string(), std::string("LTNRING\0", 8),
                                   ring.substr(0, 5000), later_version, other_size, no_slots}) {
    write_object(name, bytes);
    CHECK(ltn_ring_remove_dead(name.c_str(), &freed) == LTN_E_CORRUPT);
    CHECK(read_object(name) == bytes);
  }
  unlink(("/dev/shm/" + name).c_str());
  REQUIRE(mkfifo(("/dev/shm/" + name).c_str(), 0600) == 0);
  CHECK(ltn_ring_remove_dead(name.c_str(), &freed) != LTN_OK);
  CHECK(exists(name));
  unlink(("/dev/shm/" + name).c_str());
}
