#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace lanthorn::srt {

/** What libsrt decided about a handshake after our callback admitted it. */
struct Verdict {
  static constexpr int kUnknown = -1;
  std::atomic<int> reject_code{kUnknown};  // relaxed: read at least one turn after it was written, and only for words
};

/**
 * Takes libsrt's log lines instead of stderr: counts warnings, and reads the one line that says why a handshake failed.
 * libsrt 1.5.1 has no interface for that on the listener's side ("listener has no functionality of giving the app
 * insight into rejected callers", srtcore/core.cpp); without the line the code stays unknown and everything else still
 * works.
 */
void install_library_log();

/** Called in the handshake callback: the next verdict line of this thread is about this attempt (nullptr: about none).
 */
void expect_verdict(std::shared_ptr<Verdict> verdict);

/** Log lines of level warning or worse since start. */
uint64_t library_warnings();

}  // namespace lanthorn::srt
