/** A relay on loopback between a camera and a listener that looks at SRT packets on their way, and may lose some. */
#pragma once
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace lanthorn::srt::test {

/** One camera's datagrams, both ways. */
class UdpTap {
 public:
  /**
   * lose_key_announcements: how many of the camera's next key announcements are not passed on.
   * lose_every: each so-many-th data packet that goes out for the first time is not passed on; 0: none.
   */
  explicit UdpTap(uint16_t listener_port, int lose_key_announcements = 0, int lose_every = 0)
      : to_lose_(lose_key_announcements),
        lose_every_(lose_every),
        front_(::socket(AF_INET, SOCK_DGRAM, 0)),
        back_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in at = loopback(0);
    REQUIRE(bind(front_, reinterpret_cast<sockaddr *>(&at), sizeof(at)) == 0);
    socklen_t bytes = sizeof(at);
    getsockname(front_, reinterpret_cast<sockaddr *>(&at), &bytes);
    port_ = ntohs(at.sin_port);
    const sockaddr_in to = loopback(listener_port);
    REQUIRE(connect(back_, reinterpret_cast<const sockaddr *>(&to), sizeof(to)) == 0);
    thread_ = std::thread([this] { run(); });
  }
  UdpTap(const UdpTap &) = delete;
  UdpTap &operator=(const UdpTap &) = delete;
  ~UdpTap() {
    stopping_ = true;
    thread_.join();
    close(front_);
    close(back_);
  }

  uint16_t port() const { return port_; }
  /** How often the camera's data packets went from one key to the other. */
  int key_changes() const { return key_changes_; }
  int key_announcements() const { return key_announcements_; }
  int data_packets() const { return data_packets_; }
  /** Data packets that were not passed on. */
  int lost() const { return lost_; }
  /** Data packets that said they were in clear. */
  int in_clear() const { return in_clear_; }

 private:
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }

  void run() {
    std::array<uint8_t, 2048> packet;
    while (!stopping_) {
      pollfd waiting[2] = {{.fd = front_, .events = POLLIN, .revents = 0},
                           {.fd = back_, .events = POLLIN, .revents = 0}};
      poll(waiting, 2, 20);
      if (waiting[0].revents != 0) {
        socklen_t bytes = sizeof(camera_);
        const ssize_t count = recvfrom(front_, packet.data(), packet.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr *>(&camera_), &bytes);
        if (count >= 16 && !is_lost(packet.data())) {
          send(back_, packet.data(), static_cast<size_t>(count), 0);
        }
      }
      if (waiting[1].revents != 0) {
        const ssize_t count = recv(back_, packet.data(), packet.size(), MSG_DONTWAIT);
        if (count > 0) {
          sendto(front_, packet.data(), static_cast<size_t>(count), 0, reinterpret_cast<sockaddr *>(&camera_),
                 sizeof(camera_));
        }
      }
    }
  }

  /** Looks at a packet of the camera. Source: draft-sharabayko-srt-01 sections 3.1 and 3.2.2. */
  bool is_lost(const uint8_t *packet) {
    if ((packet[0] & 0x80) == 0) {
      const int key = (packet[4] >> 3) & 3;  // KK: 0 in clear, 1 even key, 2 odd key
      ++data_packets_;
      in_clear_ += key == 0 ? 1 : 0;
      key_changes_ += last_key_ != 0 && key != last_key_ ? 1 : 0;
      last_key_ = key;
      const bool sent_again = (packet[4] & 4) != 0;  // R
      const bool is_lost = lose_every_ > 0 && !sent_again && data_packets_ % lose_every_ == 0;
      lost_ += is_lost ? 1 : 0;
      return is_lost;
    }
    const bool is_announcement = packet[0] == 0xff && packet[1] == 0xff && packet[2] == 0 && packet[3] == 3;  // KMREQ
    key_announcements_ += is_announcement ? 1 : 0;
    return is_announcement && to_lose_-- > 0;
  }

  int to_lose_;
  const int lose_every_;
  int last_key_ = 0;
  const int front_;
  const int back_;
  uint16_t port_ = 0;
  sockaddr_in camera_{};
  std::atomic<int> key_changes_{0}, key_announcements_{0}, data_packets_{0}, in_clear_{0}, lost_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace lanthorn::srt::test
