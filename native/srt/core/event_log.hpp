#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

#include "lanthorn/srt.h"

namespace lanthorn::srt {

/**
 * What happened and was not yet polled. Bounded, drop-oldest, counted. Equal rejections (peer address, stream id, code)
 * are one event with a count, so that someone who tries for ever fills nothing.
 */
class EventLog {
 public:
  void add(const ltn_srt_event_t &event);
  size_t take(ltn_srt_event_t *events, size_t capacity);
  uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kCapacity = 512;

  std::mutex mutex_;
  std::deque<ltn_srt_event_t> events_;
  std::atomic<uint64_t> lost_{0};  // relaxed: a statistic
};

/** An event with its texts cut to fit. */
ltn_srt_event_t make_event(ltn_srt_event_e kind, const char *camera_id, const char *peer, const char *reason);
/** Copies text into a fixed field, cut, always terminated. */
void copy_text(char *field, size_t capacity_bytes, const char *text);

}  // namespace lanthorn::srt
