#include "wake.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

namespace lanthorn {

void futex_wait(const std::atomic<uint32_t> *word, uint32_t seen, int64_t timeout_ns) {
  struct timespec timeout = {};
  timeout.tv_sec = timeout_ns / 1'000'000'000;
  timeout.tv_nsec = timeout_ns % 1'000'000'000;
  syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, nullptr, 0);
}

void futex_wake_all(const std::atomic<uint32_t> *word) {
  syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Interrupt::raise(const std::atomic<uint32_t> *word) {
  // SYNC: pairs with the stores and loads in sleep() (Dekker, seq_cst on both sides): either the sleeper sees raised_,
  // or we see sleeping_ and go on waking until it has left. A wake between its check and its FUTEX_WAIT would be lost,
  // hence the loop; each turn is one system call and the sleeper leaves within microseconds.
  raised_.store(true, std::memory_order_seq_cst);
  while (sleeping_.load(std::memory_order_seq_cst) && raised_.load(std::memory_order_seq_cst)) {
    futex_wake_all(word);
    usleep(20);
  }
}

bool Interrupt::sleep(const std::atomic<uint32_t> *word, uint32_t seen, int64_t timeout_ns) {
  // SYNC: pairs with raise().
  sleeping_.store(true, std::memory_order_seq_cst);
  bool raised = raised_.load(std::memory_order_seq_cst);
  if (!raised) {
    futex_wait(word, seen, timeout_ns);
    raised = raised_.load(std::memory_order_seq_cst);
  }
  sleeping_.store(false, std::memory_order_seq_cst);
  if (raised) {
    raised_.store(false, std::memory_order_seq_cst);  // SYNC: pairs with the loop of raise(), which ends by it
  }
  return !raised;
}

}  // namespace lanthorn
