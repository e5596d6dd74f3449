#include "guess_limit.hpp"

#include <algorithm>

namespace lanthorn::srt {
namespace {

std::string key_of(const std::string &peer_host, const std::string &camera_id) { return peer_host + " " + camera_id; }

}  // namespace

bool GuessLimit::allow(const std::string &peer_host, const std::string &camera_id, int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  const std::string key = key_of(peer_host, camera_id);
  const auto known = full_at_ns_.find(key);
  if (known == full_at_ns_.end()) {
    make_room(now_ns);
    full_at_ns_.emplace(key, now_ns + kRefillNs);
    return true;
  }
  const int64_t full_at_ns = std::max(known->second, now_ns) + kRefillNs;
  if (full_at_ns - now_ns > kBurst * kRefillNs) {
    return false;
  }
  known->second = full_at_ns;
  return true;
}

void GuessLimit::forgive(const std::string &peer_host, const std::string &camera_id) {
  const std::lock_guard lock(mutex_);
  full_at_ns_.erase(key_of(peer_host, camera_id));
}

void GuessLimit::make_room(int64_t now_ns) {
  if (full_at_ns_.size() < kMaxCallers) {
    return;
  }
  std::erase_if(full_at_ns_, [now_ns](const auto &caller) { return caller.second <= now_ns; });
  if (full_at_ns_.size() >= kMaxCallers) {
    full_at_ns_.erase(full_at_ns_.begin());  // any: a thousand attackers at once are not kept out by this
  }
}

}  // namespace lanthorn::srt
