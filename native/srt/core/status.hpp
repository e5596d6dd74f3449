#pragma once

#include <string>

#include "lanthorn/srt.h"

namespace lanthorn::srt {

/** A status with its words; inside the core, failures travel as this. */
struct Status {
  ltn_srt_status_e code = LTN_SRT_OK;
  std::string message{};

  bool ok() const { return code == LTN_SRT_OK; }
};

/** Keeps the words for ltn_srt_last_error of this thread and returns the code. */
ltn_srt_status_e remember(const Status &status);
const char *last_error();

/** Words for what a system call just failed with. */
Status status_of_errno(const std::string &what);
/** Translates libsrt's last error once, for all; `what` says what was attempted and on which address. */
Status status_of_srt_error(const std::string &what);

}  // namespace lanthorn::srt
