/**
 * One native thread per reader that waits: it sleeps on the futex, so that neither the JS thread nor libuv's pool does.
 * Started by the first wait; ends with its owner. The JS engine is only touched through the thread-safe function.
 */
#pragma once

#include <napi.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "lanthorn/rings.h"

namespace lanthorn::binding {

class WaitThread {
 public:
  /** wait(timeout_ms) → status; interrupt() ends it from another thread. Both must keep their handle alive. */
  using Wait = std::function<ltn_status_e(int32_t timeout_ms)>;

  WaitThread(Napi::Env env, std::function<void()> interrupt);
  ~WaitThread();
  WaitThread(const WaitThread &) = delete;
  WaitThread &operator=(const WaitThread &) = delete;

  /** JS thread. One wait at a time. Resolves the promise with a status: OK, TIMEOUT (also when cancelled), GONE, or a
   * fault. */
  Napi::Value start(Napi::Env env, Wait wait, int32_t timeout_ms);
  /** JS thread. Ends the wait in progress, if any. */
  void cancel();
  /** JS thread. Ends the thread; resolves a wait in progress with TIMEOUT. */
  void stop(Napi::Env env);
  bool is_waiting() const { return pending_.has_value(); }

 private:
  struct Job {
    Wait wait;
    int32_t timeout_ms;
  };

  void run();
  void end_thread();
  static void end_at_exit(void *self);
  void finish(Napi::Env env, ltn_status_e status);
  ltn_status_e wait_out(const Job &job);

  napi_env env_;
  std::function<void()> interrupt_;
  Napi::ThreadSafeFunction to_js_;
  std::optional<Napi::Promise::Deferred> pending_;  // JS thread only
  bool is_env_ending_ = false;                      // JS thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> job_;
  bool running_job_ = false;
  bool cancelled_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lanthorn::binding
