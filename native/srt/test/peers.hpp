/** Real SRT peers on loopback for the tests: our listener with a counting sink, and cameras made of bare libsrt. */
#pragma once
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <srt/access_control.h>
#include <srt/srt.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "lanthorn/srt.h"

namespace lanthorn::srt::test {

inline constexpr const char *kKey = "correct-horse-battery";

/** Waits for a condition; false after five seconds, so that a test fails instead of hanging. */
inline bool eventually(const std::function<bool()> &condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

struct Listener {
  ltn_srt_listener_h *handle = nullptr;
  ltn_srt_byte_counter_h *counter = ltn_srt_byte_counter_open();
  std::vector<ltn_srt_event_t> events;

  explicit Listener(uint32_t takeover_after_ms = 1000, const char *camera_id = nullptr) {
    const ltn_srt_listen_t options{.host = "127.0.0.1",
                                   .port = 0,
                                   .latency_ms = 40,
                                   .takeover_after_ms = takeover_after_ms,
                                   .camera_id = camera_id};
    REQUIRE(ltn_srt_listener_open(&options, &handle) == LTN_SRT_OK);
    REQUIRE(ltn_srt_listener_attach(handle, "porch", ltn_srt_byte_counter_sink(counter)) == LTN_SRT_OK);
    allow(kKey);
  }
  ~Listener() {
    ltn_srt_listener_close(handle);
    ltn_srt_byte_counter_close(counter);
  }

  void allow(const char *key, const char *next_key = nullptr) {
    ltn_srt_access_t entries[2] = {};  // both streams of the camera
    entries[0] = {.camera_id = "porch",
                  .stream_ids = nullptr,
                  .stream_id_count = 0,
                  .passphrase = key,
                  .next_passphrase = next_key,
                  .enabled = 1,
                  .call_port = 0};
    entries[1] = entries[0];
    entries[1].camera_id = "porch/sub";
    REQUIRE(ltn_srt_listener_set_access(handle, entries, 2) == LTN_SRT_OK);
  }

  uint64_t bytes() const {
    ltn_srt_byte_count_t count;
    ltn_srt_byte_counter_read(counter, &count);
    return count.bytes;
  }

  /** Whether an event of this kind (and code) has come; keeps all. */
  const ltn_srt_event_t *find(ltn_srt_event_e kind, int code = 0) {
    ltn_srt_event_t batch[64];
    for (size_t n = ltn_srt_listener_poll(handle, batch, 64); n > 0; n = ltn_srt_listener_poll(handle, batch, 64)) {
      events.insert(events.end(), batch, batch + n);
    }
    for (const ltn_srt_event_t &event : events) {
      if (event.kind == kind && event.code == code) {
        return &event;
      }
    }
    return nullptr;
  }
};

/** How often a sender changes its key, in packets. libsrt's own: 2^24 and 2^12. */
struct KeyRefresh {
  int rate = 0;
  int pre_announce = 0;
};

inline void set_key(SRTSOCKET socket, const std::string &key, int key_bytes, KeyRefresh refresh) {
  srt_setsockflag(socket, SRTO_PBKEYLEN, &key_bytes, sizeof(key_bytes));
  srt_setsockflag(socket, SRTO_PASSPHRASE, key.data(), static_cast<int>(key.size()));
  if (refresh.rate > 0) {
    const int patient_ms = 300;  // a busy machine may not run a thread for 40 ms; 2,048 packets must hold it
    REQUIRE(srt_setsockflag(socket, SRTO_PEERLATENCY, &patient_ms, sizeof(int)) != SRT_ERROR);
    REQUIRE(srt_setsockflag(socket, SRTO_KMREFRESHRATE, &refresh.rate, sizeof(int)) != SRT_ERROR);
    REQUIRE(srt_setsockflag(socket, SRTO_KMPREANNOUNCE, &refresh.pre_announce, sizeof(int)) != SRT_ERROR);
  }
}

/** A camera: connects (blocking) and sends TS-like messages. */
struct Camera {
  SRTSOCKET socket = srt_create_socket();
  int reject_code = 0;

  Camera(uint16_t port, const std::string &stream_id, const std::string &key, int key_bytes = 32,
         KeyRefresh refresh = {}, const char *from = nullptr) {
    if (!key.empty()) {
      set_key(socket, key, key_bytes, refresh);
    }
    srt_setsockflag(socket, SRTO_STREAMID, stream_id.data(), static_cast<int>(stream_id.size()));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (from != nullptr) {
      sockaddr_in own{};
      own.sin_family = AF_INET;
      REQUIRE(inet_pton(AF_INET, from, &own.sin_addr) == 1);
      REQUIRE(srt_bind(socket, reinterpret_cast<sockaddr *>(&own), sizeof(own)) != SRT_ERROR);
    }
    if (srt_connect(socket, reinterpret_cast<sockaddr *>(&to), sizeof(to)) == SRT_ERROR) {
      reject_code = srt_getrejectreason(socket);
    }
  }
  ~Camera() { srt_close(socket); }

  bool send(int messages) {
    std::vector<char> message(1316, 0);
    for (size_t at = 0; at < message.size(); at += 188) {
      message[at] = 0x47;
    }
    for (int i = 0; i < messages; ++i) {
      if (srt_sendmsg2(socket, message.data(), static_cast<int>(message.size()), nullptr) == SRT_ERROR) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
  }
};

}  // namespace lanthorn::srt::test
