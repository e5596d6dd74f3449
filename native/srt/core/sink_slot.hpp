#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "lanthorn/byte_sink.h"

namespace lanthorn::srt {

/**
 * The place of a camera's sink: connections come and go, the sink may be exchanged while one is receiving. What comes
 * before there is a sink is held for it: who makes one when a camera comes gets that camera's first key frame.
 */
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
      if (sink != nullptr) {
        for (const Held &held : held_) {
          sink->push(sink->context, held.bytes.data(), held.bytes.size(), held.arrival_mono_ns);
        }
      }
      forget();
    }
    if (old != nullptr) {
      old->release(old->context);
    }
  }

  void push(const uint8_t *bytes, size_t count, int64_t arrival_mono_ns) {
    const std::lock_guard lock(mutex_);
    if (sink_ != nullptr) {
      sink_->push(sink_->context, bytes, count, arrival_mono_ns);
    } else if (held_bytes_ + count <= kMostHeldBytes) {
      held_.push_back({{bytes, bytes + count}, arrival_mono_ns});
      held_bytes_ += count;
    } else {
      forget();
      held_bytes_ = kMostHeldBytes;  // nobody wants it, or too late: nothing more is held of this connection
    }
  }

  void discontinuity() {
    const std::lock_guard lock(mutex_);
    if (sink_ != nullptr) {
      sink_->discontinuity(sink_->context);
    }
    forget();
  }

 private:
  struct Held {
    std::vector<uint8_t> bytes;
    int64_t arrival_mono_ns;
  };
  /** Two seconds of a sub-stream of 2 Mbit/s; ingest needs 0.1 s to make its sink. */
  static constexpr size_t kMostHeldBytes = 512 << 10;

  /** Under mutex_. */
  void forget() {
    std::vector<Held>().swap(held_);
    held_bytes_ = 0;
  }

  std::mutex mutex_;
  ltn_byte_sink_t *sink_ = nullptr;
  std::vector<Held> held_{};
  size_t held_bytes_ = 0;
};

}  // namespace lanthorn::srt
