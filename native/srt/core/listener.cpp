#include "listener.hpp"

#include <netinet/in.h>
#include <srt/access_control.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "address.hpp"
#include "mono_clock.hpp"
#include "receive_threads.hpp"
#include "reject_words.hpp"
#include "socket_options.hpp"
#include "stream_id.hpp"
#include "timer_slack.hpp"

namespace lanthorn::srt {
namespace {

constexpr int kBacklog = 128;
constexpr size_t kMaxAttempts = 1024;

/** A UDP socket of our own, so that a filter can be put on it; -1 and errno when that fails. */
int bind_udp(const Address &address) {
  const int family = address.get()->sa_family;
  const int udp_socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (udp_socket < 0) {
    return -1;
  }
  const int only_v6 = address.is_any_v6() ? 0 : 1;  // "::" means everyone, IPv4 too
  if ((family == AF_INET6 && setsockopt(udp_socket, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6)) != 0) ||
      bind(udp_socket, address.get(), address.bytes) != 0) {
    const int why = errno;
    ::close(udp_socket);
    errno = why;
    return -1;
  }
  return udp_socket;
}

/** The address without the port, which differs with every attempt. */
std::string host_of(const std::string &peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

/** The engine's view of the listening socket. */
class Listener::Doorman : public Watched {
 public:
  explicit Doorman(Listener &listener) : listener_(listener) {}
  bool on_ready() override {
    listener_.accept_all();
    return false;
  }
  void on_turn() override {
    listener_.flood_gate_.tick(mono_ns());
    listener_.resolve_failed_attempts();
  }

 private:
  Listener &listener_;  // outlives: Listener::close unwatches on the engine's thread
};

Listener::Listener(ListenOptions options) : options_(std::move(options)) {}

Status Listener::open() {
  Address address;
  const std::string where = options_.host + ":" + std::to_string(options_.port);
  if (!parse_address(options_.host, options_.port, address)) {
    return {LTN_SRT_E_ADDRESS, "Expected a numeric IP address to listen on but received " + options_.host};
  }
  engine_ = Engine::shared();
  const TimerSlack slack;  // binding starts libsrt's receiving thread
  socket_ = srt_create_socket();
  const bool no_sharing = false;  // a second listener of this process on the port is an error, not a silent twin
  Status status;
  int udp_socket = -1;
  if (!set_receiver_options(socket_, options_.latency_ms) ||
      srt_setsockflag(socket_, SRTO_REUSEADDR, &no_sharing, sizeof(no_sharing)) == SRT_ERROR ||
      srt_listen_callback(socket_, on_handshake, this) == SRT_ERROR) {
    status = status_of_srt_error("Cannot prepare to listen on " + where);
  } else if (udp_socket = bind_udp(address); udp_socket < 0) {
    status = status_of_errno("Cannot listen on " + where);
  } else if (srt_bind_acquire(socket_, udp_socket) == SRT_ERROR) {
    status = status_of_srt_error("Cannot listen on " + where);
    ::close(udp_socket);
  } else if (srt_listen(socket_, kBacklog) == SRT_ERROR) {
    status = status_of_srt_error("Cannot listen on " + where);  // the UDP socket is libsrt's now
  }
  if (!status.ok()) {
    srt_close(socket_);
    socket_ = SRT_INVALID_SOCK;
    engine_.reset();
    return status;
  }
  is_favoured_ = favour_receive_threads();
  flood_gate_.open(udp_socket);
  sockaddr_storage bound{};
  int bytes = sizeof(bound);
  srt_getsockname(socket_, reinterpret_cast<sockaddr *>(&bound), &bytes);
  port_ = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6 *>(&bound)->sin6_port
                                            : reinterpret_cast<sockaddr_in *>(&bound)->sin_port);
  engine_->watch(socket_, SRT_EPOLL_IN | SRT_EPOLL_ERR, std::make_shared<Doorman>(*this));
  return status;
}

void Listener::close() {
  if (engine_ == nullptr) {
    return;
  }
  engine_->run([this] {
    engine_->unwatch(socket_);
    flood_gate_.close();  // else the port would stay taken
    srt_close(socket_);   // takes libsrt's listener lock: no handshake callback runs after this
    std::map<std::string, Connection> connections;
    {
      const std::lock_guard lock(mutex_);
      connections = connections_;
    }
    for (const auto &[camera_id, connection] : connections) {
      connection.link->end("the listener was closed");
    }
  });
  {
    const std::lock_guard lock(mutex_);
    slots_.clear();
    attempts_.clear();
  }
  engine_.reset();
}

ltn_srt_udp_t Listener::udp() const {
  ltn_srt_udp_t udp = flood_gate_.socket_state();
  udp.thread_nice = is_favoured_ ? kReceiveNice : 0;
  return udp;
}

Status Listener::set_access(std::vector<AccessEntry> entries) {
  for (const AccessEntry &entry : entries) {
    for (const std::string *key : {&entry.passphrase, &entry.next_passphrase}) {
      if (!(key == &entry.next_passphrase && key->empty()) && (key->size() < 10 || key->size() > 79)) {
        return {LTN_SRT_E_INVALID_ARGUMENT, "Expected 10 to 79 bytes in a passphrase of camera " + entry.camera_id +
                                                " but received " + std::to_string(key->size()) +
                                                "; give the camera a new key"};
      }
    }
  }
  table_.replace(std::move(entries));
  const std::lock_guard lock(mutex_);
  for (const auto &[camera_id, connection] : connections_) {
    if (!table_.allows(camera_id, connection.passphrase)) {
      connection.link->request_end("access was taken back");
    }
  }
  return {};
}

void Listener::attach(const std::string &camera_id, ltn_byte_sink_t *sink) { slot(camera_id)->set(sink); }

void Listener::drop(const std::string &camera_id, const std::string &reason) {
  const std::lock_guard lock(mutex_);
  if (const auto found = connections_.find(camera_id); found != connections_.end()) {
    found->second.link->request_end(reason);
  }
}

Status Listener::statistics(const std::string &camera_id, ltn_srt_statistics_t &out) {
  std::shared_ptr<Link> link;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = connections_.find(camera_id); found != connections_.end()) {
      link = found->second.link;
    }
  }
  return link == nullptr ? Status{LTN_SRT_E_NOT_FOUND, "No connection of camera " + camera_id} : link->statistics(out);
}

int Listener::on_handshake(void *self, SRTSOCKET socket, int, const sockaddr *peer, const char *stream_id) {
  return static_cast<Listener *>(self)->handshake(socket, peer, stream_id);
}

int Listener::handshake(SRTSOCKET socket, const sockaddr *peer, const char *stream_id) {
  expect_verdict(nullptr);
  flood_gate_.note_caller(peer, mono_ns());
  const std::string peer_text = address_text(peer);
  const std::string peer_host = host_of(peer_text);
  const std::string own =
      asks_for_sub_stream(stream_id) ? options_.camera_id + std::string(kSubStream) : options_.camera_id;
  Attempt attempt{.admission = options_.camera_id.empty() ? table_.admit(stream_id, peer_host)
                                                          : table_.admit_camera(own, peer_host),
                  .stream_id = stream_id,
                  .peer = peer_text};
  const Admission &admission = attempt.admission;
  if (admission.reject_code != 0) {
    return refuse(socket, admission.reject_code, admission.reason, attempt);
  }
  bool busy = false;
  bool overload = false;
  {
    const std::lock_guard lock(mutex_);
    busy = is_busy(admission.camera_id);
    overload = attempts_.size() >= kMaxAttempts;
  }
  if (busy) {
    return refuse(socket, SRT_REJX_CONFLICT, "this camera is connected already", attempt);
  }
  if (overload) {
    return refuse(socket, SRT_REJX_OVERLOAD, reject_words(SRT_REJX_OVERLOAD, true), attempt);
  }
  if (!guesses_.allow(peer_host, std::string(camera_of(admission.camera_id)), mono_ns())) {
    return refuse(socket, SRT_REJX_OVERLOAD, "too many wrong keys from this address: wait ten seconds", attempt);
  }
  if (srt_setsockflag(socket, SRTO_PASSPHRASE, admission.passphrase.data(),
                      static_cast<int>(admission.passphrase.size())) == SRT_ERROR) {
    srt_clearlasterror();
    return refuse(socket, SRT_REJX_ISE, "libsrt did not take the passphrase", attempt);
  }
  attempt.verdict = std::make_shared<Verdict>();
  expect_verdict(attempt.verdict);
  const std::lock_guard lock(mutex_);
  attempts_.emplace(socket, std::move(attempt));
  return 0;
}

int Listener::refuse(SRTSOCKET socket, int code, const std::string &reason, const Attempt &attempt) {
  srt_setrejectreason(socket, code);
  add_rejection(code, reason, attempt);
  return -1;
}

void Listener::accept_all() {
  for (SRTSOCKET socket = srt_accept(socket_, nullptr, nullptr); socket != SRT_INVALID_SOCK;
       socket = srt_accept(socket_, nullptr, nullptr)) {
    accept(socket);
  }
  srt_clearlasterror();
}

void Listener::accept(SRTSOCKET socket) {
  Attempt attempt;
  std::shared_ptr<Link> stale;
  bool busy = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = attempts_.find(socket);
    if (found != attempts_.end()) {
      attempt = std::move(found->second);
      attempts_.erase(found);
    }
    busy = is_busy(attempt.admission.camera_id);  // a twin may have been accepted since the handshake
    const auto connected = connections_.find(attempt.admission.camera_id);
    stale = connected == connections_.end() ? nullptr : connected->second.link;
  }
  const Admission &admission = attempt.admission;
  if (admission.camera_id.empty()) {
    srt_close(socket);  // its attempt was given up as failed
    return;
  }
  int32_t key_state = SRT_KM_S_UNSECURED;
  int bytes = sizeof(key_state);
  srt_getsockflag(socket, SRTO_RCVKMSTATE, &key_state, &bytes);
  int code = 0;
  const char *reason = "";
  if (key_state !=
      SRT_KM_S_SECURED) {  // forced encryption promises it; a stream in clear would be worse than a check too many
    code = SRT_REJX_UNAUTHORIZED;
    reason = "the connection came up without encryption";
  } else if (!table_.allows(admission.camera_id, admission.passphrase)) {
    code = SRT_REJX_FORBIDDEN;
    reason = "access was taken back";
  } else if (busy) {
    code = SRT_REJX_CONFLICT;
    reason = "this camera is connected already";
  }
  if (code != 0) {
    srt_close(socket);
    add_rejection(code, reason, attempt);
    return;
  }
  if (stale != nullptr) {
    stale->end("replaced by a new connection of the same camera");
  }
  const bool non_blocking = false;
  srt_setsockflag(socket, SRTO_RCVSYN, &non_blocking, sizeof(non_blocking));
  table_.note_connected(admission.camera_id, admission.next_key);
  guesses_.forgive(host_of(attempt.peer), std::string(camera_of(admission.camera_id)));
  const std::shared_ptr<SinkSlot> sink = slot(admission.camera_id);
  sink->discontinuity();
  auto link = std::make_shared<Link>(
      *engine_, socket, sink, [this, camera_id = admission.camera_id](const Link &ended, const std::string &why) {
        on_link_end(camera_id, ended, why);
      });
  ltn_srt_event_t event = make_event(LTN_SRT_CONNECTED, admission.camera_id.c_str(), attempt.peer.c_str(), "");
  event.key_length_bits = link->key_bytes() * 8;
  event.latency_ms = link->latency_ms();
  event.next_key = admission.next_key ? 1 : 0;
  copy_text(event.stream_id, sizeof(event.stream_id), printable_stream_id(attempt.stream_id).c_str());
  events_.add(event);
  {
    const std::lock_guard lock(mutex_);
    connections_[admission.camera_id] = {.link = link, .passphrase = admission.passphrase, .peer = attempt.peer};
  }
  engine_->watch(socket, SRT_EPOLL_IN | SRT_EPOLL_ERR, link);
  // A peer that is gone already raises no event any more (srtcore/core.cpp, addEPoll): a first look finds it broken.
  link->on_ready();
}

void Listener::resolve_failed_attempts() {
  std::vector<std::pair<SRTSOCKET, Attempt>> failed;
  std::vector<SRTSOCKET> pending;
  {
    const std::lock_guard lock(mutex_);
    if (attempts_.empty()) {
      return;
    }
    for (const auto &[socket, attempt] : attempts_) {
      pending.push_back(socket);
    }
  }
  for (const SRTSOCKET socket : pending) {
    // libsrt takes a socket whose handshake failed out of its table at once (srtcore/api.cpp, newConnection:
    // ERR_ROLLBACK). One that broke after it was connected is SRTS_BROKEN: it is still to be accepted and then found
    // broken.
    if (srt_getsockstate(socket) >= SRTS_CLOSED) {
      const std::lock_guard lock(mutex_);
      if (const auto found = attempts_.find(socket); found != attempts_.end()) {
        failed.emplace_back(socket, std::move(found->second));
        attempts_.erase(found);
      }
    }
  }
  for (const auto &[socket, attempt] : failed) {
    const int verdict = attempt.verdict->reject_code.load(std::memory_order_relaxed);
    const int code = verdict == Verdict::kUnknown ? SRT_REJX_UNAUTHORIZED : verdict;
    if (code == SRT_REJ_BADSECRET || code == SRT_REJX_UNAUTHORIZED) {
      table_.note_wrong_key(attempt.admission.camera_id, host_of(attempt.peer), attempt.admission.next_key);
    }
    std::string reason = reject_words(verdict == Verdict::kUnknown ? verdict : code, true);
    if (const Elsewhere other = table_.find_elsewhere(attempt.stream_id); !other.camera_id.empty()) {
      // On a camera's own port the stream id does not count, but it may tell what is wrong.
      reason += "; its stream id: " + must_call(other.camera_id, other.call_port);
    }
    add_rejection(code, reason, attempt);
  }
}

void Listener::on_link_end(const std::string &camera_id, const Link &link, const std::string &reason) {
  std::string peer;
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(camera_id);
    if (found != connections_.end() && found->second.link.get() == &link) {
      peer = found->second.peer;
      connections_.erase(found);
    }
  }
  events_.add(make_event(LTN_SRT_DISCONNECTED, camera_id.c_str(), peer.c_str(), reason.c_str()));
}

void Listener::add_rejection(int code, const std::string &reason, const Attempt &attempt) {
  ltn_srt_event_t event =
      make_event(LTN_SRT_REJECTED, attempt.admission.camera_id.c_str(), attempt.peer.c_str(), reason.c_str());
  event.code = code;
  event.call_port = attempt.admission.call_port;
  // Someone may have typed the passphrase into the stream id's field: it must not reach a log.
  const std::string shown =
      table_.holds_secret(attempt.stream_id) ? "(holds a passphrase)" : printable_stream_id(attempt.stream_id);
  copy_text(event.stream_id, sizeof(event.stream_id), shown.c_str());
  events_.add(event);
}

bool Listener::is_busy(const std::string &camera_id) const {
  const auto found = connections_.find(camera_id);
  return found != connections_.end() &&
         mono_ns() - found->second.link->last_data_mono_ns() < int64_t{options_.takeover_after_ms} * 1'000'000;
}

std::shared_ptr<SinkSlot> Listener::slot(const std::string &camera_id) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<SinkSlot> &slot = slots_[camera_id];
  if (slot == nullptr) {
    slot = std::make_shared<SinkSlot>();
  }
  return slot;
}

}  // namespace lanthorn::srt
