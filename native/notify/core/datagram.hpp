#pragma once

#include <string>
#include <string_view>

namespace lanthorn::notify {

/** Sends one datagram; 0 or an errno. See lanthorn/notify.h. */
int send_datagram(std::string_view path, std::string_view message);

/** A bound unix datagram socket that is read without waiting. */
class DatagramListener {
 public:
  DatagramListener() = default;
  DatagramListener(const DatagramListener &) = delete;
  DatagramListener &operator=(const DatagramListener &) = delete;
  ~DatagramListener();

  int open(std::string_view path);
  int receive(char *buffer, size_t capacity_bytes, size_t *message_bytes);

 private:
  int fd_ = -1;
  std::string unlink_path_;  // empty for abstract sockets, which have no file
};

}  // namespace lanthorn::notify
