/**
 * The plain libsrt loop: a listener, a blocking thread a stream, libsrt's defaults but for encryption and latency. It
 * counts and throws away: no demuxer, no ring. Says "ready <port>"; answers each line of stdin with its counts; ends
 * with stdin.
 */
#include <arpa/inet.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "program.hpp"

namespace lanthorn::bench {
namespace {

std::atomic<int64_t> messages{0};  // relaxed: a count

void receive(SRTSOCKET socket) {
  char message[1500];
  while (srt_recvmsg(socket, message, sizeof(message)) > 0) {
    messages.fetch_add(1, std::memory_order_relaxed);
  }
}

SRTSOCKET listen(const Arguments &arguments, uint16_t &port) {
  const SRTSOCKET socket = srt_create_socket();
  set_option(socket, SRTO_TRANSTYPE, SRTT_LIVE, "TRANSTYPE");
  set_option(socket, SRTO_RCVLATENCY, static_cast<int32_t>(arguments.number("latency")), "RCVLATENCY");
  set_text(socket, SRTO_PASSPHRASE, arguments.text("passphrase"), "PASSPHRASE");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (srt_bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == SRT_ERROR ||
      srt_listen(socket, 256) == SRT_ERROR) {
    die(std::string("cannot listen: ") + srt_getlasterror_str());
  }
  int bytes = sizeof(address);
  srt_getsockname(socket, reinterpret_cast<sockaddr *>(&address), &bytes);
  port = ntohs(address.sin_port);
  return socket;
}

void print(const std::vector<SRTSOCKET> &sockets) {
  int64_t lost = 0;
  int64_t dropped = 0;
  int64_t undecrypted = 0;
  for (const SRTSOCKET socket : sockets) {
    SRT_TRACEBSTATS s;
    if (srt_bistats(socket, &s, 0, 1) != SRT_ERROR) {
      lost += s.pktRcvLossTotal;
      dropped += s.pktRcvDropTotal;
      undecrypted += s.pktRcvUndecryptTotal;
    }
  }
  char line[256];
  std::snprintf(line, sizeof(line), "{\"pktReceived\":%lld,\"pktLost\":%lld,\"pktDropped\":%lld}",
                static_cast<long long>(messages.load(std::memory_order_relaxed)), static_cast<long long>(lost),
                static_cast<long long>(dropped + undecrypted));
  say(line);
}

}  // namespace

int receive_plainly(const Arguments &arguments) {
  uint16_t port = 0;
  const SRTSOCKET listener = listen(arguments, port);
  std::vector<SRTSOCKET> sockets;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::thread acceptor([&] {
    for (SRTSOCKET socket = srt_accept(listener, nullptr, nullptr); socket != SRT_INVALID_SOCK;
         socket = srt_accept(listener, nullptr, nullptr)) {
      const std::lock_guard lock(mutex);
      sockets.push_back(socket);
      threads.emplace_back(receive, socket);
    }
  });
  say("ready " + std::to_string(port));
  std::string line;
  while (hear(line)) {
    const std::lock_guard lock(mutex);
    print(sockets);
  }
  srt_close(listener);
  acceptor.join();
  for (const SRTSOCKET socket : sockets) {
    srt_close(socket);
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  return 0;
}

}  // namespace lanthorn::bench
