#include "convert.hpp"
#include "demux_statistics.hpp"
#include "grow_ring.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

using Source = Owned<ltn_stream_source_h, ltn_stream_source_close>;

Napi::Value open(const Napi::CallbackInfo &info) {
  ltn_stream_source_h *handle = nullptr;
  const ltn_status_e status =
      ltn_stream_source_open(to_string(info[0]).c_str(), to_string(info[1]).c_str(), to_string(info[2]).c_str(),
                             info[3].As<Napi::Boolean>(), to_bytes(info[4]), &handle);
  return status == LTN_OK ? Source::wrap(info.Env(), handle) : throw_status(info.Env(), status);
}

Napi::Value grow_ring(const Napi::CallbackInfo &info) {
  using Growth = RingGrowth<ltn_stream_source_h, ltn_stream_source_grow_ring>;
  return Growth::start(info.Env(), Source::unwrap(info[0]), info[1]);
}

Napi::Value statistics(const Napi::CallbackInfo &info) {
  ltn_demux_statistics_t out;
  ltn_stream_source_statistics(Source::unwrap(info[0]).get(), &out);
  return demux_statistics(info.Env(), out);
}

Napi::Value close(const Napi::CallbackInfo &info) {
  Source::unwrap(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace

void register_stream_source(Napi::Env env, Napi::Object exports) {
  exports.Set("streamSourceOpen", Napi::Function::New<open>(env));
  exports.Set("streamSourceGrowRing", Napi::Function::New<grow_ring>(env));
  exports.Set("streamSourceStatistics", Napi::Function::New<statistics>(env));
  exports.Set("streamSourceClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
