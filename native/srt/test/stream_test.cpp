/** Real SRT sockets on loopback: who comes in, what reaches the sink, how connections end. */
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "peers.hpp"

using namespace lanthorn::srt::test;

TEST_CASE("what a camera sends with the right key reaches its sink whole, with 128, 192 and 256 bit keys") {
  for (const int key_bytes : {16, 24, 32}) {
    CAPTURE(key_bytes);
    Listener listener;
    Camera camera(ltn_srt_listener_port(listener.handle), "#!::u=porch,r=porch/main,m=publish", kKey, key_bytes);
    REQUIRE(camera.reject_code == 0);
    REQUIRE(camera.send(500));
    CHECK(eventually([&] { return listener.bytes() == 500 * 1316; }));
    const ltn_srt_event_t *connected = listener.find(LTN_SRT_CONNECTED);
    REQUIRE(connected != nullptr);
    CHECK(connected->key_length_bits == static_cast<uint32_t>(key_bytes * 8));
    CHECK(connected->latency_ms >= 40);
    ltn_srt_statistics_t statistics;
    REQUIRE(ltn_srt_listener_statistics(listener.handle, "porch", &statistics) == LTN_SRT_OK);
    CHECK(statistics.pktRecvTotal >= 500);
    CHECK(statistics.pktRcvUndecryptTotal == 0);
    CHECK(statistics.pbkeylen == static_cast<uint32_t>(key_bytes));
    CHECK(statistics.messages == 500);
  }
}

TEST_CASE("nobody without the right key or a known id reaches the sink, and each is told why") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  CHECK(Camera(port, "porch", "wrong-wrong-wrong").reject_code == SRT_REJ_BADSECRET);
  CHECK(Camera(port, "porch", "").reject_code == SRT_REJ_UNSECURE);
  CHECK(Camera(port, "nobody", kKey).reject_code == SRT_REJX_NOTFOUND);
  CHECK(Camera(port, "", kKey).reject_code == SRT_REJX_BAD_REQUEST);
  CHECK(Camera(port, "#!::u=porch,m=request", kKey).reject_code == SRT_REJX_BAD_MODE);
  CHECK(Camera(port, std::string(512, 'x'), kKey).reject_code == SRT_REJX_NOTFOUND);
  for (const int code :
       {int{SRT_REJ_BADSECRET}, int{SRT_REJ_UNSECURE}, SRT_REJX_NOTFOUND, SRT_REJX_BAD_REQUEST, SRT_REJX_BAD_MODE}) {
    CAPTURE(code);
    CHECK(eventually([&] { return listener.find(LTN_SRT_REJECTED, code) != nullptr; }));
  }
  CHECK(listener.find(LTN_SRT_CONNECTED) == nullptr);
  CHECK(listener.bytes() == 0);
}

TEST_CASE("a passphrase typed into the stream id's field does not appear in the event") {
  Listener listener;
  Camera camera(ltn_srt_listener_port(listener.handle), std::string("porch&passphrase=") + kKey, kKey);
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_REJECTED, SRT_REJX_NOTFOUND) != nullptr; }));
  CHECK(std::string(listener.find(LTN_SRT_REJECTED, SRT_REJX_NOTFOUND)->stream_id).find(kKey) == std::string::npos);
}

TEST_CASE(
    "on a port of its own a camera needs no stream id, any is taken for its own, and its key is still asked for") {
  Listener listener(0, "porch");
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  uint64_t messages = 0;
  for (const char *stream_id : {"", "live", "#!::u=garden,m=request"}) {
    CAPTURE(stream_id);
    listener.events.clear();
    {
      Camera camera(port, stream_id, kKey);
      REQUIRE(camera.reject_code == 0);
      REQUIRE(camera.send(3));
      messages += 3;
      CHECK(eventually([&] { return listener.bytes() == messages * 1316; }));
      REQUIRE(eventually([&] { return listener.find(LTN_SRT_CONNECTED) != nullptr; }));
      CHECK(std::string(listener.find(LTN_SRT_CONNECTED)->camera_id) == "porch");
    }
    REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  }
  CHECK(Camera(port, "", "wrong-wrong-wrong").reject_code == SRT_REJ_BADSECRET);
  CHECK(Camera(port, "", "").reject_code == SRT_REJ_UNSECURE);
}

TEST_CASE("a second caller of a camera is refused while the first is sending, and takes over when it fell silent") {
  Listener listener(300);
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  Camera first(port, "porch", kKey);
  REQUIRE(first.send(10));
  REQUIRE(eventually([&] { return listener.bytes() == 10 * 1316; }));
  CHECK(Camera(port, "porch", kKey).reject_code == SRT_REJX_CONFLICT);
  CHECK(first.send(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  Camera second(port, "porch", kKey);
  CHECK(second.reject_code == 0);
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  CHECK(std::string(listener.find(LTN_SRT_DISCONNECTED)->reason) == "replaced by a new connection of the same camera");
}

TEST_CASE("a silent connection is not taken over by a caller with the wrong key") {
  Listener listener(0);
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  Camera first(port, "porch", kKey);
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_CONNECTED) != nullptr; }));
  CHECK(Camera(port, "porch", "wrong-wrong-wrong").reject_code == SRT_REJ_BADSECRET);
  REQUIRE(first.send(10));
  CHECK(eventually([&] { return listener.bytes() == 10 * 1316; }));
}

TEST_CASE("who tries many wrong keys is refused without a check after ten, and the right key gets in from elsewhere") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  int codes[2] = {0, 0};
  for (int i = 0; i < 14; ++i) {
    const int code = Camera(port, "porch", "wrong-wrong-wrong").reject_code;
    codes[0] += code == SRT_REJ_BADSECRET ? 1 : 0;
    codes[1] += code == SRT_REJX_OVERLOAD ? 1 : 0;
  }
  CHECK(codes[0] >= 10);
  CHECK(codes[0] + codes[1] == 14);
  CHECK(codes[1] >= 1);
  CHECK(eventually([&] { return listener.find(LTN_SRT_REJECTED, SRT_REJX_OVERLOAD) != nullptr; }));
  CHECK(Camera(port, "porch", kKey, 32, {}, "127.0.0.2").reject_code == 0);
}

TEST_CASE("taking a key back ends the connection that was made with it, and no other call gets in") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  Camera camera(port, "porch", kKey);
  REQUIRE(camera.send(10));
  listener.allow("another-passphrase");
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  CHECK(std::string(listener.find(LTN_SRT_DISCONNECTED)->reason) == "access was taken back");
  CHECK(Camera(port, "porch", kKey).reject_code == SRT_REJ_BADSECRET);
}

TEST_CASE(
    "rotation: the old key works until the new one was used, the new one by the second attempt, then only the new "
    "one") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  listener.allow(kKey, "the-next-passphrase");
  { CHECK(Camera(port, "porch", kKey).reject_code == 0); }
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  CHECK(listener.find(LTN_SRT_CONNECTED)->next_key == 0);
  listener.events.clear();
  CHECK(Camera(port, "porch", "the-next-passphrase").reject_code == SRT_REJ_BADSECRET);
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_REJECTED, SRT_REJ_BADSECRET) != nullptr; }));
  { CHECK(Camera(port, "porch", "the-next-passphrase").reject_code == 0); }
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  CHECK(listener.find(LTN_SRT_CONNECTED)->next_key == 1);
  for (int i = 0; i < 4; ++i) {
    CHECK(Camera(port, "porch", kKey).reject_code == SRT_REJ_BADSECRET);
  }
}

TEST_CASE("cameras that connect and are gone at once are each told as connected and disconnected") {
  Listener listener(0);
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  for (int i = 0; i < 30; ++i) {
    listener.events.clear();
    { REQUIRE(Camera(port, "porch", kKey).reject_code == 0); }
    REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
    CHECK(listener.find(LTN_SRT_CONNECTED) != nullptr);
  }
  ltn_srt_statistics_t statistics;
  CHECK(ltn_srt_listener_statistics(listener.handle, "porch", &statistics) == LTN_SRT_E_NOT_FOUND);
}

TEST_CASE("drop ends the connection and the camera may come back") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  Camera camera(port, "porch", kKey);
  REQUIRE(eventually([&] { return listener.find(LTN_SRT_CONNECTED) != nullptr; }));
  ltn_srt_listener_drop(listener.handle, "porch");
  CHECK(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
  CHECK(Camera(port, "porch", kKey).reject_code == 0);
}

TEST_CASE("random bytes on the port, also ones shaped like handshakes, change nothing for a connected camera") {
  Listener listener;
  const uint16_t port = ltn_srt_listener_port(listener.handle);
  Camera camera(port, "porch", kKey);
  REQUIRE(camera.reject_code == 0);
  const int udp = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::mt19937 random(42);
  for (int i = 0; i < 3000; ++i) {
    std::vector<uint8_t> bytes(1 + random() % 1400);
    for (uint8_t &byte : bytes) {
      byte = static_cast<uint8_t>(random());
    }
    if (i % 3 == 0 && bytes.size() >= 64) {
      // Control packet, type handshake, to socket 0; version 5 or 4, random or conclusion type, extension of random
      // length.
      const uint8_t head[16] = {0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
      std::copy(head, head + 16, bytes.begin());
      bytes[16] = bytes[17] = bytes[18] = 0;
      bytes[19] = i % 2 == 0 ? 5 : 4;
      std::fill(bytes.begin() + 36, bytes.begin() + 40, i % 6 == 0 ? uint8_t{0xff} : uint8_t{0});
    }
    sendto(udp, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr *>(&to), sizeof(to));
    if (i % 100 == 0) {
      REQUIRE(camera.send(1));
    }
  }
  close(udp);
  CHECK(eventually([&] { return listener.bytes() == 30 * 1316; }));
  CHECK(listener.find(LTN_SRT_DISCONNECTED) == nullptr);
}

TEST_CASE("a taken port, a foreign address and a name are refused with their status") {
  Listener listener;
  ltn_srt_listener_h *second = nullptr;
  ltn_srt_listen_t options{.host = "127.0.0.1",
                           .port = ltn_srt_listener_port(listener.handle),
                           .latency_ms = 40,
                           .takeover_after_ms = 0,
                           .camera_id = nullptr};
  CHECK(ltn_srt_listener_open(&options, &second) == LTN_SRT_E_PORT_TAKEN);
  options.host = "192.0.2.1";
  options.port = 0;
  CHECK(ltn_srt_listener_open(&options, &second) == LTN_SRT_E_ADDRESS);
  options.host = "localhost";
  CHECK(ltn_srt_listener_open(&options, &second) == LTN_SRT_E_ADDRESS);
  const int udp = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(at);
  REQUIRE(bind(udp, reinterpret_cast<sockaddr *>(&at), sizeof(at)) == 0);
  REQUIRE(getsockname(udp, reinterpret_cast<sockaddr *>(&at), &bytes) == 0);
  options.host = "127.0.0.1";
  options.port = ntohs(at.sin_port);
  CHECK(ltn_srt_listener_open(&options, &second) == LTN_SRT_E_PORT_TAKEN);
  close(udp);
  CHECK(second == nullptr);
}

TEST_CASE("a passphrase of the wrong length is refused without being repeated") {
  Listener listener;
  const ltn_srt_access_t entry{.camera_id = "porch",
                               .stream_ids = nullptr,
                               .stream_id_count = 0,
                               .passphrase = "short",
                               .next_passphrase = nullptr,
                               .enabled = 1,
                               .call_port = 0};
  CHECK(ltn_srt_listener_set_access(listener.handle, &entry, 1) == LTN_SRT_E_INVALID_ARGUMENT);
  CHECK(std::string(ltn_srt_last_error()).find("short") == std::string::npos);
}

TEST_CASE(
    "a call that nobody answers and one with the wrong key end in an event with the cause; detach stops the sink") {
  ltn_srt_byte_counter_h *counter = ltn_srt_byte_counter_open();
  ltn_srt_call_t call{.host = "127.0.0.1",
                      .port = 9,
                      .stream_id = nullptr,
                      .passphrase = kKey,
                      .latency_ms = 40,
                      .connect_timeout_ms = 300,
                      .sink = ltn_srt_byte_counter_sink(counter)};
  ltn_srt_caller_h *caller = nullptr;
  REQUIRE(ltn_srt_caller_open(&call, &caller) == LTN_SRT_OK);
  ltn_srt_event_t event{};
  REQUIRE(eventually([&] { return ltn_srt_caller_poll(caller, &event, 1) == 1; }));
  CHECK(event.kind == LTN_SRT_REJECTED);
  CHECK(std::string(event.reason) == "no answer");
  ltn_srt_caller_close(caller);

  Listener listener;
  call.port = ltn_srt_listener_port(listener.handle);
  call.stream_id = "porch";
  call.passphrase = "wrong-wrong-wrong";
  REQUIRE(ltn_srt_caller_open(&call, &caller) == LTN_SRT_OK);
  REQUIRE(eventually([&] { return ltn_srt_caller_poll(caller, &event, 1) == 1; }));
  CHECK(event.code == SRT_REJ_BADSECRET);
  ltn_srt_caller_close(caller);
  ltn_srt_byte_counter_close(counter);

  Camera camera(call.port, "porch", kKey);
  REQUIRE(camera.send(5));
  REQUIRE(eventually([&] { return listener.bytes() == 5 * 1316; }));
  ltn_srt_listener_detach(listener.handle, "porch");
  REQUIRE(camera.send(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(listener.bytes() == 5 * 1316);
}

TEST_CASE(
    "both streams of a camera come in by one key, one ends without disturbing the other, and both go with the key") {
  for (const char *own_port_of : {static_cast<const char *>(nullptr), "porch"}) {
    CAPTURE(own_port_of != nullptr);
    Listener listener(1000, own_port_of);
    ltn_srt_byte_counter_h *sub_counter = ltn_srt_byte_counter_open();
    REQUIRE(ltn_srt_listener_attach(listener.handle, "porch/sub", ltn_srt_byte_counter_sink(sub_counter)) ==
            LTN_SRT_OK);
    const auto sub_bytes = [&] {
      ltn_srt_byte_count_t count;
      ltn_srt_byte_counter_read(sub_counter, &count);
      return count.bytes;
    };
    const uint16_t port = ltn_srt_listener_port(listener.handle);
    Camera main(port, "#!::u=porch,r=porch/main,m=publish", kKey);
    REQUIRE(main.reject_code == 0);
    {
      Camera sub(port, "#!::u=porch,r=porch/sub,m=publish", kKey);
      REQUIRE(sub.reject_code == 0);
      REQUIRE(sub.send(20));
      REQUIRE(main.send(30));
      CHECK(eventually([&] { return sub_bytes() == 20 * 1316 && listener.bytes() == 30 * 1316; }));
      CHECK(Camera(port, "porch/sub", kKey).reject_code == SRT_REJX_CONFLICT);
    }
    REQUIRE(eventually([&] { return listener.find(LTN_SRT_DISCONNECTED) != nullptr; }));
    CHECK(std::string(listener.find(LTN_SRT_DISCONNECTED)->camera_id) == "porch/sub");
    REQUIRE(main.send(10));
    CHECK(eventually([&] { return listener.bytes() == 40 * 1316; }));
    listener.allow("another-key-entirely");
    CHECK(eventually([&] { return srt_getsockstate(main.socket) >= SRTS_BROKEN; }));
    CHECK(Camera(port, "porch/sub", kKey).reject_code == SRT_REJ_BADSECRET);
    ltn_srt_listener_detach(listener.handle, "porch/sub");
    ltn_srt_byte_counter_close(sub_counter);
  }
}

TEST_CASE("the UDP buffer of a listener is told as the kernel gave it, and nothing after its end") {
  Listener listener;
  ltn_srt_udp_t udp;
  ltn_srt_listener_udp(listener.handle, &udp);
  CHECK(udp.buffer_bytes >= 2 * 212'992);  // the kernel doubles; less than Linux's default limit is never given
  CHECK(udp.dropped == 0);
}

TEST_CASE("the thread that empties the UDP buffer runs before others where it may, those of the sockets do not") {
  Listener listener;
  Camera camera(ltn_srt_listener_port(listener.handle), "porch", kKey);
  REQUIRE(camera.reject_code == 0);
  REQUIRE(camera.send(3));  // libsrt starts a socket's thread with its first packet
  REQUIRE(eventually([&] { return listener.bytes() == 3 * 1316; }));
  ltn_srt_udp_t udp;
  ltn_srt_listener_udp(listener.handle, &udp);
  const bool may = setpriority(PRIO_PROCESS, 0, -10) == 0;  // Linux: of this thread only
  setpriority(PRIO_PROCESS, 0, 0);
  CHECK(udp.thread_nice == (may ? -10 : 0));
  int favoured = 0;
  int others = 0;
  for (const auto &task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(task.path().filename().string())));
    favoured += name.starts_with("SRT:RcvQ") && nice == -10 ? 1 : 0;
    others += name.starts_with("SRT:TsbPd") && nice == 0 ? 1 : 0;
  }
  CHECK(favoured >= (may ? 1 : 0));
  CHECK(others >= 1);
}
