#include "status.hpp"

#include <srt/srt.h>

#include <cerrno>
#include <cstring>

namespace lanthorn::srt {
namespace {

thread_local std::string last_error_words;

ltn_srt_status_e code_of_errno(int system_error) {
  switch (system_error) {
    case EADDRINUSE:
      return LTN_SRT_E_PORT_TAKEN;
    case EADDRNOTAVAIL:
      return LTN_SRT_E_ADDRESS;
    case EACCES:
    case EPERM:
      return LTN_SRT_E_PERMISSION;
    default:
      return LTN_SRT_E_SYSTEM;
  }
}

}  // namespace

ltn_srt_status_e remember(const Status &status) {
  last_error_words = status.message;
  return status.code;
}

const char *last_error() { return last_error_words.c_str(); }

Status status_of_errno(const std::string &what) {
  const int system_error = errno;
  return {code_of_errno(system_error), what + ": " + strerror(system_error)};
}

Status status_of_srt_error(const std::string &what) {
  int system_error = 0;
  const int srt_error = srt_getlasterror(&system_error);
  // libsrt formats "UDP socket: Address already in use" into one text for all; errno says which it was.
  const ltn_srt_status_e code = srt_error == SRT_EBINDCONFLICT ? LTN_SRT_E_PORT_TAKEN : code_of_errno(system_error);
  std::string reason = srt_getlasterror_str();
  if (system_error != 0) {
    reason += std::string(" (") + strerror(system_error) + ")";
  }
  srt_clearlasterror();
  return {code, what + ": " + reason};
}

}  // namespace lanthorn::srt
