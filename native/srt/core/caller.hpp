#pragma once

#include <srt/srt.h>

#include <memory>
#include <mutex>
#include <string>

#include "engine.hpp"
#include "event_log.hpp"
#include "link.hpp"
#include "sink_slot.hpp"
#include "status.hpp"

namespace lanthorn::srt {

/** Whom to call and how. */
struct CallOptions {
  std::string host{};
  uint16_t port = 0;
  std::string stream_id{};
  std::string passphrase{};
  uint32_t latency_ms = 120;
  uint32_t connect_timeout_ms = 3000;
};

/** One attempt to call a camera that listens. It connects at most once; calling again is another Caller. */
class Caller {
 public:
  explicit Caller(CallOptions options);
  Caller(const Caller &) = delete;
  Caller &operator=(const Caller &) = delete;

  Status open(ltn_byte_sink_t *sink);
  void close();

  EventLog &events() { return events_; }
  Status statistics(ltn_srt_statistics_t &out);

 private:
  class Dialler;

  Status configure(SRTSOCKET socket) const;
  /** Engine's thread: the connection came up or failed. */
  void on_answer();

  const CallOptions options_;
  const std::shared_ptr<SinkSlot> sink_ = std::make_shared<SinkSlot>();
  std::string peer_;
  std::shared_ptr<Engine> engine_;
  SRTSOCKET socket_ = SRT_INVALID_SOCK;  // while connecting
  EventLog events_;
  std::mutex mutex_;
  std::shared_ptr<Link> link_;
};

}  // namespace lanthorn::srt
