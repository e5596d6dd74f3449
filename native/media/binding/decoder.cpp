#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

using DecoderHandle = Owned<ltn_decoder_h, ltn_decoder_close>;

Napi::Value open(const Napi::CallbackInfo &info) {
  ltn_decoder_h *handle = nullptr;
  const ltn_status_e status =
      ltn_decoder_open(to_string(info[0]).c_str(), to_string(info[1]).c_str(), to_u32(info[2]), &handle);
  return status == LTN_OK ? DecoderHandle::wrap(info.Env(), handle) : throw_status(info.Env(), status);
}

Napi::Value set_demand(const Napi::CallbackInfo &info) {
  const ltn_status_e status = ltn_decoder_set_demand(DecoderHandle::unwrap(info[0]).get(), to_u32(info[1]),
                                                     info[2].As<Napi::Number>().DoubleValue());
  return status == LTN_OK ? info.Env().Undefined() : throw_status(info.Env(), status);
}

Napi::Value statistics(const Napi::CallbackInfo &info) {
  ltn_decoder_statistics_t s;
  ltn_decoder_statistics(DecoderHandle::unwrap(info[0]).get(), &s);
  Napi::Object out = Napi::Object::New(info.Env());
  set_text(out, "state", s.state);
  set_text(out, "codec", s.codec);
  set_text(out, "pixelFormat", s.pixel_format);
  set_count(out, "widthPx", s.width_px);
  set_count(out, "heightPx", s.height_px);
  out.Set("fps", Napi::Number::New(info.Env(), s.fps));
  set_count(out, "slots", s.slots);
  set_count(out, "readers", s.readers);
  set_count(out, "packets", s.packets);
  set_count(out, "framesDecoded", s.frames_decoded);
  set_count(out, "framesPublished", s.frames_published);
  set_count(out, "framesSkipped", s.frames_skipped);
  set_count(out, "framesBusy", s.frames_busy);
  set_count(out, "recordsLost", s.records_lost);
  set_count(out, "errors", s.errors);
  set_text(out, "lastError", s.last_error);
  set_count(out, "attachments", s.attachments);
  set_count(out, "turns", s.turns);
  set_time(out, "lastPublishMonoNs", s.last_publish_mono_ns);
  return out;
}

Napi::Value close(const Napi::CallbackInfo &info) {
  DecoderHandle::unwrap(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace

void register_decoder(Napi::Env env, Napi::Object exports) {
  exports.Set("decoderOpen", Napi::Function::New<open>(env));
  exports.Set("decoderSetDemand", Napi::Function::New<set_demand>(env));
  exports.Set("decoderStatistics", Napi::Function::New<statistics>(env));
  exports.Set("decoderClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
