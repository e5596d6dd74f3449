/** Making a packet ring larger in a thread of libuv's pool: reserving its memory takes longer than JavaScript may wait.
 */
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "convert.hpp"

namespace lanthorn::binding {

/** Holds the handle: what is closed meanwhile is closed when this ends. */
template <class Handle, ltn_status_e (*Grow)(Handle *, uint64_t)>
class RingGrowth : public Napi::AsyncWorker {
 public:
  /** (handle, ringBytes) → a promise of nothing, or of an error that carries ltnStatus. */
  static Napi::Value start(Napi::Env env, std::shared_ptr<Handle> handle, const Napi::Value &ring_bytes) {
    const double bytes = ring_bytes.As<Napi::Number>().DoubleValue();
    auto *growth = new RingGrowth(env, std::move(handle), static_cast<uint64_t>(bytes));
    const Napi::Promise promise = growth->done_.Promise();
    growth->Queue();  // deletes itself when it is done
    return promise;
  }

 protected:
  void Execute() override {
    status_ = Grow(handle_.get(), ring_bytes_);
    words_ = status_ == LTN_OK ? "" : ltn_media_last_error();  // of this thread
    handle_.reset();
  }
  void OnOK() override {
    if (status_ == LTN_OK) {
      return done_.Resolve(Env().Undefined());
    }
    Napi::Error error = Napi::Error::New(Env(), words_);
    error.Set("ltnStatus", Napi::Number::New(Env(), status_));
    done_.Reject(error.Value());
  }

 private:
  RingGrowth(Napi::Env env, std::shared_ptr<Handle> handle, uint64_t ring_bytes)
      : Napi::AsyncWorker(env),
        done_(Napi::Promise::Deferred::New(env)),
        handle_(std::move(handle)),
        ring_bytes_(ring_bytes) {}

  Napi::Promise::Deferred done_;
  std::shared_ptr<Handle> handle_;
  uint64_t ring_bytes_;
  ltn_status_e status_ = LTN_OK;
  std::string words_;
};

}  // namespace lanthorn::binding
