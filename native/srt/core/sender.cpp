#include "sender.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "address.hpp"
#include "library_log.hpp"
#include "reject_words.hpp"

namespace lanthorn::srt {
namespace {

constexpr size_t kMessageBytes = 1316;  // 7 TS packets of 188: SRTO_PAYLOADSIZE of live mode

bool set_int(SRTSOCKET socket, SRT_SOCKOPT option, int32_t value) {
  return srt_setsockflag(socket, option, &value, sizeof(value)) != SRT_ERROR;
}

bool set_bool(SRTSOCKET socket, SRT_SOCKOPT option, bool value) {
  return srt_setsockflag(socket, option, &value, sizeof(value)) != SRT_ERROR;
}

bool set_text(SRTSOCKET socket, SRT_SOCKOPT option, const std::string &value) {
  return value.empty() || srt_setsockflag(socket, option, value.data(), static_cast<int>(value.size())) != SRT_ERROR;
}

}  // namespace

Sender::Sender(SendOptions options) : options_(std::move(options)) {
  srt_startup();  // counted: paired with srt_cleanup below
  install_library_log();
}

Sender::~Sender() {
  if (socket_ != SRT_INVALID_SOCK) {
    srt_close(socket_);
  }
  srt_cleanup();
}

Status Sender::configure() const {
  const SRT_TRANSTYPE live = SRTT_LIVE;
  const bool ok = srt_setsockflag(socket_, SRTO_TRANSTYPE, &live, sizeof(live)) != SRT_ERROR &&
                  set_int(socket_, SRTO_LATENCY, static_cast<int32_t>(options_.latency_ms)) &&
                  set_int(socket_, SRTO_CONNTIMEO, static_cast<int32_t>(options_.connect_timeout_ms)) &&
                  // RCVSYN decides whether connecting blocks, SNDSYN whether sending does.
                  set_bool(socket_, SRTO_RCVSYN, false) && set_bool(socket_, SRTO_SNDSYN, false) &&
                  set_bool(socket_, SRTO_ENFORCEDENCRYPTION, true) &&
                  set_int(socket_, SRTO_PBKEYLEN, 32) &&  // the sender decides on the key's length: AES-256
                  set_text(socket_, SRTO_PASSPHRASE, options_.passphrase) &&
                  set_text(socket_, SRTO_STREAMID, options_.stream_id);
  return ok ? Status{} : status_of_srt_error("Cannot prepare to send to " + peer_);
}

Status Sender::open() {
  Address address;
  if (!parse_address(options_.host, options_.port, address)) {
    return {LTN_SRT_E_ADDRESS, "Expected a numeric IP address to send to but received " + options_.host};
  }
  if (options_.passphrase.size() < 10 || options_.passphrase.size() > 79) {
    return {LTN_SRT_E_INVALID_ARGUMENT,
            "Expected 10 to 79 bytes in the passphrase but received " + std::to_string(options_.passphrase.size())};
  }
  peer_ = address_text(address.get());
  socket_ = srt_create_socket();
  Status status = configure();
  if (status.ok() && srt_connect(socket_, address.get(), static_cast<int>(address.bytes)) == SRT_ERROR) {
    status = status_of_srt_error("Cannot call " + peer_);
  }
  last_.kind = LTN_SRT_SENDER_CONNECTING;
  return status;
}

void Sender::state(ltn_srt_sender_state_t &out) {
  if (socket_ != SRT_INVALID_SOCK) {
    switch (srt_getsockstate(socket_)) {
      case SRTS_CONNECTED:
        last_.kind = LTN_SRT_SENDER_CONNECTED;
        break;
      case SRTS_INIT:
      case SRTS_OPENED:
      case SRTS_CONNECTING:
        break;
      default:
        if (last_.kind == LTN_SRT_SENDER_CONNECTED) {
          end("the box ended the connection or is gone", 0);
        } else {
          const int code = srt_getrejectreason(socket_);
          end(reject_words(code, false), code);
        }
    }
  }
  out = last_;
}

void Sender::end(const char *reason, int code) {
  srt_close(socket_);
  socket_ = SRT_INVALID_SOCK;
  last_.kind = LTN_SRT_SENDER_CLOSED;
  last_.code = code;
  snprintf(last_.reason, sizeof(last_.reason), "%s", reason);
}

size_t Sender::send(const uint8_t *bytes, size_t count) {
  size_t sent = 0;
  while (sent < count && socket_ != SRT_INVALID_SOCK) {
    const size_t message = std::min(kMessageBytes, count - sent);
    SRT_MSGCTRL control = srt_msgctrl_default;
    const int result =
        srt_sendmsg2(socket_, reinterpret_cast<const char *>(bytes + sent), static_cast<int>(message), &control);
    if (result == SRT_ERROR) {
      srt_clearlasterror();  // the buffer is full, or the connection broke: state() says so
      break;
    }
    sent += message;
  }
  return sent;
}

Status Sender::statistics(ltn_srt_sender_statistics_t &out) const {
  SRT_TRACEBSTATS stats;
  if (last_.kind != LTN_SRT_SENDER_CONNECTED || srt_bistats(socket_, &stats, 0, 1) == SRT_ERROR) {
    srt_clearlasterror();
    return {LTN_SRT_E_NOT_FOUND, "Not connected to " + peer_};
  }
  int32_t key_bytes = 0;
  int size = sizeof(key_bytes);
  srt_getsockflag(socket_, SRTO_PBKEYLEN, &key_bytes, &size);
  out = {.pktSentTotal = stats.pktSentTotal,
         .pktSndLossTotal = stats.pktSndLossTotal,
         .pktSndDropTotal = stats.pktSndDropTotal,
         .pktRetransTotal = stats.pktRetransTotal,
         .pktRecvACKTotal = stats.pktRecvACKTotal,
         .byteSentTotal = stats.byteSentTotal,
         .mbpsSendRate = stats.mbpsSendRate,
         .msRTT = stats.msRTT,
         .pktSndBuf = stats.pktSndBuf,
         .pbkeylen = static_cast<uint32_t>(key_bytes)};
  return {};
}

}  // namespace lanthorn::srt
