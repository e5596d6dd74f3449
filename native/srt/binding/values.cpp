#include "values.hpp"

namespace lanthorn::srt::binding {
namespace {

constexpr napi_type_tag kSinkTag{LTN_BYTE_SINK_TAG_LOWER, LTN_BYTE_SINK_TAG_UPPER};

const char *kind_name(ltn_srt_event_e kind) {
  switch (kind) {
    case LTN_SRT_CONNECTED:
      return "connected";
    case LTN_SRT_DISCONNECTED:
      return "disconnected";
    case LTN_SRT_REJECTED:
      return "rejected";
  }
  return "";
}

}  // namespace

Napi::Value failure(Napi::Env env, ltn_srt_status_e status) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("status", static_cast<int>(status));
  result.Set("message", ltn_srt_last_error());
  return result;
}

Napi::Array events_to_js(Napi::Env env, const ltn_srt_event_t *events, size_t count) {
  Napi::Array array = Napi::Array::New(env, count);
  for (size_t i = 0; i < count; ++i) {
    const ltn_srt_event_t &event = events[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("kind", kind_name(event.kind));
    object.Set("cameraId", event.camera_id);
    object.Set("peer", event.peer);
    object.Set("streamId", event.stream_id);
    object.Set("code", event.code);
    object.Set("count", event.count);
    object.Set("reason", event.reason);
    object.Set("keyLengthBits", event.key_length_bits);
    object.Set("latencyMs", event.latency_ms);
    object.Set("nextKey", event.next_key != 0);
    object.Set("callPort", event.call_port);
    object.Set("monoNs", Napi::BigInt::New(env, event.mono_ns));
    array.Set(static_cast<uint32_t>(i), object);
  }
  return array;
}

Napi::Object statistics_to_js(Napi::Env env, const ltn_srt_statistics_t &s) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("msTimeStamp", static_cast<double>(s.msTimeStamp));
  object.Set("pktRecvTotal", static_cast<double>(s.pktRecvTotal));
  object.Set("pktRcvLossTotal", s.pktRcvLossTotal);
  object.Set("pktRcvDropTotal", s.pktRcvDropTotal);
  object.Set("pktRcvUndecryptTotal", s.pktRcvUndecryptTotal);
  object.Set("byteRecvTotal", static_cast<double>(s.byteRecvTotal));
  object.Set("pktRecv", static_cast<double>(s.pktRecv));
  object.Set("pktRecvUnique", static_cast<double>(s.pktRecvUnique));
  object.Set("pktRcvLoss", s.pktRcvLoss);
  object.Set("pktRcvDrop", s.pktRcvDrop);
  object.Set("pktRcvRetrans", s.pktRcvRetrans);
  object.Set("pktRcvBelated", static_cast<double>(s.pktRcvBelated));
  object.Set("pktRcvUndecrypt", s.pktRcvUndecrypt);
  object.Set("pktReorderDistance", s.pktReorderDistance);
  object.Set("pktReorderTolerance", s.pktReorderTolerance);
  object.Set("pktSentNAK", s.pktSentNAK);
  object.Set("pktRcvAvgBelatedTime", s.pktRcvAvgBelatedTime);
  object.Set("mbpsRecvRate", s.mbpsRecvRate);
  object.Set("mbpsBandwidth", s.mbpsBandwidth);
  object.Set("msRTT", s.msRTT);
  object.Set("pktRcvBuf", s.pktRcvBuf);
  object.Set("msRcvBuf", s.msRcvBuf);
  object.Set("msRcvTsbPdDelay", s.msRcvTsbPdDelay);
  object.Set("pbkeylen", s.pbkeylen);
  object.Set("messages", static_cast<double>(s.messages));
  object.Set("lastDataMonoNs", Napi::BigInt::New(env, s.lastDataMonoNs));
  return object;
}

ltn_byte_sink_t *sink_of(const Napi::Value &value) {
  if (!value.IsExternal()) {
    return nullptr;
  }
  bool tagged = false;
  if (napi_check_object_type_tag(value.Env(), value, &kSinkTag, &tagged) != napi_ok || !tagged) {
    return nullptr;
  }
  return value.As<Napi::External<ltn_byte_sink_t>>().Data();
}

Napi::Value tagged_external(Napi::Env env, ltn_byte_sink_t *sink) {
  sink->retain(sink->context);
  const auto external =
      Napi::External<ltn_byte_sink_t>::New(env, sink, [](Napi::Env, ltn_byte_sink_t *s) { s->release(s->context); });
  napi_type_tag_object(env, external, &kSinkTag);
  return external;
}

}  // namespace lanthorn::srt::binding
