#include "status.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace lanthorn {
namespace {

thread_local char message[1024] = "";

/** errno → status, once, at the boundary. */
ltn_status_e status_of(int error) {
  switch (error) {
    case EACCES:
    case EPERM:  // /dev/shm is sticky: only the owner may unlink
      return LTN_E_PERMISSION;
    case ENOENT:
      return LTN_E_NOT_FOUND;
    case EEXIST:
      return LTN_E_EXISTS;
    case ENOSPC:
    case ENOMEM:  // mmap and fallocate say ENOMEM when a memory cgroup is full
      return LTN_E_NO_SPACE;
    default:
      return LTN_E_SYSTEM;
  }
}

}  // namespace

ltn_status_e fail(ltn_status_e status, const char *format, ...) {
  va_list values;
  va_start(values, format);
  std::vsnprintf(message, sizeof message, format, values);
  va_end(values);
  return status;
}

ltn_status_e fail_errno(int error, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int length = std::vsnprintf(message, sizeof message, format, values);
  va_end(values);
  if (length >= 0 && static_cast<size_t>(length) < sizeof message) {
    std::snprintf(message + length, sizeof message - length, ": %s (errno %d)", std::strerror(error), error);
  }
  return status_of(error);
}

const char *last_error() { return message; }

}  // namespace lanthorn
