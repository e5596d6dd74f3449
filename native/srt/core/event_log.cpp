#include "event_log.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "mono_clock.hpp"

namespace lanthorn::srt {
namespace {

/** The address without the port, which differs with every attempt. */
std::string_view host_of(const char *peer) {
  const std::string_view text(peer);
  return text.substr(0, text.rfind(':'));
}

bool same_rejection(const ltn_srt_event_t &a, const ltn_srt_event_t &b) {
  return a.kind == LTN_SRT_REJECTED && b.kind == LTN_SRT_REJECTED && a.code == b.code &&
         strcmp(a.stream_id, b.stream_id) == 0 && strcmp(a.reason, b.reason) == 0 && host_of(a.peer) == host_of(b.peer);
}

}  // namespace

void EventLog::add(const ltn_srt_event_t &event) {
  const std::lock_guard lock(mutex_);
  if (event.kind == LTN_SRT_REJECTED) {
    const auto same = std::find_if(events_.begin(), events_.end(),
                                   [&event](const ltn_srt_event_t &seen) { return same_rejection(seen, event); });
    if (same != events_.end()) {
      same->count += 1;
      same->mono_ns = event.mono_ns;
      memcpy(same->peer, event.peer, sizeof(same->peer));
      return;
    }
  }
  if (events_.size() == kCapacity) {
    lost_.fetch_add(events_.front().count, std::memory_order_relaxed);
    events_.pop_front();
  }
  events_.push_back(event);
}

size_t EventLog::take(ltn_srt_event_t *events, size_t capacity) {
  const std::lock_guard lock(mutex_);
  const size_t count = std::min(capacity, events_.size());
  std::copy_n(events_.begin(), count, events);
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

ltn_srt_event_t make_event(ltn_srt_event_e kind, const char *camera_id, const char *peer, const char *reason) {
  ltn_srt_event_t event{};
  event.kind = kind;
  event.count = 1;
  event.mono_ns = mono_ns();
  copy_text(event.camera_id, sizeof(event.camera_id), camera_id);
  copy_text(event.peer, sizeof(event.peer), peer);
  copy_text(event.reason, sizeof(event.reason), reason);
  return event;
}

void copy_text(char *field, size_t capacity_bytes, const char *text) {
  const size_t bytes = std::min(strlen(text), capacity_bytes - 1);
  memcpy(field, text, bytes);
  memset(field + bytes, 0, capacity_bytes - bytes);
}

}  // namespace lanthorn::srt
