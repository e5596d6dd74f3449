#include "flood_gate.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace lanthorn::srt {
namespace {

std::atomic<uint64_t> total_shuts{0};  // relaxed: a statistic

constexpr uint32_t kHandshakeWord = 0x8000'0000;  // control packet of type 0, draft-sharabayko-srt-01 section 3.2
constexpr uint32_t kPayloadAt = 8;                // a UDP socket's filter sees the packet from its UDP header on
constexpr uint32_t kIpVersionAt = static_cast<uint32_t>(SKF_NET_OFF);
constexpr uint32_t kIpv4SourceAt = kIpVersionAt + 12;
constexpr uint32_t kIpv6SourceAt = kIpVersionAt + 8;
constexpr int64_t kSecondNs = 1'000'000'000;

sock_filter step(uint16_t code, uint32_t k, uint8_t if_true = 0, uint8_t if_false = 0) {
  return {.code = code, .jt = if_true, .jf = if_false, .k = k};
}

constexpr uint16_t kLoadWord = BPF_LD | BPF_W | BPF_ABS;
constexpr uint16_t kLoadByte = BPF_LD | BPF_B | BPF_ABS;
constexpr uint16_t kJumpIfEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr uint16_t kShiftRight = BPF_ALU | BPF_RSH | BPF_K;
constexpr uint16_t kReturn = BPF_RET | BPF_K;
constexpr uint32_t kPass = 0xffff'ffff;
constexpr uint32_t kDrop = 0;

}  // namespace

uint64_t FloodGate::total_shut_count() { return total_shuts.load(std::memory_order_relaxed); }

void FloodGate::open(int udp_socket) {
  const std::lock_guard lock(mutex_);
  socket_ = dup(udp_socket);
}

void FloodGate::close() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

ltn_srt_udp_t FloodGate::socket_state() const {
  std::array<uint32_t, SK_MEMINFO_VARS> told{};
  socklen_t bytes = sizeof(told);
  const std::lock_guard lock(mutex_);
  if (socket_ < 0 || getsockopt(socket_, SOL_SOCKET, SO_MEMINFO, told.data(), &bytes) != 0) {
    return {};
  }
  return {.buffer_bytes = told[SK_MEMINFO_RCVBUF],
          .queued_bytes = told[SK_MEMINFO_RMEM_ALLOC],
          .dropped = told[SK_MEMINFO_DROPS],
          .thread_nice = 0};
}

bool FloodGate::network_of(const sockaddr *peer, Network &out) {
  if (peer->sa_family == AF_INET) {
    out = {.high = ntohl(reinterpret_cast<const sockaddr_in *>(peer)->sin_addr.s_addr)};
    return true;
  }
  if (peer->sa_family != AF_INET6) {
    return false;
  }
  uint32_t words[4];
  std::memcpy(words, &reinterpret_cast<const sockaddr_in6 *>(peer)->sin6_addr, sizeof(words));
  if (IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6 *>(peer)->sin6_addr)) {
    out = {.high = ntohl(words[3])};  // IPv4 to a socket that listens on "::": its packets have an IPv4 header
  } else {
    out = {.v6 = true, .high = ntohl(words[0]), .low = ntohl(words[1])};
  }
  return true;
}

void FloodGate::note_caller(const sockaddr *peer, int64_t now_ns) {
  Network network;
  if (!network_of(peer, network)) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (now_ns / kSecondNs != second_) {
    second_ = now_ns / kSecondNs;
    callers_.clear();  // so it holds no more addresses than called in one second
  }
  if (++callers_[network] <= kCallersPerSecond || shut_until_.contains(network)) {
    return;
  }
  if (shut_until_.size() >= kMaxAddresses) {
    shut_until_.erase(std::min_element(shut_until_.begin(), shut_until_.end(),
                                       [](const auto &a, const auto &b) { return a.second < b.second; }));
  }
  shut_until_[network] = now_ns + kShutNs;
  shut_count_.fetch_add(1, std::memory_order_relaxed);
  total_shuts.fetch_add(1, std::memory_order_relaxed);
  apply();
}

void FloodGate::tick(int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (std::erase_if(shut_until_, [now_ns](const auto &shut) { return shut.second <= now_ns; }) > 0) {
    apply();
  }
}

/** Under mutex_. A filter that the kernel does not take changes nothing: the flood is then only refused one by one. */
void FloodGate::apply() {
  if (shut_until_.empty()) {
    const int unused = 0;  // the kernel wants an int and does not look at it
    setsockopt(socket_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
    return;
  }
  std::vector<sock_filter> program = {
      step(kLoadWord, kPayloadAt),
      step(kJumpIfEqual, kHandshakeWord, 1, 0),
      step(kReturn, kPass),
  };
  for (const auto &[network, until_ns] : shut_until_) {
    // Each test falls through to the next one unless everything fits.
    program.push_back(step(kLoadByte, kIpVersionAt));
    program.push_back(step(kShiftRight, 4));
    program.push_back(step(kJumpIfEqual, network.v6 ? 6 : 4, 0, network.v6 ? 5 : 3));
    program.push_back(step(kLoadWord, network.v6 ? kIpv6SourceAt : kIpv4SourceAt));
    program.push_back(step(kJumpIfEqual, network.high, 0, network.v6 ? 3 : 1));
    if (network.v6) {
      program.push_back(step(kLoadWord, kIpv6SourceAt + 4));
      program.push_back(step(kJumpIfEqual, network.low, 0, 1));
    }
    program.push_back(step(kReturn, kDrop));
  }
  program.push_back(step(kReturn, kPass));
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

}  // namespace lanthorn::srt
