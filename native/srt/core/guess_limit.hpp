#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace lanthorn::srt {

/**
 * Bounds how often one address may have a key checked for one camera. A check costs libsrt's receiving thread about a
 * millisecond (PBKDF2), in which no packet of any camera of the port is taken in: without a bound a thousand wrong keys
 * a second stop everyone. Ten at once, then two a second; a right key gives all ten back.
 */
class GuessLimit {
 public:
  static constexpr int64_t kBurst = 10;
  static constexpr int64_t kRefillNs = 500'000'000;
  static constexpr size_t kMaxCallers = 1024;  // addresses are proved by libsrt's cookie, so each is a real one

  /** Whether a check is allowed now; counts it. */
  bool allow(const std::string &peer_host, const std::string &camera_id, int64_t now_ns);
  /** The caller proved its key. */
  void forgive(const std::string &peer_host, const std::string &camera_id);

 private:
  /** Token bucket as the time at which it is full again (GCRA). */
  using Callers = std::unordered_map<std::string, int64_t>;

  void make_room(int64_t now_ns);

  std::mutex mutex_;
  Callers full_at_ns_;
};

}  // namespace lanthorn::srt
