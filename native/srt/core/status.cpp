#include "status.hpp"

#include <srt/srt.h>

#include <cerrno>
#include <cstring>

namespace lanthorn::srt {
namespace {

thread_local std::string last_error_words;

}  // namespace

ltn_srt_status_e remember(const Status &status) {
  last_error_words = status.message;
  return status.code;
}

const char *last_error() { return last_error_words.c_str(); }

Status status_of_srt_error(const std::string &what) {
  int system_error = 0;
  const int srt_error = srt_getlasterror(&system_error);
  // libsrt formats "UDP socket: Address already in use" into one text for all; errno says which it was.
  ltn_srt_status_e code = LTN_SRT_E_SYSTEM;
  if (system_error == EADDRINUSE || srt_error == SRT_EBINDCONFLICT) {
    code = LTN_SRT_E_PORT_TAKEN;
  } else if (system_error == EADDRNOTAVAIL) {
    code = LTN_SRT_E_ADDRESS;
  } else if (system_error == EACCES || system_error == EPERM) {
    code = LTN_SRT_E_PERMISSION;
  }
  std::string reason = srt_getlasterror_str();
  if (system_error != 0) {
    reason += std::string(" (") + strerror(system_error) + ")";
  }
  srt_clearlasterror();
  return {code, what + ": " + reason};
}

}  // namespace lanthorn::srt
