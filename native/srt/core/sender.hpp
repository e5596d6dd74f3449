#pragma once

#include <srt/srt.h>

#include <string>

#include "lanthorn/srt.h"
#include "status.hpp"

namespace lanthorn::srt {

/** Whom to send to and how. */
struct SendOptions {
  std::string host{};
  uint16_t port = 0;
  std::string stream_id{};
  std::string passphrase{};
  uint32_t latency_ms = 120;
  uint32_t connect_timeout_ms = 3000;
};

/**
 * One attempt to call a listener and send to it: what a camera does. It connects at most once. Nothing blocks:
 * connecting happens on libsrt's own threads and sending copies into libsrt's buffer, so no engine thread is needed.
 */
class Sender {
 public:
  explicit Sender(SendOptions options);
  Sender(const Sender &) = delete;
  Sender &operator=(const Sender &) = delete;
  ~Sender();

  Status open();
  /** Looks at the socket; `out` says what became of the attempt. */
  void state(ltn_srt_sender_state_t &out);
  /** Sends whole MPEG-TS packets; returns how many bytes libsrt took. */
  size_t send(const uint8_t *bytes, size_t count);
  Status statistics(ltn_srt_sender_statistics_t &out) const;

 private:
  Status configure() const;
  void end(const char *reason, int code);

  const SendOptions options_;
  std::string peer_;
  SRTSOCKET socket_ = SRT_INVALID_SOCK;
  ltn_srt_sender_state_t last_{};
};

}  // namespace lanthorn::srt
