#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "lanthorn/notify.h"

extern "C" int ltn_notify_header_is_c(void);

namespace {

std::string receive(ltn_datagram_listener_h *listener) {
  char buffer[256];
  size_t bytes = 0;
  return ltn_datagram_listener_receive(listener, buffer, sizeof(buffer), &bytes) == 0 ? std::string(buffer, bytes) : "";
}

int send(const std::string &path, const std::string &message) {
  return ltn_datagram_send(path.data(), path.size(), message.data(), message.size());
}

}  // namespace

TEST_CASE("the header compiles as C") { CHECK(ltn_notify_header_is_c() == 1); }

TEST_CASE("a datagram arrives whole at a path and at an abstract name") {
  for (const std::string &prefix : {std::string("/tmp/lanthorn-notify-"), std::string("@lanthorn-notify-")}) {
    const std::string path = prefix + std::to_string(getpid());
    ltn_datagram_listener_h *listener = nullptr;
    REQUIRE(ltn_datagram_listener_open(path.data(), path.size(), &listener) == 0);
    CHECK(receive(listener).empty());
    CHECK(send(path, "READY=1\nSTATUS=up") == 0);
    CHECK(send(path, "WATCHDOG=1") == 0);
    CHECK(receive(listener) == "READY=1\nSTATUS=up");
    CHECK(receive(listener) == "WATCHDOG=1");
    CHECK(receive(listener).empty());
    ltn_datagram_listener_close(listener);
    CHECK(send(path, "READY=1") == (prefix[0] == '@' ? ECONNREFUSED : ENOENT));
  }
}

TEST_CASE("a path that cannot be a socket is refused with its errno") {
  CHECK(send("", "x") == EINVAL);
  CHECK(send("relative", "x") == EINVAL);
  CHECK(send("/" + std::string(200, 'a'), "x") == ENAMETOOLONG);
}

TEST_CASE("a full queue gives EAGAIN instead of waiting for ever") {
  const std::string path = "@lanthorn-notify-full-" + std::to_string(getpid());
  ltn_datagram_listener_h *listener = nullptr;
  REQUIRE(ltn_datagram_listener_open(path.data(), path.size(), &listener) == 0);
  int error = 0;
  int sent = 0;
  while (error == 0 && sent < 100000) {
    error = send(path, "x");
    ++sent;
  }
  CHECK(error == EAGAIN);
  ltn_datagram_listener_close(listener);
}
