/**
 * Cameras: sends one MPEG-TS file to many listeners at once, each stream at its own even pace, from few threads, so
 * that senders leave the machine to the receiver. Reads "<port> <passphrase> <stream id>" lines and an empty one on
 * stdin, says "ready" when all are connected, sends at the next line, prints what it did, and stays connected until
 * stdin ends.
 *
 * All sockets have one local UDP port (pace=even, burst) and so one sending and one receiving thread of libsrt, where a
 * hundred cameras would have two hundred; the receiver sees a hundred connections all the same. ports=own undoes that.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "program.hpp"

namespace lanthorn::bench {
namespace {

constexpr int64_t kNsPerS = 1'000'000'000;
constexpr int64_t kConnectTimeoutNs = 20 * kNsPerS;
constexpr int64_t kConnectSpacingNs = 5'000'000;  // a key check costs the listener a millisecond
constexpr int64_t kDrainTimeoutNs = 2 * kNsPerS;
constexpr int kFramesPerS = 25;
constexpr unsigned long kTimerSlackNs = 50'000;  // Linux's default

struct Media {
  const char *bytes = nullptr;
  int64_t messages = 0;

  const char *message(int64_t index) const { return bytes + (index % messages) * kMessageBytes; }
};

Media map_file(const std::string &path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts {};
  if (file < 0 || fstat(file, &facts) != 0 || facts.st_size < kMessageBytes) {
    die("Expected a transport stream at " + path);
  }
  void *bytes = mmap(nullptr, static_cast<size_t>(facts.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (bytes == MAP_FAILED) {
    die("cannot map " + path);
  }
  return {static_cast<const char *>(bytes), facts.st_size / kMessageBytes};
}

sockaddr_in loopback(uint16_t port, const std::string &host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    die("Expected an IPv4 address but received " + host);
  }
  return address;
}

/** One connection of one camera. */
struct Stream {
  SRTSOCKET socket = SRT_INVALID_SOCK;
  int64_t sent = 0;
};

class Cameras {
 public:
  explicit Cameras(const Arguments &arguments)
      : media_(map_file(arguments.text("file"))),
        bits_per_s_(arguments.number("mbps") * 1e6),
        messages_per_burst_(arguments.text("pace") == "burst" ? per_frame() : 1),
        host_(arguments.text("host")),
        own_ports_(arguments.text("ports") == "own"),
        latency_ms_(static_cast<int32_t>(arguments.number("latency"))) {}

  void call(const std::string &line) {
    const size_t first = line.find(' ');
    const size_t second = line.find(' ', first + 1);
    const SRTSOCKET socket = srt_create_socket();
    set_option(socket, SRTO_TRANSTYPE, SRTT_LIVE, "TRANSTYPE");
    set_option(socket, SRTO_LATENCY, latency_ms_, "LATENCY");
    set_option(socket, SRTO_RCVSYN, false, "RCVSYN");
    set_option(socket, SRTO_SNDSYN, false, "SNDSYN");
    set_option(socket, SRTO_PBKEYLEN, int32_t{32}, "PBKEYLEN");
    set_text(socket, SRTO_PASSPHRASE, line.substr(first + 1, second - first - 1), "PASSPHRASE");
    if (second != std::string::npos && second + 1 < line.size()) {
      set_text(socket, SRTO_STREAMID, line.substr(second + 1), "STREAMID");
    }
    if (!own_ports_) {
      share_port(socket);
    }
    const sockaddr_in peer = loopback(static_cast<uint16_t>(std::stoi(line)), host_);
    if (srt_connect(socket, reinterpret_cast<const sockaddr *>(&peer), sizeof(peer)) == SRT_ERROR) {
      die(std::string("cannot call: ") + srt_getlasterror_str());
    }
    streams_.push_back({.socket = socket});
  }

  void wait_for_all() const {
    const int64_t deadline_ns = mono_ns() + kConnectTimeoutNs;
    for (const Stream &stream : streams_) {
      while (srt_getsockstate(stream.socket) != SRTS_CONNECTED) {
        if (srt_getsockstate(stream.socket) > SRTS_CONNECTED || mono_ns() > deadline_ns) {
          die("a stream was not let in: " + std::to_string(srt_getrejectreason(stream.socket)));
        }
        sleep_until_ns(mono_ns() + 1'000'000);
      }
    }
  }

  /** Sends for so long: burst k of stream i is due at k + i/N intervals, so that no two streams beat together. */
  void send_for(double seconds) {
    const double interval_ns = messages_per_burst_ * kMessageBytes * 8 * 1e9 / bits_per_s_;
    const auto count = static_cast<int64_t>(streams_.size());
    const auto bursts = static_cast<int64_t>(seconds * 1e9 / interval_ns);
    const int64_t begin_ns = mono_ns();
    for (int64_t turn = 0; turn < bursts * count; turn++) {
      const auto due_ns =
          begin_ns + static_cast<int64_t>(static_cast<double>(turn) * interval_ns / static_cast<double>(count));
      if (const int64_t now_ns = mono_ns(); now_ns < due_ns) {
        sleep_until_ns(due_ns);
      } else {
        late_max_ns_ = std::max(late_max_ns_, now_ns - due_ns);
      }
      push(streams_[static_cast<size_t>(turn % count)]);
    }
    begin_ns_ = begin_ns;
    elapsed_ns_ = mono_ns() - begin_ns;
    const int64_t deadline_ns = mono_ns() + kDrainTimeoutNs;
    while (pending() > 0 && mono_ns() < deadline_ns) {
      sleep_until_ns(mono_ns() + 5'000'000);
    }
  }

  void print() const {
    int64_t sent = 0;
    int64_t lost = 0;
    int64_t dropped = 0;
    int64_t retransmitted = 0;
    int64_t broken = 0;
    for (const Stream &stream : streams_) {
      SRT_TRACEBSTATS s;
      sent += stream.sent;
      if (srt_bistats(stream.socket, &s, 0, 1) == SRT_ERROR) {
        broken++;
        continue;
      }
      lost += s.pktSndLossTotal;
      dropped += s.pktSndDropTotal;
      retransmitted += s.pktRetransTotal;
    }
    char line[512];
    std::snprintf(line, sizeof(line),
                  "{\"streams\":%zu,\"seconds\":%.6f,\"pktSent\":%lld,\"pktNotTaken\":%lld,\"pktSndLoss\":%lld,"
                  "\"pktSndDrop\":%lld,\"pktRetrans\":%lld,\"broken\":%lld,\"lateMaxMs\":%.3f,"
                  "\"beginMonoMs\":%.3f}",
                  streams_.size(), static_cast<double>(elapsed_ns_) / 1e9, static_cast<long long>(sent),
                  static_cast<long long>(not_taken_), static_cast<long long>(lost), static_cast<long long>(dropped),
                  static_cast<long long>(retransmitted), static_cast<long long>(broken),
                  static_cast<double>(late_max_ns_) / 1e6, static_cast<double>(begin_ns_) / 1e6);
    say(line);
  }

  void close() const {
    for (const Stream &stream : streams_) {
      srt_close(stream.socket);
    }
  }

 private:
  int64_t per_frame() const {
    return std::max<int64_t>(1, static_cast<int64_t>(bits_per_s_ / 8 / kMessageBytes / kFramesPerS));
  }

  /** Sockets bound to one port share libsrt's threads. */
  void share_port(SRTSOCKET socket) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_ANY);
    local.sin_port = htons(local_port_);
    if (srt_bind(socket, reinterpret_cast<const sockaddr *>(&local), sizeof(local)) == SRT_ERROR) {
      die(std::string("cannot bind: ") + srt_getlasterror_str());
    }
    int bytes = sizeof(local);
    srt_getsockname(socket, reinterpret_cast<sockaddr *>(&local), &bytes);
    local_port_ = ntohs(local.sin_port);
  }

  void push(Stream &stream) {
    for (int64_t i = 0; i < messages_per_burst_; i++) {
      if (srt_send(stream.socket, media_.message(stream.sent), kMessageBytes) == SRT_ERROR) {
        srt_clearlasterror();
        not_taken_++;  // the buffer is full or the connection broke; the message is tried again at the next turn
        return;
      }
      stream.sent++;
    }
  }

  size_t pending() const {
    size_t all = 0;
    for (const Stream &stream : streams_) {
      size_t blocks = 0;
      if (srt_getsndbuffer(stream.socket, &blocks, nullptr) != SRT_ERROR) {
        all += blocks;
      }
    }
    return all;
  }

  const Media media_;
  const double bits_per_s_;
  const int64_t messages_per_burst_;
  const std::string host_;
  const bool own_ports_;
  const int32_t latency_ms_;
  uint16_t local_port_ = 0;
  std::vector<Stream> streams_;
  int64_t not_taken_ = 0;
  int64_t late_max_ns_ = 0;
  int64_t begin_ns_ = 0;
  int64_t elapsed_ns_ = 0;
};

}  // namespace

int send(const Arguments &arguments) {
  prctl(PR_SET_TIMERSLACK, kTimerSlackNs, 0, 0, 0);  // whatever the one who started us has
  Cameras cameras(arguments);
  std::string line;
  while (hear(line) && !line.empty()) {
    cameras.call(line);
    sleep_until_ns(mono_ns() + kConnectSpacingNs);
  }
  cameras.wait_for_all();
  say("ready");
  if (!hear(line)) {
    die("nobody said go");
  }
  cameras.send_for(arguments.number("seconds"));
  cameras.print();
  while (hear(line)) {
  }
  cameras.close();
  return 0;
}

}  // namespace lanthorn::bench
