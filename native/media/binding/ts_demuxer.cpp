#include "convert.hpp"
#include "demux_statistics.hpp"
#include "grow_ring.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

using Demuxer = Owned<ltn_ts_demuxer_h, ltn_ts_demuxer_close>;

constexpr napi_type_tag kSinkTag = {LTN_BYTE_SINK_TAG_LOWER, LTN_BYTE_SINK_TAG_UPPER};

Napi::Value open(const Napi::CallbackInfo &info) {
  ltn_ts_demuxer_h *handle = nullptr;
  const ltn_status_e status =
      ltn_ts_demuxer_open(to_string(info[0]).c_str(), to_string(info[1]).c_str(), to_bytes(info[2]), &handle);
  return status == LTN_OK ? Demuxer::wrap(info.Env(), handle) : throw_status(info.Env(), status);
}

Napi::Value grow_ring(const Napi::CallbackInfo &info) {
  using Growth = RingGrowth<ltn_ts_demuxer_h, ltn_ts_demuxer_grow_ring>;
  return Growth::start(info.Env(), Demuxer::unwrap(info[0]), info[1]);
}

Napi::Value sink(const Napi::CallbackInfo &info) {
  ltn_byte_sink_t *sink = ltn_ts_demuxer_sink(Demuxer::unwrap(info[0]).get());
  sink->retain(sink->context);
  auto external = Napi::External<ltn_byte_sink_t>::New(
      info.Env(), sink, [](Napi::Env, ltn_byte_sink_t *dead) { dead->release(dead->context); });
  napi_type_tag_object(info.Env(), external, &kSinkTag);
  return external;
}

Napi::Value push(const Napi::CallbackInfo &info) {
  const ByteView bytes(info[1]);
  ltn_ts_demuxer_push(Demuxer::unwrap(info[0]).get(), bytes.data, bytes.count, to_i64(info[2]));
  return info.Env().Undefined();
}

Napi::Value discontinuity(const Napi::CallbackInfo &info) {
  ltn_ts_demuxer_discontinuity(Demuxer::unwrap(info[0]).get());
  return info.Env().Undefined();
}

Napi::Value flush(const Napi::CallbackInfo &info) {
  ltn_ts_demuxer_flush(Demuxer::unwrap(info[0]).get());
  return info.Env().Undefined();
}

Napi::Value statistics(const Napi::CallbackInfo &info) {
  ltn_demux_statistics_t out;
  ltn_ts_demuxer_statistics(Demuxer::unwrap(info[0]).get(), &out);
  return demux_statistics(info.Env(), out);
}

Napi::Value close(const Napi::CallbackInfo &info) {
  Demuxer::unwrap(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace

void register_ts_demuxer(Napi::Env env, Napi::Object exports) {
  exports.Set("tsDemuxerOpen", Napi::Function::New<open>(env));
  exports.Set("tsDemuxerGrowRing", Napi::Function::New<grow_ring>(env));
  exports.Set("tsDemuxerSink", Napi::Function::New<sink>(env));
  exports.Set("tsDemuxerPush", Napi::Function::New<push>(env));
  exports.Set("tsDemuxerDiscontinuity", Napi::Function::New<discontinuity>(env));
  exports.Set("tsDemuxerFlush", Napi::Function::New<flush>(env));
  exports.Set("tsDemuxerStatistics", Napi::Function::New<statistics>(env));
  exports.Set("tsDemuxerClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
