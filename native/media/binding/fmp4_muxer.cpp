#include <vector>

#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

using Muxer = Owned<ltn_fmp4_muxer_h, ltn_fmp4_muxer_close>;

Napi::Value open(const Napi::CallbackInfo &info) {
  auto list = info[0].As<Napi::Array>();
  std::vector<ltn_stream_t> streams(list.Length());
  std::vector<std::string> codecs(list.Length());
  for (uint32_t i = 0; i < list.Length(); i++) {
    auto item = list.Get(i).As<Napi::Object>();
    const ByteView extradata(item.Get("extradata"));
    codecs[i] = to_string(item.Get("codec"));
    streams[i] = {to_u32(item.Get("index")),
                  codecs[i].c_str(),
                  to_u32(item.Get("widthPx")),
                  to_u32(item.Get("heightPx")),
                  to_u32(item.Get("sampleRateHz")),
                  to_u32(item.Get("channels")),
                  extradata.data,
                  extradata.count};
  }
  ltn_fmp4_muxer_h *handle = nullptr;
  const ltn_status_e status = ltn_fmp4_muxer_open(streams.data(), streams.size(), &handle);
  return status == LTN_OK ? Muxer::wrap(info.Env(), handle) : throw_status(info.Env(), status);
}

Napi::Value init_segment(const Napi::CallbackInfo &info) {
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  ltn_fmp4_muxer_init_segment(Muxer::unwrap(info[0]).get(), &bytes, &count);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes, count);
}

Napi::Value fragment(const Napi::CallbackInfo &info) {
  auto list = info[1].As<Napi::Array>();
  std::vector<ltn_mux_packet_t> packets(list.Length());
  for (uint32_t i = 0; i < list.Length(); i++) {
    auto item = list.Get(i).As<Napi::Object>();
    const ByteView payload(item.Get("payload"));
    packets[i] = {to_u32(item.Get("streamIndex")),
                  to_i64(item.Get("pts90k")),
                  to_i64(item.Get("dts90k")),
                  to_u32(item.Get("duration90k")),
                  item.Get("key").ToBoolean(),
                  payload.data,
                  payload.count};
  }
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  const ltn_status_e status =
      ltn_fmp4_muxer_fragment(Muxer::unwrap(info[0]).get(), packets.data(), packets.size(), &bytes, &count);
  if (status != LTN_OK) {
    return throw_status(info.Env(), status);
  }
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes, count);
}

Napi::Value close(const Napi::CallbackInfo &info) {
  Muxer::unwrap(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace

void register_fmp4_muxer(Napi::Env env, Napi::Object exports) {
  exports.Set("fmp4MuxerOpen", Napi::Function::New<open>(env));
  exports.Set("fmp4MuxerInitSegment", Napi::Function::New<init_segment>(env));
  exports.Set("fmp4MuxerFragment", Napi::Function::New<fragment>(env));
  exports.Set("fmp4MuxerClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
