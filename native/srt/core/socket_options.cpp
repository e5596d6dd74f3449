#include "socket_options.hpp"

#include <algorithm>
#include <bit>

namespace lanthorn::srt {
namespace {

constexpr int32_t kMssBytes = 1500;
// The one UDP socket's buffer is what arrives while libsrt's receiving thread does not run: a third of a second of 100
// streams of 5 Mbit/s, at 2,304 B that the kernel counts for a packet of 1,360. The kernel gives less without a word
// where net.core.rmem_max is lower. libsrt's default is 8,192 * 1,500.
constexpr int32_t kUdpBufferBytes = 32 * 1024 * 1024;
constexpr int32_t kUnitBytes = kMssBytes - 28;  // what SRTO_RCVBUF counts for a packet: MSS - 20 IP - 8 UDP

bool set_int(SRTSOCKET socket, SRT_SOCKOPT option, int32_t value) {
  return srt_setsockflag(socket, option, &value, sizeof(value)) != SRT_ERROR;
}

bool set_bool(SRTSOCKET socket, SRT_SOCKOPT option, bool value) {
  return srt_setsockflag(socket, option, &value, sizeof(value)) != SRT_ERROR;
}

}  // namespace

int32_t receive_buffer_packets(uint32_t latency_ms) {
  constexpr uint64_t kPeakBytesPerMs = 50'000'000 / 8 / 1000;  // 50 Mbit/s: a 4K camera's key frames
  constexpr uint64_t kSlackMs = 250;                           // round trip, retransmissions, a late reader
  constexpr uint64_t kPayloadBytes = 1316;                     // 7 TS packets of 188
  const uint64_t packets = kPeakBytesPerMs * (latency_ms + kSlackMs) / kPayloadBytes;
  return static_cast<int32_t>(std::clamp<uint64_t>(std::bit_ceil(packets), 1024, 65536));
}

bool set_receiver_options(SRTSOCKET socket, uint32_t latency_ms) {
  const int32_t packets = receive_buffer_packets(latency_ms);
  const SRT_TRANSTYPE live = SRTT_LIVE;
  return srt_setsockflag(socket, SRTO_TRANSTYPE, &live, sizeof(live)) != SRT_ERROR &&
         // Before RCVBUF: libsrt caps RCVBUF at FC silently. The sender also may not have more than FC in flight.
         set_int(socket, SRTO_FC, std::max<int32_t>(packets, 8192)) &&
         set_int(socket, SRTO_RCVBUF, packets * kUnitBytes) && set_int(socket, SRTO_UDP_RCVBUF, kUdpBufferBytes) &&
         set_int(socket, SRTO_RCVLATENCY, static_cast<int32_t>(latency_ms)) && set_bool(socket, SRTO_TSBPDMODE, true) &&
         set_bool(socket, SRTO_ENFORCEDENCRYPTION, true) && set_bool(socket, SRTO_RCVSYN, false);
}

}  // namespace lanthorn::srt
