#include "values.hpp"

namespace lanthorn::srt::binding {
namespace {

/** The counting sink's object: sink() → External, read() → counts. */
class ByteCounter : public Napi::ObjectWrap<ByteCounter> {
 public:
  explicit ByteCounter(const Napi::CallbackInfo &info)
      : Napi::ObjectWrap<ByteCounter>(info), handle_(ltn_srt_byte_counter_open()) {}
  ~ByteCounter() override { ltn_srt_byte_counter_close(handle_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "ByteCounter",
                       {InstanceMethod<&ByteCounter::Sink>("sink"), InstanceMethod<&ByteCounter::Read>("read")});
  }

 private:
  Napi::Value Sink(const Napi::CallbackInfo &info) {
    return tagged_external(info.Env(), ltn_srt_byte_counter_sink(handle_));
  }

  Napi::Value Read(const Napi::CallbackInfo &info) {
    ltn_srt_byte_count_t count;
    ltn_srt_byte_counter_read(handle_, &count);
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("bytes", static_cast<double>(count.bytes));
    object.Set("pushes", static_cast<double>(count.pushes));
    object.Set("discontinuities", static_cast<double>(count.discontinuities));
    object.Set("foreignPushes", static_cast<double>(count.foreign_pushes));
    return object;
  }

  ltn_srt_byte_counter_h *const handle_;
};

}  // namespace

Napi::Function define_byte_counter(Napi::Env env) { return ByteCounter::define(env); }

}  // namespace lanthorn::srt::binding
