#include "caller.hpp"

#include <utility>

#include "address.hpp"
#include "reject_words.hpp"
#include "socket_options.hpp"
#include "stream_id.hpp"
#include "timer_slack.hpp"

namespace lanthorn::srt {

/** The engine's view of the socket while it connects. */
class Caller::Dialler : public Watched {
 public:
  explicit Dialler(Caller &caller) : caller_(caller) {}
  bool on_ready() override {
    caller_.on_answer();
    return false;
  }

 private:
  Caller &caller_;  // outlives: Caller::close unwatches on the engine's thread
};

Caller::Caller(CallOptions options) : options_(std::move(options)) {}

Status Caller::configure(SRTSOCKET socket) const {
  const auto timeout_ms = static_cast<int32_t>(options_.connect_timeout_ms);
  const int32_t key_bytes = 32;  // the calling side makes the key, whichever way the stream goes: ask for AES-256
  bool ok = set_receiver_options(socket, options_.latency_ms) &&
            srt_setsockflag(socket, SRTO_CONNTIMEO, &timeout_ms, sizeof(timeout_ms)) != SRT_ERROR;
  if (!options_.passphrase.empty()) {
    ok = ok && srt_setsockflag(socket, SRTO_PBKEYLEN, &key_bytes, sizeof(key_bytes)) != SRT_ERROR &&
         srt_setsockflag(socket, SRTO_PASSPHRASE, options_.passphrase.data(),
                         static_cast<int>(options_.passphrase.size())) != SRT_ERROR;
  }
  if (!options_.stream_id.empty()) {
    ok = ok && srt_setsockflag(socket, SRTO_STREAMID, options_.stream_id.data(),
                               static_cast<int>(options_.stream_id.size())) != SRT_ERROR;
  }
  return ok ? Status{} : status_of_srt_error("Cannot prepare a call to " + peer_);
}

Status Caller::open(ltn_byte_sink_t *sink) {
  Address address;
  if (!parse_address(options_.host, options_.port, address)) {
    return {LTN_SRT_E_ADDRESS, "Expected a numeric IP address to call but received " + options_.host};
  }
  if (!options_.passphrase.empty() && (options_.passphrase.size() < 10 || options_.passphrase.size() > 79)) {
    return {LTN_SRT_E_INVALID_ARGUMENT,
            "Expected 10 to 79 bytes in the passphrase but received " + std::to_string(options_.passphrase.size())};
  }
  if (options_.stream_id.size() > 512) {
    return {LTN_SRT_E_INVALID_ARGUMENT,
            "Expected at most 512 bytes in the stream id but received " + std::to_string(options_.stream_id.size())};
  }
  peer_ = address_text(address.get());
  engine_ = Engine::shared();
  const TimerSlack slack;  // calling starts libsrt's receiving thread
  socket_ = srt_create_socket();
  Status status = configure(socket_);
  if (status.ok()) {
    sink_->set(sink);
    // Non-blocking (RCVSYN is false): the answer comes as an epoll event. Watched first, so that none is missed.
    engine_->watch(socket_, SRT_EPOLL_OUT | SRT_EPOLL_ERR, std::make_shared<Dialler>(*this));
    if (srt_connect(socket_, address.get(), static_cast<int>(address.bytes)) == SRT_ERROR) {
      status = status_of_srt_error("Cannot call " + peer_);
    }
  }
  if (!status.ok()) {
    close();
  }
  return status;
}

void Caller::on_answer() {
  const SRTSOCKET socket = socket_;
  const SRT_SOCKSTATUS state = srt_getsockstate(socket);
  if (state == SRTS_CONNECTING) {
    return;
  }
  engine_->unwatch(socket);
  socket_ = SRT_INVALID_SOCK;
  if (state != SRTS_CONNECTED) {
    const int code = srt_getrejectreason(socket);
    srt_close(socket);
    ltn_srt_event_t event = make_event(LTN_SRT_REJECTED, "", peer_.c_str(), reject_words(code, false));
    event.code = code;
    copy_text(event.stream_id, sizeof(event.stream_id), printable_stream_id(options_.stream_id).c_str());
    events_.add(event);
    return;
  }
  auto link = std::make_shared<Link>(*engine_, socket, sink_, [this](const Link &, const std::string &reason) {
    events_.add(make_event(LTN_SRT_DISCONNECTED, "", peer_.c_str(), reason.c_str()));
  });
  sink_->discontinuity();
  ltn_srt_event_t event = make_event(LTN_SRT_CONNECTED, "", peer_.c_str(), "");
  event.key_length_bits = options_.passphrase.empty() ? 0 : link->key_bytes() * 8;
  event.latency_ms = link->latency_ms();
  events_.add(event);
  {
    const std::lock_guard lock(mutex_);
    link_ = link;
  }
  engine_->watch(socket, SRT_EPOLL_IN | SRT_EPOLL_ERR, link);
  // A peer that is gone already raises no event any more (srtcore/core.cpp, addEPoll): a first look finds it broken.
  link->on_ready();
}

void Caller::close() {
  if (engine_ == nullptr) {
    return;
  }
  engine_->run([this] {
    if (socket_ != SRT_INVALID_SOCK) {
      engine_->unwatch(socket_);
      srt_close(socket_);
      socket_ = SRT_INVALID_SOCK;
    }
    if (link_ != nullptr) {
      link_->end("the caller was closed");
    }
  });
  sink_->set(nullptr);
  engine_.reset();
}

Status Caller::statistics(ltn_srt_statistics_t &out) {
  const std::lock_guard lock(mutex_);
  return link_ == nullptr ? Status{LTN_SRT_E_NOT_FOUND, "Not connected to " + peer_} : link_->statistics(out);
}

}  // namespace lanthorn::srt
