#include <cerrno>
#include <new>

#include "datagram.hpp"
#include "lanthorn/notify.h"

using lanthorn::notify::DatagramListener;

struct ltn_datagram_listener {
  DatagramListener listener;
};

int ltn_datagram_send(const char *path, size_t path_bytes, const char *message, size_t message_bytes) {
  return lanthorn::notify::send_datagram({path, path_bytes}, {message, message_bytes});
}

int ltn_datagram_listener_open(const char *path, size_t path_bytes, ltn_datagram_listener_h **out) {
  auto *handle = new (std::nothrow) ltn_datagram_listener;
  if (handle == nullptr) {
    return ENOMEM;
  }
  if (const int error = handle->listener.open({path, path_bytes}); error != 0) {
    delete handle;
    return error;
  }
  *out = handle;
  return 0;
}

int ltn_datagram_listener_receive(ltn_datagram_listener_h *listener, char *buffer, size_t capacity_bytes,
                                  size_t *message_bytes) {
  return listener->listener.receive(buffer, capacity_bytes, message_bytes);
}

void ltn_datagram_listener_close(ltn_datagram_listener_h *listener) { delete listener; }
