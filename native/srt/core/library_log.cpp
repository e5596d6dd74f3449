#include "library_log.hpp"

#include <srt/srt.h>
#include <syslog.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace lanthorn::srt {
namespace {

std::atomic<uint64_t> warnings{0};  // relaxed: a statistic
thread_local std::shared_ptr<Verdict> expected;

// srtcore/core.cpp, processConnectRequest: "rsp(REJECT): %d - %s", with URQFailure(code) = 1000 + code.
constexpr const char *kVerdictMark = "rsp(REJECT): ";
constexpr int kFailureBase = 1000;

/** Runs on libsrt's threads with its log lock held: no call of libsrt from here. */
void on_log_line(void *, int, const char *, int, const char *, const char *message) {
  warnings.fetch_add(1, std::memory_order_relaxed);
  const char *mark = strstr(message, kVerdictMark);
  if (mark != nullptr && expected != nullptr) {
    expected->reject_code.store(atoi(mark + strlen(kVerdictMark)) - kFailureBase, std::memory_order_relaxed);
    expected.reset();
  }
}

}  // namespace

void install_library_log() {
  srt_setlogflags(SRT_LOGF_DISABLE_TIME | SRT_LOGF_DISABLE_THREADNAME | SRT_LOGF_DISABLE_SEVERITY |
                  SRT_LOGF_DISABLE_EOL);
  srt_setloglevel(LOG_WARNING);
  srt_setloghandler(nullptr, on_log_line);
}

void expect_verdict(std::shared_ptr<Verdict> verdict) { expected = std::move(verdict); }

uint64_t library_warnings() { return warnings.load(std::memory_order_relaxed); }

}  // namespace lanthorn::srt
