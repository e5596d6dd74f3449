/** JS values ↔ C values, and the External that carries a handle. Does no deciding: the TypeScript wrapper checks
 * arguments. */
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "lanthorn/rings.h"

namespace lanthorn::binding {

/** Throws a JS Error that carries the status and the core's words; src/native-error.ts turns it into a LanthornError.
 */
inline void throw_status(Napi::Env env, ltn_status_e status) {
  Napi::Error error = Napi::Error::New(env, ltn_last_error());
  error.Set("ltnStatus", Napi::Number::New(env, status));
  error.ThrowAsJavaScriptException();
}

inline Napi::Value status_value(Napi::Env env, ltn_status_e status) { return Napi::Number::New(env, status); }

inline uint64_t to_u64(const Napi::Value &value) {
  bool lossless = false;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

/** A handle in an External: closed by JS, or by the garbage collector if JS forgot. */
template <class Handle>
Napi::Value wrap(Napi::Env env, std::shared_ptr<Handle> handle) {
  auto *boxed = new std::shared_ptr<Handle>(std::move(handle));
  return Napi::External<std::shared_ptr<Handle>>::New(env, boxed,
                                                      [](Napi::Env, std::shared_ptr<Handle> *dead) { delete dead; });
}

template <class Handle>
std::shared_ptr<Handle> &unwrap(const Napi::Value &value) {
  return *value.As<Napi::External<std::shared_ptr<Handle>>>().Data();
}

/** The struct that lies in a scratch Uint8Array shared with TypeScript (src/frame-meta.ts, src/record-meta.ts). */
template <class Struct>
Struct *scratch(const Napi::Value &value) {
  return reinterpret_cast<Struct *>(value.As<Napi::Uint8Array>().Data());
}

}  // namespace lanthorn::binding
