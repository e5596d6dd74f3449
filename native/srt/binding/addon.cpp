#include "values.hpp"

namespace {

Napi::Value Turns(const Napi::CallbackInfo &info) { return Napi::BigInt::New(info.Env(), ltn_srt_turns()); }

Napi::Value LibraryWarnings(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), static_cast<double>(ltn_srt_library_warnings()));
}

Napi::Value Floods(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), static_cast<double>(ltn_srt_floods()));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("turns", Napi::Function::New<Turns>(env, "turns"));
  exports.Set("libraryWarnings", Napi::Function::New<LibraryWarnings>(env, "libraryWarnings"));
  exports.Set("floods", Napi::Function::New<Floods>(env, "floods"));
  exports.Set("SrtListener", lanthorn::srt::binding::define_listener(env));
  exports.Set("SrtCaller", lanthorn::srt::binding::define_caller(env));
  exports.Set("SrtSender", lanthorn::srt::binding::define_sender(env));
  exports.Set("ByteCounter", lanthorn::srt::binding::define_byte_counter(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(srt, Init)
