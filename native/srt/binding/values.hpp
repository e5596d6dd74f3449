#pragma once

#include <napi.h>

#include "lanthorn/srt.h"

namespace lanthorn::srt::binding {

/** A failure as a plain value, { status, message }: src/index.ts makes the LanthornError. */
Napi::Value failure(Napi::Env env, ltn_srt_status_e status);

Napi::Array events_to_js(Napi::Env env, const ltn_srt_event_t *events, size_t count);
Napi::Object statistics_to_js(Napi::Env env, const ltn_srt_statistics_t &statistics);

/** The sink of an External that another addon of ours tagged; nullptr for anything else. */
ltn_byte_sink_t *sink_of(const Napi::Value &value);
Napi::Value tagged_external(Napi::Env env, ltn_byte_sink_t *sink);

Napi::Function define_listener(Napi::Env env);
Napi::Function define_caller(Napi::Env env);
Napi::Function define_sender(Napi::Env env);
Napi::Function define_byte_counter(Napi::Env env);

}  // namespace lanthorn::srt::binding
