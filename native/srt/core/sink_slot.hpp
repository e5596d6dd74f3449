#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "lanthorn/byte_sink.h"

namespace lanthorn::srt {

/** The place of a camera's sink: connections come and go, the sink may be exchanged while one is receiving. */
class SinkSlot {
 public:
  SinkSlot() = default;
  SinkSlot(const SinkSlot &) = delete;
  SinkSlot &operator=(const SinkSlot &) = delete;
  ~SinkSlot() { set(nullptr); }

  /** Retains the new sink and releases the old one, which is not called any more when this returns. */
  void set(ltn_byte_sink_t *sink) {
    if (sink != nullptr) {
      sink->retain(sink->context);
    }
    ltn_byte_sink_t *old = nullptr;
    {
      const std::lock_guard lock(mutex_);
      old = sink_;
      sink_ = sink;
    }
    if (old != nullptr) {
      old->release(old->context);
    }
  }

  void push(const uint8_t *bytes, size_t count, int64_t arrival_mono_ns) {
    const std::lock_guard lock(mutex_);
    if (sink_ != nullptr) {
      sink_->push(sink_->context, bytes, count, arrival_mono_ns);
    }
  }

  void discontinuity() {
    const std::lock_guard lock(mutex_);
    if (sink_ != nullptr) {
      sink_->discontinuity(sink_->context);
    }
  }

 private:
  std::mutex mutex_;
  ltn_byte_sink_t *sink_ = nullptr;
};

}  // namespace lanthorn::srt
