// Words for libav's error codes, and its log kept off stderr: the last error line of a thread is kept instead.
#pragma once
#include <string>

namespace lanthorn::media {

// Routes libav's log into the per-thread buffer below; once per process, thread-safe.
void captureAvLog();

// Takes the last error line libav logged on this thread; empty when there was none.
std::string takeAvLog();

// "what: libav's words (last log line)".
std::string avErrorText(const std::string &what, int code);

}  // namespace lanthorn::media
