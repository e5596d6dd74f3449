/** Writers that come, die and close while removers run without pause: nothing alive is ever removed. */
#include <sys/mman.h>
#include <sys/stat.h>

#include "ring_fixture.hpp"

using namespace rings_test;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kWriters = 60;
#else
constexpr int kWriters = 300;
#endif
constexpr int kLooks = 20;

struct Tally {
  std::atomic<int> removed{0};
  std::atomic<int> wrong{0};
  char first_wrong[200] = "";
};

/** A page that forked processes share. */
Tally *shared_tally() {
  void *page = mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  return new (page) Tally();
}

void note_wrong(Tally *tally, const char *what) {
  if (tally->wrong++ == 0) {
    std::snprintf(tally->first_wrong, sizeof tally->first_wrong, "%s: %s", what, ltn_last_error());
  }
}

void remove_for_ever(Tally *tally, const std::string &name) {
  for (;;) {
    uint64_t freed = 0;
    ltn_status_e status = ltn_ring_remove_dead(name.c_str(), &freed);
    if (status == LTN_OK) {
      tally->removed++;
    } else if (status != LTN_E_EXISTS && status != LTN_E_NOT_FOUND) {
      note_wrong(tally, "a remover");
    }
  }
}

/** Opens a writer and looks again and again whether its name, its lease object and its readers are as they must be. */
void live_and_die(Tally *tally, const std::string &name, int number) {
  ltn_slot_writer_h *writer = nullptr;
  if (ltn_slot_writer_open(name.c_str(), 3, 100, &writer) != LTN_OK) {
    note_wrong(tally, "a writer that is alone was refused");
    _exit(0);
  }
  for (int i = 0; i < kLooks; i++) {
    uint32_t slot = 0;
    uint8_t *memory = nullptr;
    ltn_frame_t frame = gray_frame(100);
    ltn_slot_writer_reserve(writer, &slot, &memory);
    ltn_slot_writer_publish(writer, slot, &frame, 0);
    ltn_ring_info_t info = {};
    if (ltn_ring_inspect(name.c_str(), &info) != LTN_OK || info.alive != 1 ||
        info.writer_pid != static_cast<uint32_t>(getpid())) {
      note_wrong(tally, "the ring of a living writer is not under its name");
    }
    ltn_slot_reader_h *reader = nullptr;
    ltn_lease_h *lease = nullptr;
    const uint8_t *bytes = nullptr;
    if (ltn_slot_reader_open(name.c_str(), &reader) != LTN_OK ||
        ltn_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease) != LTN_OK) {
      note_wrong(tally, "the ring of a living writer cannot be leased from");
    }
    ltn_lease_release(lease);
    if (reader != nullptr) {
      ltn_slot_reader_close(reader);
    }
  }
  if (number % 4 == 0) {
    ltn_slot_writer_close(writer);
  } else if (number % 3 == 0) {
    // By hand, so that the lease object stays behind; while the writer lives, since only then does no remover unlink
    // too.
    unlink(("/dev/shm/" + name).c_str());
  }
  _exit(0);
}

}  // namespace

TEST_CASE("two removers beside writers that die, close and lose their ring: only the dead is removed") {
  std::string name = unique_name();
  Tally *tally = shared_tally();
  {
    Child one([&] { remove_for_ever(tally, name); });
    Child two([&] { remove_for_ever(tally, name); });
    for (int i = 0; i < kWriters; i++) {
      pid_t pid = fork();
      REQUIRE(pid >= 0);
      if (pid == 0) {
        live_and_die(tally, name, i);
      }
      waitpid(pid, nullptr, 0);
      // Half of the dead are left to the removers before the next comes, however seldom these get a processor.
      for (int waits = 0; i % 2 == 1 && waits < 5000 && access(("/dev/shm/" + name).c_str(), F_OK) == 0; waits++) {
        usleep(1000);
      }
    }
    for (int i = 0; i < 5000 && (access(("/dev/shm/" + name).c_str(), F_OK) == 0 ||
                                 access(("/dev/shm/" + name + ".leases").c_str(), F_OK) == 0);
         i++) {
      usleep(1000);
    }
  }
  CHECK_MESSAGE(tally->wrong == 0, std::string(tally->first_wrong));
  CHECK(tally->removed > kWriters / 4);
  CHECK(access(("/dev/shm/" + name).c_str(), F_OK) != 0);
  CHECK(access(("/dev/shm/" + name + ".leases").c_str(), F_OK) != 0);
  munmap(tally, sizeof *tally);
}
