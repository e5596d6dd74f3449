/** Readers and a writer at full speed in one process: nothing torn is ever returned. Also the run for TSan. */
#include <thread>

#include "ring_fixture.hpp"

using namespace rings_test;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kFrames = 3000;
constexpr int kRecords = 10000;
#else
constexpr int kFrames = 50000;
constexpr int kRecords = 200000;
#endif
constexpr uint32_t kFrameBytes = 4096;

bool all_equal(const uint8_t *bytes, size_t count) {
  uint8_t first = __atomic_load_n(bytes, __ATOMIC_RELAXED);
  for (size_t i = 1; i < count; i++) {
    if (__atomic_load_n(bytes + i, __ATOMIC_RELAXED) != first) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("hammered by copying and leasing readers, no torn frame is returned") {
  std::string name = unique_name();
  SlotWriter writer = slot_writer(name, 5, kFrameBytes);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> copies{0};
  std::atomic<uint64_t> leases{0};
  std::atomic<uint64_t> torn{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; i++) {
    threads.emplace_back([&] {
      SlotReader reader = slot_reader(name);
      std::vector<uint8_t> copy(kFrameBytes);
      ltn_frame_t frame = {};
      while (!done) {
        ltn_status_e status = ltn_slot_reader_copy_newest(reader.get(), 0, &frame, copy.data(), copy.size());
        if (status == LTN_OK) {
          copies++;
          torn += all_equal(copy.data(), copy.size()) && copy[0] == static_cast<uint8_t>(frame.sequence) ? 0 : 1;
        }
      }
    });
    threads.emplace_back([&] {
      SlotReader reader = slot_reader(name);
      ltn_frame_t frame = {};
      while (!done) {
        const uint8_t *bytes = nullptr;
        ltn_lease_h *raw = nullptr;
        if (ltn_slot_reader_lease_newest(reader.get(), 0, &frame, &bytes, &raw) == LTN_OK) {
          Lease lease(raw);
          leases++;
          for (int again = 0; again < 3; again++) {
            bool whole = all_equal(bytes, kFrameBytes) &&
                         __atomic_load_n(bytes, __ATOMIC_RELAXED) == static_cast<uint8_t>(frame.sequence);
            torn += whole && ltn_lease_is_whole(lease.get()) == 1 ? 0 : 1;
          }
        }
      }
    });
  }
  int busy = 0;
  for (int i = 1; i <= kFrames; i++) {
    uint32_t slot = 0;
    uint8_t *memory = nullptr;
    while (ltn_slot_writer_reserve(writer.get(), &slot, &memory) != LTN_OK) {
      busy++;  // two lessees hold at most two of five slots: must never happen
    }
    fill_shared(memory, kFrameBytes, static_cast<uint8_t>(i));
    ltn_frame_t frame = gray_frame(kFrameBytes);
    ltn_slot_writer_publish(writer.get(), slot, &frame, 0);
  }
  done = true;
  for (std::thread &thread : threads) {
    thread.join();
  }
  CHECK(torn == 0);
  CHECK(busy == 0);
  CHECK(copies > 0);
  CHECK(leases > 0);
}

TEST_CASE("hammered byte ring that grows: every record is whole and each is read or counted as dropped") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 16384);
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; i++) {
    ByteReader opened = byte_reader(name);
    threads.emplace_back([&wrong, reader = std::move(opened)] {
      std::vector<uint8_t> buffer(16384);
      uint64_t seen = 0;
      uint64_t lost = 0;
      for (;;) {
        ltn_record_t record = {};
        uint64_t dropped = 0;
        ltn_status_e status = ltn_byte_reader_next(reader.get(), &record, buffer.data(), buffer.size(), &dropped);
        if (status == LTN_OK) {
          seen++;
          wrong += record.sequence == seen + lost && all_equal(buffer.data(), record.payload_bytes) &&
                           buffer[0] == static_cast<uint8_t>(record.sequence)
                       ? 0
                       : 1;
          wrong += static_cast<uint64_t>(record.pts_90k) == record.sequence ? 0 : 1;
        } else if (status == LTN_E_OVERRUN) {
          lost += dropped;
        } else if (status == LTN_E_AGAIN) {
          ltn_byte_reader_wait(reader.get(), 100);
        } else if (status == LTN_E_GONE) {
          break;
        } else if (status != LTN_E_TORN) {
          wrong++;
          break;
        }
      }
      wrong += seen + lost == static_cast<uint64_t>(kRecords) ? 0 : 1;
    });
  }
  std::atomic<int> failed{0};
  std::atomic<int> written{0};
  std::thread growing([&] {  // six times, spread over the first half: the rest is read from a ring of 1 MiB
    for (uint64_t step = 1; step <= 6; step++) {
      while (written < static_cast<int>(step) * kRecords / 12) {
        std::this_thread::yield();
      }
      failed += ltn_byte_writer_grow(writer.get(), uint64_t{16384} << step) == LTN_OK ? 0 : 1;
    }
  });
  std::vector<uint8_t> payload(4096);
  for (int i = 1; i <= kRecords; i++) {
    uint32_t bytes = 1 + static_cast<uint32_t>(i) * 7919u % 3000u;
    std::memset(payload.data(), static_cast<uint8_t>(i), bytes);
    ltn_record_t record = packet(bytes);
    record.pts_90k = i;
    REQUIRE(ltn_byte_writer_append(writer.get(), &record, payload.data()) == LTN_OK);
    written = i;
  }
  growing.join();
  CHECK(failed == 0);
  writer.reset();
  for (std::thread &thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
}

TEST_CASE("a description read while it changes is one of those written") {
  std::string name = unique_name();
  ByteWriter writer = byte_writer(name, 4096);
  std::string first(16000, 'a');
  ltn_byte_writer_describe(writer.get(), first.data(), first.size());
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0};
  std::thread thread([&] {
    ByteReader reader = byte_reader(name);
    std::vector<char> text(LTN_DESCRIPTION_MAX_BYTES);
    while (!done) {
      size_t bytes = 0;
      uint32_t version = 0;
      ltn_status_e status = ltn_byte_reader_description(reader.get(), text.data(), text.size(), &bytes, &version);
      if (status == LTN_OK) {
        bool whole = all_equal(reinterpret_cast<uint8_t *>(text.data()), bytes) &&
                     text[0] == 'a' + static_cast<char>((version - 1) % 26) && bytes == 16000 - (version - 1) % 100;
        wrong += whole ? 0 : 1;
      } else if (status != LTN_E_TORN) {
        wrong++;
      }
    }
  });
  for (uint32_t i = 1; i < 500; i++) {
    std::string text(16000 - i % 100, static_cast<char>('a' + i % 26));
    ltn_byte_writer_describe(writer.get(), text.data(), text.size());
  }
  done = true;
  thread.join();
  CHECK(wrong == 0);
}
