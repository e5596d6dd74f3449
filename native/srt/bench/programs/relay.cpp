/**
 * A bad network for machines whose kernel has no netem: passes UDP packets between one caller and a port of this
 * machine, loses, delays and mixes up some of them. "relay to=<port> seed=<n>" says "ready <port>"; each line of stdin,
 * "<camera|box> <delay ms> <jitter ms> <loss %> <reorder %>", sets what happens from then on to what that side sends
 * and is answered with "ok"; ends with stdin. Meanings are netem's: the delay is even in ± jitter, and of so many
 * percent that are to be reordered each goes at once.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <queue>
#include <random>
#include <sstream>
#include <vector>

#include "program.hpp"

namespace lanthorn::bench {
namespace {

struct Conditions {
  double delay_ms = 0;
  double jitter_ms = 0;
  double loss_percent = 0;
  double reorder_percent = 0;
};

struct Packet {
  int64_t due_ns;
  uint64_t order;  // of two that are due together the older goes first
  bool from_camera;
  std::vector<char> bytes;
};

struct Later {
  bool operator()(const Packet &a, const Packet &b) const {
    return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.order > b.order;
  }
};

int open_socket() {
  const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int buffer_bytes = 4 * 1024 * 1024;
  setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
  if (udp < 0 || bind(udp, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0) {
    die("cannot open a UDP socket");
  }
  return udp;
}

class Relay {
 public:
  Relay(uint16_t to, unsigned seed) : camera_side_(open_socket()), box_side_(open_socket()), random_(seed) {
    box_.sin_family = AF_INET;
    box_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    box_.sin_port = htons(to);
  }
  Relay(const Relay &) = delete;
  Relay &operator=(const Relay &) = delete;
  ~Relay() {
    ::close(camera_side_);
    ::close(box_side_);
  }

  uint16_t port() const {
    sockaddr_in address{};
    socklen_t bytes = sizeof(address);
    getsockname(camera_side_, reinterpret_cast<sockaddr *>(&address), &bytes);
    return ntohs(address.sin_port);
  }

  void run() {
    for (bool open = true; open;) {
      std::array<pollfd, 3> wait{{{camera_side_, POLLIN, 0}, {box_side_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
      const timespec timeout = until_next();
      ppoll(wait.data(), wait.size(), &timeout, nullptr);
      take(true);
      take(false);
      send_due();
      open = wait[2].revents == 0 || obey();
    }
  }

 private:
  timespec until_next() const {
    const int64_t ns = under_way_.empty() ? 100'000'000 : std::max<int64_t>(0, under_way_.top().due_ns - mono_ns());
    return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
  }

  bool happens(double percent) { return std::uniform_real_distribution<>(0, 100)(random_) < percent; }

  void take(bool from_camera) {
    std::array<char, 2048> bytes;
    const Conditions &now = from_camera ? of_camera_ : of_box_;
    for (;;) {
      sockaddr_in peer{};
      socklen_t peer_bytes = sizeof(peer);
      const ssize_t count = recvfrom(from_camera ? camera_side_ : box_side_, bytes.data(), bytes.size(), 0,
                                     reinterpret_cast<sockaddr *>(&peer), &peer_bytes);
      if (count < 0) {
        return;
      }
      if (from_camera) {
        camera_ = peer;  // a camera that calls again comes from a new port
      }
      if (happens(now.loss_percent)) {
        continue;
      }
      const double jitter_ms = std::uniform_real_distribution<>(-now.jitter_ms, now.jitter_ms)(random_);
      const double delay_ms = happens(now.reorder_percent) ? 0 : std::max(0.0, now.delay_ms + jitter_ms);
      under_way_.push({mono_ns() + static_cast<int64_t>(delay_ms * 1e6), order_++, from_camera,
                       std::vector<char>(bytes.begin(), bytes.begin() + count)});
    }
  }

  void send_due() {
    while (!under_way_.empty() && under_way_.top().due_ns <= mono_ns()) {
      const Packet &packet = under_way_.top();
      const sockaddr_in &to = packet.from_camera ? box_ : camera_;
      sendto(packet.from_camera ? box_side_ : camera_side_, packet.bytes.data(), packet.bytes.size(), 0,
             reinterpret_cast<const sockaddr *>(&to), sizeof(to));
      under_way_.pop();
    }
  }

  bool obey() {
    std::string line;
    if (!hear(line)) {
      return false;
    }
    std::istringstream words(line);
    std::string side;
    Conditions wanted;
    if (!(words >> side >> wanted.delay_ms >> wanted.jitter_ms >> wanted.loss_percent >> wanted.reorder_percent) ||
        (side != "camera" && side != "box")) {
      die("Expected camera or box and four numbers but received " + line);
    }
    (side == "camera" ? of_camera_ : of_box_) = wanted;
    say("ok");
    return true;
  }

  const int camera_side_;
  const int box_side_;
  sockaddr_in box_{};
  sockaddr_in camera_{};
  std::mt19937 random_;
  Conditions of_camera_;
  Conditions of_box_;
  uint64_t order_ = 0;
  std::priority_queue<Packet, std::vector<Packet>, Later> under_way_;
};

}  // namespace

int relay(const Arguments &arguments) {
  setvbuf(stdin, nullptr, _IONBF, 0);  // poll sees a line only where stdio has not taken it already
  Relay relay(static_cast<uint16_t>(arguments.number("to")), static_cast<unsigned>(arguments.number("seed")));
  say("ready " + std::to_string(relay.port()));
  relay.run();
  return 0;
}

}  // namespace lanthorn::bench
