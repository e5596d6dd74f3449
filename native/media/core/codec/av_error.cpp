#include "codec/av_error.h"

#include <cstdio>
#include <mutex>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace lanthorn::media {
namespace {

thread_local std::string lastLine;

void keepLine(void *, int level, const char *format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  char line[192];
  std::vsnprintf(line, sizeof line, format, arguments);
  lastLine = line;
  while (!lastLine.empty() && (lastLine.back() == '\n' || lastLine.back() == ' ')) lastLine.pop_back();
}

}  // namespace

void captureAvLog() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(keepLine); });
}

std::string takeAvLog() {
  std::string line;
  line.swap(lastLine);
  return line;
}

std::string avErrorText(const std::string &what, int code) {
  char words[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, words, sizeof words);
  const std::string log = takeAvLog();
  return what + ": " + words + (log.empty() ? "" : " (" + log + ")");
}

}  // namespace lanthorn::media
