#include <napi.h>

#include "registration.hpp"

namespace lanthorn::binding {

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  register_slot_writer(env, exports);
  register_slot_reader(env, exports);
  register_byte_writer(env, exports);
  register_byte_reader(env, exports);
  register_tools(env, exports);
  return exports;
}

NODE_API_MODULE(rings, init)

}  // namespace lanthorn::binding
