#include <string>

#include "values.hpp"

namespace lanthorn::srt::binding {
namespace {

const char *kind_name(ltn_srt_sender_state_e kind) {
  switch (kind) {
    case LTN_SRT_SENDER_CONNECTING:
      return "connecting";
    case LTN_SRT_SENDER_CONNECTED:
      return "connected";
    case LTN_SRT_SENDER_CLOSED:
      return "closed";
  }
  return "";
}

/** The sender's object: open(options) → undefined or { status, message }. */
class Sender : public Napi::ObjectWrap<Sender> {
 public:
  explicit Sender(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Sender>(info) {}
  ~Sender() override { ltn_srt_sender_close(handle_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "SrtSender",
                       {InstanceMethod<&Sender::Open>("open"), InstanceMethod<&Sender::State>("state"),
                        InstanceMethod<&Sender::Send>("send"), InstanceMethod<&Sender::Statistics>("statistics"),
                        InstanceMethod<&Sender::Close>("close")});
  }

 private:
  Napi::Value Open(const Napi::CallbackInfo &info) {
    const auto o = info[0].As<Napi::Object>();
    const std::string host = o.Get("host").As<Napi::String>();
    const std::string stream_id = o.Get("streamId").As<Napi::String>();
    const std::string passphrase = o.Get("passphrase").As<Napi::String>();
    const ltn_srt_send_t options{.host = host.c_str(),
                                 .port = static_cast<uint16_t>(o.Get("port").As<Napi::Number>().Uint32Value()),
                                 .stream_id = stream_id.c_str(),
                                 .passphrase = passphrase.c_str(),
                                 .latency_ms = o.Get("latencyMs").As<Napi::Number>(),
                                 .connect_timeout_ms = o.Get("connectTimeoutMs").As<Napi::Number>()};
    const ltn_srt_status_e status = ltn_srt_sender_open(&options, &handle_);
    return status == LTN_SRT_OK ? info.Env().Undefined() : failure(info.Env(), status);
  }

  Napi::Value State(const Napi::CallbackInfo &info) {
    ltn_srt_sender_state_t state{LTN_SRT_SENDER_CLOSED, 0, "closed by us"};
    if (handle_ != nullptr) {
      ltn_srt_sender_state(handle_, &state);
    }
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("kind", kind_name(state.kind));
    object.Set("code", state.code);
    object.Set("reason", state.reason);
    return object;
  }

  Napi::Value Send(const Napi::CallbackInfo &info) {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    const size_t sent = handle_ == nullptr ? 0 : ltn_srt_sender_send(handle_, bytes.Data(), bytes.ByteLength());
    return Napi::Number::New(info.Env(), static_cast<double>(sent));
  }

  Napi::Value Statistics(const Napi::CallbackInfo &info) {
    ltn_srt_sender_statistics_t s;
    if (handle_ == nullptr || ltn_srt_sender_statistics(handle_, &s) != LTN_SRT_OK) {
      return info.Env().Undefined();
    }
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("pktSentTotal", static_cast<double>(s.pktSentTotal));
    object.Set("pktSndLossTotal", s.pktSndLossTotal);
    object.Set("pktSndDropTotal", s.pktSndDropTotal);
    object.Set("pktRetransTotal", s.pktRetransTotal);
    object.Set("pktRecvACKTotal", s.pktRecvACKTotal);
    object.Set("byteSentTotal", static_cast<double>(s.byteSentTotal));
    object.Set("mbpsSendRate", s.mbpsSendRate);
    object.Set("msRTT", s.msRTT);
    object.Set("pktSndBuf", s.pktSndBuf);
    object.Set("pbkeylen", s.pbkeylen);
    return object;
  }

  void Close(const Napi::CallbackInfo &) {
    ltn_srt_sender_close(handle_);
    handle_ = nullptr;
  }

  ltn_srt_sender_h *handle_ = nullptr;
};

}  // namespace

Napi::Function define_sender(Napi::Env env) { return Sender::define(env); }

}  // namespace lanthorn::srt::binding
