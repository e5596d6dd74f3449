#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "lanthorn/srt.h"

namespace lanthorn::srt {

/**
 * Lets the kernel drop the handshakes of an address that overdoes it, by a socket filter on the listener's UDP socket.
 * libsrt 1.5.1 makes a socket of about 16 KiB for every caller before it asks us, and keeps it for seconds after it was
 * refused: at 17,000 callers a second that is 800 MiB. Data of cameras that are connected passes, from that address
 * too. Counted are callers that have proved their address by libsrt's cookie, so nobody can have another address shut
 * out.
 */
class FloodGate {
 public:
  static constexpr int kCallersPerSecond = 200;  // a hundred cameras behind one address that all call again, twice
  static constexpr int64_t kShutNs = 10'000'000'000;
  static constexpr size_t kMaxAddresses = 64;  // of one filter; the one shut for longest makes room

  FloodGate() = default;
  FloodGate(const FloodGate &) = delete;
  FloodGate &operator=(const FloodGate &) = delete;
  ~FloodGate() { close(); }

  /** Watches a bound UDP socket; keeps a descriptor of its own until close(). */
  void open(int udp_socket);
  void close();

  /** What the kernel says of the socket; all zero when closed. Any thread. */
  ltn_srt_udp_t socket_state() const;

  /** A caller asks to come in. Any thread. */
  void note_caller(const sockaddr *peer, int64_t now_ns);
  /** Opens the gate again to addresses whose time is over. Any thread, a few times a second. */
  void tick(int64_t now_ns);
  /** Times that an address was shut out. */
  uint64_t shut_count() const { return shut_count_.load(std::memory_order_relaxed); }
  /** The same of all gates of this process. */
  static uint64_t total_shut_count();

 private:
  /** The first 64 bits of an IPv6 address, which one household has, or the 32 of an IPv4 one. */
  struct Network {
    bool v6 = false;
    uint32_t high = 0;
    uint32_t low = 0;
    auto operator<=>(const Network &) const = default;
  };

  static bool network_of(const sockaddr *peer, Network &out);
  void apply();

  mutable std::mutex mutex_;
  int socket_ = -1;
  int64_t second_ = 0;
  std::map<Network, int> callers_;         // of this second
  std::map<Network, int64_t> shut_until_;  // monotonic nanoseconds
  std::atomic<uint64_t> shut_count_{0};    // relaxed: a statistic
};

}  // namespace lanthorn::srt
