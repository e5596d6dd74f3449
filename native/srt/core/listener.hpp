#pragma once

#include <srt/srt.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "access_table.hpp"
#include "engine.hpp"
#include "event_log.hpp"
#include "flood_gate.hpp"
#include "guess_limit.hpp"
#include "library_log.hpp"
#include "link.hpp"
#include "sink_slot.hpp"
#include "status.hpp"

namespace lanthorn::srt {

/** What a listener is opened with. */
struct ListenOptions {
  std::string host{};
  uint16_t port = 0;
  uint32_t latency_ms = 120;
  uint32_t takeover_after_ms = 1000;
  std::string camera_id{};  // empty: the stream id tells
};

/**
 * Listens on one UDP port for all cameras; the access table says who may come in. A caller is admitted by its stream
 * id, proves its key to libsrt, is accepted by the engine's thread, and only then does its camera's sink see a byte.
 * Lock order: mutex_ is taken by libsrt's handshake thread, which holds libsrt's listener lock; so no call of libsrt is
 * made while mutex_ is held.
 */
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  explicit Listener(ListenOptions options);
  Listener(const Listener &) = delete;
  Listener &operator=(const Listener &) = delete;

  Status open();
  void close();

  uint16_t port() const { return port_; }
  ltn_srt_udp_t udp() const;
  Status set_access(std::vector<AccessEntry> entries);
  void attach(const std::string &camera_id, ltn_byte_sink_t *sink);
  void drop(const std::string &camera_id, const std::string &reason);
  EventLog &events() { return events_; }
  Status statistics(const std::string &camera_id, ltn_srt_statistics_t &out);

 private:
  /** A caller that was admitted and has not been accepted yet. */
  struct Attempt {
    Admission admission{};
    std::string stream_id{};
    std::string peer{};
    std::shared_ptr<Verdict> verdict{};
  };
  struct Connection {
    std::shared_ptr<Link> link;
    std::string passphrase;
    std::string peer{};
  };
  class Doorman;

  static int on_handshake(void *self, SRTSOCKET socket, int version, const sockaddr *peer, const char *stream_id);
  int handshake(SRTSOCKET socket, const sockaddr *peer, const char *stream_id);
  int refuse(SRTSOCKET socket, int code, const std::string &reason, const Attempt &attempt);
  void accept_all();
  void accept(SRTSOCKET socket);
  void resolve_failed_attempts();
  void on_link_end(const std::string &camera_id, const Link &link, const std::string &reason);
  void add_rejection(int code, const std::string &reason, const Attempt &attempt);
  /** The camera's connection if it sent data within takeover_after_ms. Under mutex_. */
  bool is_busy(const std::string &camera_id) const;
  std::shared_ptr<SinkSlot> slot(const std::string &camera_id);

  const ListenOptions options_;
  std::shared_ptr<Engine> engine_;
  SRTSOCKET socket_ = SRT_INVALID_SOCK;
  uint16_t port_ = 0;
  bool is_favoured_ = false;
  AccessTable table_;
  GuessLimit guesses_;
  FloodGate flood_gate_;
  EventLog events_;
  mutable std::mutex mutex_;
  std::unordered_map<SRTSOCKET, Attempt> attempts_;
  std::map<std::string, Connection> connections_;
  std::map<std::string, std::shared_ptr<SinkSlot>> slots_;
};

}  // namespace lanthorn::srt
