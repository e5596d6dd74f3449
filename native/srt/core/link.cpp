#include "link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mono_clock.hpp"
#include "reorder.hpp"

namespace lanthorn::srt {
namespace {

constexpr int kMessagesPerTurn = 64;
constexpr size_t kMessageBytes = 1500;          // a live message is at most 1456: 1500 MTU - 28 IP/UDP - 16 SRT
constexpr int32_t kSequenceMask = 0x7fff'ffff;  // 31 bits, draft-sharabayko-srt-01 section 3.1
constexpr int64_t kOrderEveryNs = 1'000'000'000;
constexpr int64_t kPeerIdleNs = 4'500'000'000;  // libsrt gives up after SRTO_PEERIDLETIMEO = 5,000 ms of silence

/** 0 also when libsrt does not tell. */
int32_t int_option(SRTSOCKET socket, SRT_SOCKOPT option) {
  int32_t value = 0;
  int bytes = sizeof(value);
  return srt_getsockflag(socket, option, &value, &bytes) == SRT_ERROR ? 0 : value;
}

}  // namespace

Link::Link(Engine &engine, SRTSOCKET socket, std::shared_ptr<SinkSlot> sink, OnEnd on_end)
    : engine_(engine), socket_(socket), sink_(std::move(sink)), on_end_(std::move(on_end)) {
  key_bytes_ = static_cast<uint32_t>(int_option(socket, SRTO_PBKEYLEN));
  latency_ms_ = static_cast<uint32_t>(int_option(socket, SRTO_RCVLATENCY));
  last_data_mono_ns_.store(mono_ns(), std::memory_order_relaxed);  // a newborn connection counts as active
  order_looked_at_ns_ = mono_ns();
}

bool Link::on_ready() {
  std::array<char, kMessageBytes> message;
  for (int i = 0; i < kMessagesPerTurn && !ended_; ++i) {
    if (i > 0 && (int_option(socket_, SRTO_EVENT) & (SRT_EPOLL_IN | SRT_EPOLL_ERR)) == 0) {
      return false;  // asked first: a read that finds nothing throws inside libsrt, which costs more than ten that find
    }
    SRT_MSGCTRL control;
    srt_msgctrl_init(&control);
    const int bytes = srt_recvmsg2(socket_, message.data(), static_cast<int>(message.size()), &control);
    if (bytes <= 0) {
      if (srt_getlasterror(nullptr) != SRT_EASYNCRCV) {
        end(break_reason());
      }
      srt_clearlasterror();
      return false;
    }
    // TSBPD drops what came too late (TLPKTDROP): the next sequence number tells.
    if (last_sequence_ >= 0 && control.pktseq != ((last_sequence_ + 1) & kSequenceMask)) {
      sink_->discontinuity();
    }
    last_sequence_ = control.pktseq;
    const int64_t now = mono_ns();
    last_data_mono_ns_.store(now, std::memory_order_relaxed);
    messages_.fetch_add(1, std::memory_order_relaxed);
    sink_->push(reinterpret_cast<const uint8_t *>(message.data()), static_cast<size_t>(bytes), now);
  }
  return !ended_;
}

void Link::on_turn() {
  if (!ended_ && mono_ns() - order_looked_at_ns_ >= kOrderEveryNs) {
    look_at_order();
  }
  if (end_requested_.load(std::memory_order_relaxed) && !ended_) {
    std::string reason;
    {
      const std::lock_guard lock(end_mutex_);
      reason = end_reason_;
    }
    end(reason);
  }
}

void Link::look_at_order() {
  SRT_TRACEBSTATS s;
  if (srt_bistats(socket_, &s, 0, 1) == SRT_ERROR) {
    srt_clearlasterror();
    return;
  }
  const int64_t now_ns = mono_ns();
  const double seconds = static_cast<double>(now_ns - order_looked_at_ns_) / 1e9;
  const double packets_per_s = static_cast<double>(s.pktRecvTotal - packets_then_) / seconds;
  order_looked_at_ns_ = now_ns;
  packets_then_ = s.pktRecvTotal;
  const int32_t wanted = reorder_tolerance(s.pktReorderDistance, packets_per_s, latency_ms_);
  // libsrt takes a new value as its present tolerance and lets it sink by itself while packets come in order, so only
  // a larger one is told. Not before it is needed: a gap waits for so many packets from the first one on.
  if (wanted > tolerance_) {
    tolerance_ = wanted;
    srt_setsockflag(socket_, SRTO_LOSSMAXTTL, &tolerance_, sizeof(tolerance_));
  }
}

void Link::request_end(std::string reason) {
  const std::lock_guard lock(end_mutex_);
  end_reason_ = std::move(reason);
  end_requested_.store(true, std::memory_order_relaxed);
}

void Link::end(const std::string &reason) {
  if (ended_) {
    return;
  }
  ended_ = true;
  engine_.unwatch(socket_);
  srt_close(socket_);
  on_end_(*this, reason);
}

std::string Link::break_reason() const {
  // libsrt says "connection was broken" for both; a peer that ended it had sent something just before.
  const int64_t silent_ns = mono_ns() - last_data_mono_ns();
  if (silent_ns >= kPeerIdleNs) {
    return "nothing came for " + std::to_string(silent_ns / 1'000'000'000) + " s: camera off, or network cut";
  }
  return "the camera ended the connection";
}

Status Link::statistics(ltn_srt_statistics_t &out) const {
  SRT_TRACEBSTATS s;
  if (srt_bistats(socket_, &s, 1, 0) == SRT_ERROR) {
    srt_clearlasterror();
    return {LTN_SRT_E_NOT_FOUND, "The connection has ended"};
  }
  out = {.msTimeStamp = s.msTimeStamp,
         .pktRecvTotal = s.pktRecvTotal,
         .pktRcvLossTotal = s.pktRcvLossTotal,
         .pktRcvDropTotal = s.pktRcvDropTotal,
         .pktRcvUndecryptTotal = s.pktRcvUndecryptTotal,
         .byteRecvTotal = s.byteRecvTotal,
         .pktRecv = s.pktRecv,
         .pktRecvUnique = s.pktRecvUnique,
         .pktRcvLoss = s.pktRcvLoss,
         .pktRcvDrop = s.pktRcvDrop,
         .pktRcvRetrans = s.pktRcvRetrans,
         .pktRcvBelated = s.pktRcvBelated,
         .pktRcvUndecrypt = s.pktRcvUndecrypt,
         .pktReorderDistance = std::max(0, s.pktReorderDistance),  // 1.5.1 lets it fall below zero
         .pktReorderTolerance = s.pktReorderTolerance,
         .pktSentNAK = s.pktSentNAK,
         .pktRcvAvgBelatedTime = s.pktRcvAvgBelatedTime,
         .mbpsRecvRate = s.mbpsRecvRate,
         .mbpsBandwidth = s.mbpsBandwidth,
         .msRTT = s.msRTT,
         .pktRcvBuf = s.pktRcvBuf,
         .msRcvBuf = s.msRcvBuf,
         .msRcvTsbPdDelay = s.msRcvTsbPdDelay,
         .pbkeylen = key_bytes_,
         .messages = messages_.load(std::memory_order_relaxed),
         .lastDataMonoNs = last_data_mono_ns()};
  return {};
}

}  // namespace lanthorn::srt
