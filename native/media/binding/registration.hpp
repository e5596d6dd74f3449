/** Each file of this folder registers its functions here; addon.cpp calls them all. */
#pragma once

#include <napi.h>

namespace lanthorn::binding {

void register_ts_demuxer(Napi::Env env, Napi::Object exports);
void register_stream_source(Napi::Env env, Napi::Object exports);
void register_decoder(Napi::Env env, Napi::Object exports);
void register_sensor_decoder(Napi::Env env, Napi::Object exports);
void register_fmp4_muxer(Napi::Env env, Napi::Object exports);
void register_picture(Napi::Env env, Napi::Object exports);

}  // namespace lanthorn::binding
