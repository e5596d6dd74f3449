/** Each file of this folder registers its functions here; addon.cpp calls them all. */
#pragma once

#include <napi.h>

namespace lanthorn::binding {

void register_slot_writer(Napi::Env env, Napi::Object exports);
void register_slot_reader(Napi::Env env, Napi::Object exports);
void register_byte_writer(Napi::Env env, Napi::Object exports);
void register_byte_reader(Napi::Env env, Napi::Object exports);
void register_tools(Napi::Env env, Napi::Object exports);

}  // namespace lanthorn::binding
