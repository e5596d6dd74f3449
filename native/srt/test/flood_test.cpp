/** A flood of callers is stopped by the kernel, and only the one who makes it. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flood_gate.hpp"
#include "mono_clock.hpp"
#include "peers.hpp"

using lanthorn::srt::FloodGate;
using namespace lanthorn::srt::test;

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

sockaddr_in address(const char *host, uint16_t port = 0) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  REQUIRE(inet_pton(AF_INET, host, &at.sin_addr) == 1);
  return at;
}

sockaddr_in6 address6(const char *host) {
  sockaddr_in6 at{};
  at.sin6_family = AF_INET6;
  REQUIRE(inet_pton(AF_INET6, host, &at.sin6_addr) == 1);
  return at;
}

/** A bound UDP socket on loopback. */
struct Udp {
  int fd;
  uint16_t port = 0;

  explicit Udp(const char *host) : fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in at = address(host);
    REQUIRE(bind(fd, reinterpret_cast<sockaddr *>(&at), sizeof(at)) == 0);
    socklen_t bytes = sizeof(at);
    getsockname(fd, reinterpret_cast<sockaddr *>(&at), &bytes);
    port = ntohs(at.sin_port);
  }
  ~Udp() { close(fd); }

  void send(uint16_t to_port, uint8_t first_byte) const {
    const std::vector<uint8_t> packet = {first_byte, 0, 0, 0, 1, 2, 3, 4};
    const sockaddr_in to = address("127.0.0.1", to_port);
    REQUIRE(sendto(fd, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr *>(&to), sizeof(to)) == 8);
  }
  int received() const {
    uint8_t packet[64];
    int count = 0;
    while (recv(fd, packet, sizeof(packet), 0) > 0) {
      ++count;
    }
    return count;
  }
};

void flood(FloodGate &gate, const sockaddr *peer, int64_t now_ns) {
  for (int i = 0; i <= FloodGate::kCallersPerSecond; ++i) {
    gate.note_caller(peer, now_ns);
  }
}

}  // namespace

TEST_CASE("handshakes of an address that overdoes it are dropped for ten seconds, its data and other addresses pass") {
  Udp listener("127.0.0.1");
  Udp guilty("127.0.0.2");
  Udp innocent("127.0.0.3");
  FloodGate gate;
  gate.open(listener.fd);
  const sockaddr_in peer = address("127.0.0.2");
  int64_t now_ns = 100 * kSecondNs;
  for (int i = 0; i < FloodGate::kCallersPerSecond; ++i) {
    gate.note_caller(reinterpret_cast<const sockaddr *>(&peer), now_ns);
  }
  guilty.send(listener.port, 0x80);
  CHECK(listener.received() == 1);
  gate.note_caller(reinterpret_cast<const sockaddr *>(&peer), now_ns);
  CHECK(gate.shut_count() == 1);
  guilty.send(listener.port, 0x80);
  CHECK(listener.received() == 0);
  guilty.send(listener.port, 0x00);  // data
  innocent.send(listener.port, 0x80);
  CHECK(listener.received() == 2);
  gate.tick(now_ns + FloodGate::kShutNs - 1);
  guilty.send(listener.port, 0x80);
  CHECK(listener.received() == 0);
  gate.tick(now_ns + FloodGate::kShutNs);
  guilty.send(listener.port, 0x80);
  CHECK(listener.received() == 1);
}

TEST_CASE("as many callers over several seconds are no flood") {
  Udp listener("127.0.0.1");
  FloodGate gate;
  gate.open(listener.fd);
  const sockaddr_in peer = address("127.0.0.2");
  for (int i = 0; i < 10 * FloodGate::kCallersPerSecond; ++i) {
    gate.note_caller(reinterpret_cast<const sockaddr *>(&peer), kSecondNs + i * kSecondNs / 100);
  }
  CHECK(gate.shut_count() == 0);
}

TEST_CASE("a filter of sixty-four addresses of both families is taken by the kernel, and the newest are shut out") {
  Udp listener("127.0.0.1");
  Udp guilty("127.0.0.2");
  FloodGate gate;
  gate.open(listener.fd);
  int64_t now_ns = 100 * kSecondNs;
  for (int i = 0; i < 100; ++i) {
    const sockaddr_in6 peer = address6(("2001:db8:0:" + std::to_string(i) + "::1").c_str());
    flood(gate, reinterpret_cast<const sockaddr *>(&peer), now_ns += 1000);
  }
  const sockaddr_in6 mapped = address6("::ffff:127.0.0.2");
  flood(gate, reinterpret_cast<const sockaddr *>(&mapped), now_ns);
  CHECK(gate.shut_count() == 101);
  guilty.send(listener.port, 0x80);
  CHECK(listener.received() == 0);
  guilty.send(listener.port, 0x81);
  CHECK(listener.received() == 1);
}
