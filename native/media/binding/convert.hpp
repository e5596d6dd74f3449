/** JS values ↔ C values, and the Externals that carry handles. Does no deciding: the TypeScript wrapper checks
 * arguments. */
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "lanthorn/media.h"

namespace lanthorn::binding {

/** Throws a JS Error that carries the status and the core's words; src/native-error.ts turns it into a LanthornError.
 */
inline Napi::Value throw_status(Napi::Env env, ltn_status_e status) {
  Napi::Error error = Napi::Error::New(env, ltn_media_last_error());
  error.Set("ltnStatus", Napi::Number::New(env, status));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

/** An owned C handle in an External: closed by JS through reset, or by the garbage collector if JS forgot. */
template <class Handle, void (*Close)(Handle *)>
struct Owned {
  using Pointer = std::shared_ptr<Handle>;

  static Napi::Value wrap(Napi::Env env, Handle *handle) {
    auto *boxed = new Pointer(handle, Close);
    return Napi::External<Pointer>::New(env, boxed, [](Napi::Env, Pointer *dead) { delete dead; });
  }
  /** Null after close. */
  static Pointer &unwrap(const Napi::Value &value) { return *value.As<Napi::External<Pointer>>().Data(); }
};

inline std::string to_string(const Napi::Value &value) { return value.As<Napi::String>().Utf8Value(); }
inline uint32_t to_u32(const Napi::Value &value) { return value.As<Napi::Number>().Uint32Value(); }
inline uint64_t to_bytes(const Napi::Value &value) {
  return static_cast<uint64_t>(
      value.As<Napi::Number>().DoubleValue());  // the wrapper checked that it is a whole number
}
inline int64_t to_i64(const Napi::Value &value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Int64Value(&lossless);
}

/** Bytes of a Uint8Array without copying: valid while the call runs. */
struct ByteView {
  const uint8_t *data = nullptr;
  size_t count = 0;
  explicit ByteView(const Napi::Value &value) {
    auto array = value.As<Napi::Uint8Array>();
    data = array.Data();
    count = array.ByteLength();
  }
};

inline void set_count(Napi::Object &object, const char *name, uint64_t value) {
  object.Set(name, Napi::Number::New(object.Env(), static_cast<double>(value)));
}
inline void set_time(Napi::Object &object, const char *name, int64_t value) {
  object.Set(name, Napi::BigInt::New(object.Env(), value));
}
inline void set_text(Napi::Object &object, const char *name, const char *value) {
  object.Set(name, Napi::String::New(object.Env(), value));
}

}  // namespace lanthorn::binding
