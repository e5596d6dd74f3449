#include <napi.h>

#include "registration.hpp"

namespace lanthorn::binding {

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  register_ts_demuxer(env, exports);
  register_stream_source(env, exports);
  register_decoder(env, exports);
  register_sensor_decoder(env, exports);
  register_fmp4_muxer(env, exports);
  register_picture(env, exports);
  return exports;
}

NODE_API_MODULE(media, init)

}  // namespace lanthorn::binding
