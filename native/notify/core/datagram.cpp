#include "datagram.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace lanthorn::notify {
namespace {

struct Address {
  sockaddr_un address{};
  socklen_t bytes = 0;
};

/** Fills a socket address; the abstract form has a leading zero byte and no terminator (unix(7)). */
int make_address(std::string_view path, Address &out) {
  if (path.size() < 2 || (path[0] != '/' && path[0] != '@')) {
    return EINVAL;  // sd_notify(3) allows exactly these two forms
  }
  if (path.size() >= sizeof(out.address.sun_path)) {
    return ENAMETOOLONG;
  }
  out.address.sun_family = AF_UNIX;
  memcpy(out.address.sun_path, path.data(), path.size());
  const bool abstract = path[0] == '@';
  if (abstract) {
    out.address.sun_path[0] = '\0';
  }
  out.bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return 0;
}

}  // namespace

int send_datagram(std::string_view path, std::string_view message) {
  Address to;
  if (const int error = make_address(path, to); error != 0) {
    return error;
  }
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return errno;
  }
  // A full queue of systemd must not stop the event loop for long, and READY=1 must not be lost for a short one.
  const timeval patience{.tv_sec = 0, .tv_usec = 100'000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  ssize_t sent = 0;
  do {
    sent =
        sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr *>(&to.address), to.bytes);
  } while (sent < 0 && errno == EINTR);
  const int error = sent < 0 ? errno : 0;
  ::close(fd);
  return error;
}

DatagramListener::~DatagramListener() {
  if (fd_ >= 0) {
    ::close(fd_);
    if (!unlink_path_.empty()) {
      unlink(unlink_path_.c_str());
    }
  }
}

int DatagramListener::open(std::string_view path) {
  Address at;
  if (const int error = make_address(path, at); error != 0) {
    return error;
  }
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    return errno;
  }
  if (bind(fd, reinterpret_cast<sockaddr *>(&at.address), at.bytes) != 0) {
    const int error = errno;
    ::close(fd);
    return error;
  }
  fd_ = fd;
  unlink_path_ = path[0] == '/' ? std::string(path) : std::string();
  return 0;
}

int DatagramListener::receive(char *buffer, size_t capacity_bytes, size_t *message_bytes) {
  ssize_t got = 0;
  do {
    got = recv(fd_, buffer, capacity_bytes, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return errno == EWOULDBLOCK ? EAGAIN : errno;
  }
  *message_bytes = static_cast<size_t>(got);
  return 0;
}

}  // namespace lanthorn::notify
