#include "wait_thread.hpp"

#include <time.h>

#include <algorithm>

namespace lanthorn::binding {
namespace {

int64_t now_ms() {
  struct timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

WaitThread::WaitThread(Napi::Env env, std::function<void()> interrupt) : env_(env), interrupt_(std::move(interrupt)) {
  auto nothing = Napi::Function::New(env, [](const Napi::CallbackInfo &) {});
  // Queue of one: at most one wait is under way, so at most one answer is on its way.
  to_js_ = Napi::ThreadSafeFunction::New(env, nothing, "lanthorn rings wait", 1, 1);
  to_js_.Unref(env);  // an idle reader does not keep the process alive; a wait in progress does
  // Hooks run in reverse order: the thread ends before Node closes the thread-safe function above.
  napi_add_env_cleanup_hook(env_, end_at_exit, this);
}

WaitThread::~WaitThread() {
  if (!is_env_ending_) {
    napi_remove_env_cleanup_hook(env_, end_at_exit, this);
    end_thread();
    to_js_.Abort();
  }
}

void WaitThread::end_at_exit(void *self) {
  auto *waiter = static_cast<WaitThread *>(self);
  waiter->is_env_ending_ = true;
  waiter->end_thread();
  waiter->to_js_.Abort();  // now: by the time our destructor runs, Node has freed the thread-safe function
}

void WaitThread::end_thread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    cancelled_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    interrupt_();
    thread_.join();
  }
}

void WaitThread::stop(Napi::Env env) {
  end_thread();
  finish(env, LTN_E_TIMEOUT);
}

Napi::Value WaitThread::start(Napi::Env env, Wait wait, int32_t timeout_ms) {
  pending_ = Napi::Promise::Deferred::New(env);
  Napi::Value promise = pending_->Promise();
  to_js_.Ref(env);
  {
    std::lock_guard lock(mutex_);
    job_ = Job{std::move(wait), timeout_ms};
    cancelled_ = false;
  }
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { run(); });
  }
  changed_.notify_all();
  return promise;
}

void WaitThread::cancel() {
  bool interrupt = false;
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    interrupt = running_job_;
  }
  if (interrupt) {
    interrupt_();
  }
}

ltn_status_e WaitThread::wait_out(const Job &job) {
  const int64_t deadline_ms = job.timeout_ms < 0 ? INT64_MAX : now_ms() + job.timeout_ms;
  for (;;) {
    int64_t left_ms = job.timeout_ms < 0 ? -1 : std::max<int64_t>(deadline_ms - now_ms(), 0);
    ltn_status_e status = job.wait(static_cast<int32_t>(left_ms));
    std::lock_guard lock(mutex_);
    // An interrupt meant for the wait before this one, which ended by itself just then, is no reason to end this one.
    if (status != LTN_E_TIMEOUT || cancelled_ || now_ms() >= deadline_ms) {
      return status;
    }
  }
}

void WaitThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || job_.has_value(); });
    if (stopping_) {
      return;
    }
    Job job = std::move(*job_);
    job_.reset();
    ltn_status_e status = LTN_E_TIMEOUT;
    if (!cancelled_) {
      running_job_ = true;
      lock.unlock();
      status = wait_out(job);
      lock.lock();
      running_job_ = false;
    }
    if (stopping_) {
      return;
    }
    lock.unlock();
    to_js_.NonBlockingCall([this, status](Napi::Env env, Napi::Function) { finish(env, status); });
    lock.lock();
  }
}

void WaitThread::finish(Napi::Env env, ltn_status_e status) {
  if (env == nullptr || !pending_.has_value()) {
    return;
  }
  Napi::HandleScope scope(env);
  Napi::Promise::Deferred deferred = *pending_;
  pending_.reset();
  to_js_.Unref(env);
  deferred.Resolve(Napi::Number::New(env, status));
}

}  // namespace lanthorn::binding
