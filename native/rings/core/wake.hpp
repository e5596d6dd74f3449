/**
 * Sleeping and waking across processes by one futex word in the ring's header.
 * FUTEX_WAIT and FUTEX_WAKE work on a read-only shared mapping (the kernel only reads the word): so readers stay
 * read-only. Not FUTEX_PRIVATE: waiters are other processes. Source: futex(2).
 */
#pragma once

#include <atomic>
#include <cstdint>

namespace lanthorn {

/** A writer is known dead at most this long after its end; readers count as asking this long after their last call. */
inline constexpr int64_t kHeartbeatNs = 1'000'000'000;

/** Sleeps while *word == seen, at most timeout_ns. Returns for any reason: the caller looks again. */
void futex_wait(const std::atomic<uint32_t> *word, uint32_t seen, int64_t timeout_ns);
void futex_wake_all(const std::atomic<uint32_t> *word);

/** Lets another thread end a wait. */
class Interrupt {
 public:
  /** Ends the wait in progress, or the next one when none is. Any thread. */
  void raise(const std::atomic<uint32_t> *word);
  /** The waiting thread, around each sleep. Returns false, and sleeps not, when raised. */
  bool sleep(const std::atomic<uint32_t> *word, uint32_t seen, int64_t timeout_ns);

 private:
  std::atomic<bool> raised_{false};
  std::atomic<bool> sleeping_{false};
};

}  // namespace lanthorn
