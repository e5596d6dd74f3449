#pragma once

#include <srt/srt.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine.hpp"
#include "lanthorn/srt.h"
#include "sink_slot.hpp"
#include "status.hpp"

namespace lanthorn::srt {

/** One connected socket whose messages go to a sink, from connection to its end. */
class Link : public Watched {
 public:
  /** Told on the engine's thread, once, after the socket was closed. */
  using OnEnd = std::function<void(const Link &, const std::string &reason)>;

  Link(Engine &engine, SRTSOCKET socket, std::shared_ptr<SinkSlot> sink, OnEnd on_end);

  /** Reads at most 64 messages, so that a fast stream cannot starve others. */
  bool on_ready() override;
  void on_turn() override;

  /** Asks for the end from any thread; it comes with the engine's next turn. */
  void request_end(std::string reason);
  /** Ends now. Engine's thread only; the second call does nothing. */
  void end(const std::string &reason);

  int64_t last_data_mono_ns() const { return last_data_mono_ns_.load(std::memory_order_relaxed); }
  /** Statistics of libsrt; interval fields restart with every call. Errors: NOT_FOUND when the connection just ended.
   */
  Status statistics(ltn_srt_statistics_t &out) const;
  uint32_t key_bytes() const { return key_bytes_; }
  uint32_t latency_ms() const { return latency_ms_; }

 private:
  std::string break_reason() const;
  /** Once a second: whether packets overtake each other, and how long gaps may wait because of it. */
  void look_at_order();

  Engine &engine_;
  const SRTSOCKET socket_;
  const std::shared_ptr<SinkSlot> sink_;
  const OnEnd on_end_;
  uint32_t key_bytes_ = 0;
  uint32_t latency_ms_ = 0;
  int32_t last_sequence_ = -1;
  int64_t order_looked_at_ns_ = 0;
  int64_t packets_then_ = 0;
  int32_t tolerance_ = 0;
  bool ended_ = false;
  std::atomic<int64_t> messages_{0};           // relaxed: statistics
  std::atomic<int64_t> last_data_mono_ns_{0};  // relaxed: a time stamp on its own
  std::atomic<bool> end_requested_{false};     // relaxed: end_reason_ is read under its mutex
  std::mutex end_mutex_;
  std::string end_reason_;
};

}  // namespace lanthorn::srt
