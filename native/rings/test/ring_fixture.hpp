/** What the ring tests share: names that collide with nothing, handles that close, frames that can be checked. */
#pragma once

#include <doctest/doctest.h>
#include <lanthorn/rings.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace rings_test {

inline std::string unique_name() {
  static std::atomic<int> count{0};
  return "ltn-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

template <class Handle, void (*Close)(Handle *)>
struct Closer {
  void operator()(Handle *handle) const { Close(handle); }
};
using SlotWriter = std::unique_ptr<ltn_slot_writer_h, Closer<ltn_slot_writer_h, ltn_slot_writer_close>>;
using SlotReader = std::unique_ptr<ltn_slot_reader_h, Closer<ltn_slot_reader_h, ltn_slot_reader_close>>;
using Lease = std::unique_ptr<ltn_lease_h, Closer<ltn_lease_h, ltn_lease_release>>;
using ByteWriter = std::unique_ptr<ltn_byte_writer_h, Closer<ltn_byte_writer_h, ltn_byte_writer_close>>;
using ByteReader = std::unique_ptr<ltn_byte_reader_h, Closer<ltn_byte_reader_h, ltn_byte_reader_close>>;

inline SlotWriter slot_writer(const std::string &name, uint32_t slots, uint64_t slot_bytes) {
  ltn_slot_writer_h *handle = nullptr;
  REQUIRE_MESSAGE(ltn_slot_writer_open(name.c_str(), slots, slot_bytes, &handle) == LTN_OK, ltn_last_error());
  return SlotWriter(handle);
}
inline SlotReader slot_reader(const std::string &name) {
  ltn_slot_reader_h *handle = nullptr;
  REQUIRE_MESSAGE(ltn_slot_reader_open(name.c_str(), &handle) == LTN_OK, ltn_last_error());
  return SlotReader(handle);
}
inline ByteWriter byte_writer(const std::string &name, uint64_t capacity_bytes) {
  ltn_byte_writer_h *handle = nullptr;
  REQUIRE_MESSAGE(ltn_byte_writer_open(name.c_str(), capacity_bytes, &handle) == LTN_OK, ltn_last_error());
  return ByteWriter(handle);
}
inline ByteReader byte_reader(const std::string &name) {
  ltn_byte_reader_h *handle = nullptr;
  REQUIRE_MESSAGE(ltn_byte_reader_open(name.c_str(), &handle) == LTN_OK, ltn_last_error());
  return ByteReader(handle);
}

/** A forked process that runs `work` and then sleeps; it never outlives the test, even one that dies by REQUIRE. */
class Child {
 public:
  template <class Work>
  explicit Child(Work work) {
    pid_t parent = getpid();
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() == parent) {
        work();
        for (;;) {
          pause();
        }
      }
      _exit(0);
    }
  }
  ~Child() { kill_now(); }
  void kill_now() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      pid_ = 0;
    }
  }

 private:
  pid_t pid_;
};

/** A grey frame of one row. */
inline ltn_frame_t gray_frame(uint32_t bytes) {
  ltn_frame_t frame = {};
  frame.width_px = bytes;
  frame.height_px = 1;
  frame.planes = 1;
  frame.plane_stride_bytes[0] = bytes;
  frame.bytes = bytes;
  std::strcpy(frame.pixel_format, "gray");
  std::strcpy(frame.color_space, "unknown");
  std::strcpy(frame.color_range, "pc");
  return frame;
}

/** Fills with one value, by atomics: readers race with it on purpose, and ThreadSanitizer knows atomics. */
inline void fill_shared(uint8_t *bytes, size_t count, uint8_t value) {
  for (size_t i = 0; i < count; i++) {
    __atomic_store_n(bytes + i, value, __ATOMIC_RELAXED);
  }
}

/** Publishes a frame whose every byte is `value`. */
inline uint64_t publish_filled(ltn_slot_writer_h *writer, uint32_t bytes, uint8_t value) {
  uint32_t slot = 0;
  uint8_t *memory = nullptr;
  REQUIRE_MESSAGE(ltn_slot_writer_reserve(writer, &slot, &memory) == LTN_OK, ltn_last_error());
  fill_shared(memory, bytes, value);
  ltn_frame_t frame = gray_frame(bytes);
  REQUIRE_MESSAGE(ltn_slot_writer_publish(writer, slot, &frame, 0) == LTN_OK, ltn_last_error());
  return frame.sequence;
}

inline ltn_record_t packet(uint32_t payload_bytes, uint32_t flags = 0) {
  ltn_record_t record = {};
  record.type = LTN_RECORD_PACKET;
  record.flags = flags;
  record.payload_bytes = payload_bytes;
  return record;
}

}  // namespace rings_test
