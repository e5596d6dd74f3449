#pragma once

#include <sys/prctl.h>

namespace lanthorn::srt {

/**
 * How late the kernel may end the timed waits of threads that this one starts (and they start) while this lives. libsrt
 * wakes a thread a socket for each packet, at its time (TSBPD); with slack one wake-up serves what came due meanwhile,
 * and one timer interrupt many threads. Threads inherit it from the one that starts them (prctl(2), PR_SET_TIMERSLACK);
 * libsrt's receiving thread starts those of its sockets.
 */
class TimerSlack {
 public:
  TimerSlack() : before_(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0)) { prctl(PR_SET_TIMERSLACK, kSlackNs, 0, 0, 0); }
  TimerSlack(const TimerSlack &) = delete;
  TimerSlack &operator=(const TimerSlack &) = delete;
  ~TimerSlack() {
    if (before_ > 0) {
      prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_), 0, 0, 0);
    }
  }

 private:
  // Added to the time that a packet waits for its turn, at most; the latency is 120 ms, of which it takes a thirtieth.
  static constexpr unsigned long kSlackNs = 4'000'000;
  int before_;
};

}  // namespace lanthorn::srt
