#include <chrono>
#include <thread>

#include "ring_fixture.hpp"

using namespace rings_test;

extern "C" int lanthorn_c_can_read_a_ring(const char *name, uint64_t *sequence);

TEST_CASE("a published frame is read with its whole description") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 5000);
  CHECK(ltn_slot_writer_slot_bytes(writer.get()) == 8192);
  SlotReader reader = slot_reader(name);
  publish_filled(writer.get(), 5000, 42);
  ltn_frame_t frame = {};
  std::vector<uint8_t> copy(5000);
  REQUIRE(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), copy.size()) == LTN_OK);
  CHECK(frame.sequence == 1);
  CHECK(frame.publish_mono_ns > 0);
  CHECK(std::string(frame.pixel_format) == "gray");
  CHECK(copy == std::vector<uint8_t>(5000, 42));
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 1, &frame, copy.data(), copy.size()) == LTN_E_AGAIN);
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), 10) == LTN_E_BUFFER_TOO_SMALL);
}

TEST_CASE("the header serves a plain C program") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  publish_filled(writer.get(), 100, 1);
  uint64_t sequence = 0;
  CHECK(lanthorn_c_can_read_a_ring(name.c_str(), &sequence) == 0);
  CHECK(sequence == 1);
}

TEST_CASE("a leased slot is never reserved, and comes back on release") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 4, 100);
  SlotReader reader = slot_reader(name);
  publish_filled(writer.get(), 100, 1);
  ltn_frame_t frame = {};
  const uint8_t *bytes = nullptr;
  ltn_lease_h *raw = nullptr;
  REQUIRE(ltn_slot_reader_lease_newest(reader.get(), 0, &frame, &bytes, &raw) == LTN_OK);
  Lease lease(raw);
  for (int i = 2; i < 50; i++) {
    publish_filled(writer.get(), 100, static_cast<uint8_t>(i));
    CHECK(bytes[0] == 1);
    CHECK(bytes[99] == 1);
  }
  CHECK(ltn_lease_is_whole(lease.get()) == 1);
  lease.reset();
  std::vector<bool> used(4);
  for (int i = 0; i < 8; i++) {
    uint32_t slot = 0;
    uint8_t *memory = nullptr;
    REQUIRE(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_OK);
    used[slot] = true;
    ltn_frame_t next = gray_frame(100);
    ltn_slot_writer_publish(writer.get(), slot, &next, 0);
  }
  CHECK(used == std::vector<bool>(4, true));
}

TEST_CASE("reserve says BUSY when every slot but the newest is leased or being written, and the newest survives") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  publish_filled(writer.get(), 100, 1);
  uint32_t slots[2];
  uint8_t *memory = nullptr;
  CHECK(ltn_slot_writer_reserve(writer.get(), &slots[0], &memory) == LTN_OK);
  CHECK(ltn_slot_writer_reserve(writer.get(), &slots[1], &memory) == LTN_OK);
  uint32_t third = 0;
  CHECK(ltn_slot_writer_reserve(writer.get(), &third, &memory) == LTN_E_BUSY);
  CHECK(ltn_slot_writer_release(writer.get(), slots[0]) == LTN_OK);
  CHECK(ltn_slot_writer_reserve(writer.get(), &third, &memory) == LTN_OK);
  CHECK(third == slots[0]);
  SlotReader reader = slot_reader(name);
  ltn_frame_t frame = {};
  std::vector<uint8_t> copy(100);
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), copy.size()) == LTN_OK);
}

TEST_CASE("a kept frame is readable but not overwritten until it is released") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  uint32_t kept = 0;
  uint8_t *memory = nullptr;
  REQUIRE(ltn_slot_writer_reserve(writer.get(), &kept, &memory) == LTN_OK);
  ltn_frame_t frame = gray_frame(100);
  REQUIRE(ltn_slot_writer_publish(writer.get(), kept, &frame, 1) == LTN_OK);
  CHECK(ltn_slot_writer_publish(writer.get(), kept, &frame, 1) == LTN_E_INVALID_ARGUMENT);
  for (int i = 0; i < 10; i++) {
    uint32_t slot = 0;
    REQUIRE(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_OK);
    CHECK(slot != kept);
    ltn_slot_writer_publish(writer.get(), slot, &frame, 0);
  }
  CHECK(ltn_slot_writer_release(writer.get(), kept) == LTN_OK);
  CHECK(ltn_slot_writer_release(writer.get(), kept) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("a frame that does not fit its slot is refused by name") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 4096);
  uint32_t slot = 0;
  uint8_t *memory = nullptr;
  REQUIRE(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_OK);
  ltn_frame_t frame = gray_frame(5000);
  CHECK(ltn_slot_writer_publish(writer.get(), slot, &frame, 0) == LTN_E_INVALID_ARGUMENT);
  CHECK(std::string(ltn_last_error()).find(name) != std::string::npos);
  frame = gray_frame(64);
  frame.height_px = 100;  // 100 rows of 64 bytes in 64 bytes
  CHECK(ltn_slot_writer_publish(writer.get(), slot, &frame, 0) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("a second writer is refused while the first lives, and succeeds after it closed") {
  std::string name = unique_name();
  SlotWriter first = slot_writer(name, 3, 100);
  ltn_slot_writer_h *second = nullptr;
  CHECK(ltn_slot_writer_open(name.c_str(), 3, 100, &second) == LTN_E_EXISTS);
  SlotReader reader = slot_reader(name);
  first.reset();
  CHECK(access(("/dev/shm/" + name).c_str(), F_OK) != 0);
  CHECK(access(("/dev/shm/" + name + ".leases").c_str(), F_OK) != 0);
  ltn_frame_t frame = {};
  CHECK(ltn_slot_reader_copy_newest(reader.get(), 0, &frame, nullptr, 0) == LTN_E_GONE);
  CHECK(ltn_slot_reader_wait(reader.get(), 0, 1000) == LTN_E_GONE);
  SlotWriter again = slot_writer(name, 3, 100);
  SlotReader reopened = slot_reader(name);
  CHECK(ltn_slot_reader_incarnation(reader.get()) != ltn_slot_reader_incarnation(reopened.get()));
}

TEST_CASE("a killed writer's ring is replaced; its leased frame stays readable until released") {
  std::string name = unique_name();
  Child child([&] {
    ltn_slot_writer_h *writer = nullptr;
    if (ltn_slot_writer_open(name.c_str(), 3, 100, &writer) != LTN_OK) {
      _exit(1);
    }
    uint32_t slot = 0;
    uint8_t *memory = nullptr;
    ltn_slot_writer_reserve(writer, &slot, &memory);
    std::memset(memory, 9, 100);
    ltn_frame_t frame = gray_frame(100);
    ltn_slot_writer_publish(writer, slot, &frame, 0);
  });
  ltn_slot_reader_h *raw_reader = nullptr;
  while (ltn_slot_reader_open(name.c_str(), &raw_reader) != LTN_OK) {
    usleep(1000);
  }
  SlotReader reader(raw_reader);
  REQUIRE(ltn_slot_reader_wait(reader.get(), 0, 10000) == LTN_OK);
  ltn_frame_t frame = {};
  const uint8_t *bytes = nullptr;
  ltn_lease_h *raw = nullptr;
  REQUIRE(ltn_slot_reader_lease_newest(reader.get(), 0, &frame, &bytes, &raw) == LTN_OK);
  Lease lease(raw);
  ltn_slot_writer_h *refused = nullptr;
  CHECK(ltn_slot_writer_open(name.c_str(), 3, 100, &refused) == LTN_E_EXISTS);

  child.kill_now();
  CHECK(ltn_slot_reader_wait(reader.get(), frame.sequence, 10000) == LTN_E_GONE);
  SlotWriter heir = slot_writer(name, 3, 100);
  publish_filled(heir.get(), 100, 5);
  reader.reset();
  CHECK(bytes[0] == 9);  // the lease alone keeps the old memory
  CHECK(bytes[99] == 9);
  lease.reset();
  SlotReader reopened = slot_reader(name);
  REQUIRE(ltn_slot_reader_copy_newest(reopened.get(), 0, &frame, nullptr, 0) == LTN_E_BUFFER_TOO_SMALL);
}

TEST_CASE("a killed lessee's slots are taken back, a living one's are not") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  publish_filled(writer.get(), 100, 1);
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  Child child([&] {
    ltn_slot_reader_h *reader = nullptr;
    ltn_lease_h *lease = nullptr;
    ltn_frame_t frame = {};
    const uint8_t *bytes = nullptr;
    bool leased = ltn_slot_reader_open(name.c_str(), &reader) == LTN_OK &&
                  ltn_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease) == LTN_OK;
    char answer = leased ? 'y' : 'n';
    if (write(ready[1], &answer, 1) != 1) {
      _exit(1);
    }
  });
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  publish_filled(writer.get(), 100, 2);
  // Slots: one leased, one newest, one free.
  uint32_t slot = 0;
  uint32_t other = 0;
  uint8_t *memory = nullptr;
  REQUIRE(ltn_slot_writer_reserve(writer.get(), &slot, &memory) == LTN_OK);
  CHECK(ltn_slot_writer_reserve(writer.get(), &other, &memory) == LTN_E_BUSY);
  child.kill_now();
  CHECK(ltn_slot_writer_reserve(writer.get(), &other, &memory) == LTN_OK);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("readers are counted while they ask") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  uint32_t count = 9;
  CHECK(ltn_slot_writer_readers(writer.get(), &count) == LTN_OK);
  CHECK(count == 0);
  SlotReader one = slot_reader(name);
  SlotReader two = slot_reader(name);
  ltn_slot_writer_readers(writer.get(), &count);
  CHECK(count == 2);
  two.reset();
  ltn_slot_writer_readers(writer.get(), &count);
  CHECK(count == 1);
}

TEST_CASE("the 64th reader may copy but not lease") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  publish_filled(writer.get(), 100, 3);
  std::vector<SlotReader> readers;
  for (int i = 0; i < 64; i++) {
    readers.push_back(slot_reader(name));
  }
  ltn_frame_t frame = {};
  const uint8_t *bytes = nullptr;
  ltn_lease_h *lease = nullptr;
  std::vector<uint8_t> copy(100);
  CHECK(ltn_slot_reader_lease_newest(readers.back().get(), 0, &frame, &bytes, &lease) == LTN_E_BUSY);
  CHECK(ltn_slot_reader_copy_newest(readers.back().get(), 0, &frame, copy.data(), copy.size()) == LTN_OK);
  readers.front().reset();
  SlotReader late = slot_reader(name);
  CHECK(ltn_slot_reader_lease_newest(late.get(), 0, &frame, &bytes, &lease) == LTN_OK);
  ltn_lease_release(lease);
}

TEST_CASE("a truncated lease object costs the writer nothing") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  REQUIRE(truncate(("/dev/shm/" + name + ".leases").c_str(), 0) == 0);
  for (int i = 0; i < 10; i++) {
    publish_filled(writer.get(), 100, 1);
  }
}

TEST_CASE("looking in place tells afterwards whether the frame was whole") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  SlotReader reader = slot_reader(name);
  publish_filled(writer.get(), 100, 1);
  ltn_frame_t frame = {};
  const uint8_t *bytes = nullptr;
  ltn_sight_t sight = {};
  REQUIRE(ltn_slot_reader_peek_newest(reader.get(), 0, &frame, &bytes, &sight) == LTN_OK);
  CHECK(ltn_slot_reader_is_whole(reader.get(), &sight) == 1);
  for (int i = 0; i < 3; i++) {
    publish_filled(writer.get(), 100, 2);
  }
  CHECK(ltn_slot_reader_is_whole(reader.get(), &sight) == 0);
}

TEST_CASE("a wait sleeps until a frame comes, and another thread can end it") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 3, 100);
  SlotReader reader = slot_reader(name);
  CHECK(ltn_slot_reader_wait(reader.get(), 0, 10) == LTN_E_TIMEOUT);
  std::thread publisher([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    publish_filled(writer.get(), 100, 1);
  });
  CHECK(ltn_slot_reader_wait(reader.get(), 0, -1) == LTN_OK);
  publisher.join();
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ltn_slot_reader_interrupt(reader.get());
  });
  CHECK(ltn_slot_reader_wait(reader.get(), 1, -1) == LTN_E_TIMEOUT);
  interrupter.join();
}

TEST_CASE("names that could leave /dev/shm or shadow a lease object are refused") {
  ltn_slot_writer_h *writer = nullptr;
  for (const char *name : {"", "../x", "a/b", ".hidden", "x.leases", "white space"}) {
    CHECK(ltn_slot_writer_open(name, 3, 100, &writer) == LTN_E_INVALID_ARGUMENT);
  }
  CHECK(ltn_slot_writer_open(nullptr, 3, 100, &writer) == LTN_E_INVALID_ARGUMENT);
  CHECK(ltn_slot_writer_open("x", 2, 100, &writer) == LTN_E_INVALID_ARGUMENT);
  CHECK(ltn_slot_writer_open("x", 65, 100, &writer) == LTN_E_INVALID_ARGUMENT);
  CHECK(ltn_slot_writer_open("x", 3, 0, &writer) == LTN_E_INVALID_ARGUMENT);
  CHECK(ltn_slot_writer_open("x", 3, UINT64_MAX, &writer) == LTN_E_INVALID_ARGUMENT);
}
