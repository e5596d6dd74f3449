#include <string>
#include <vector>

#include "values.hpp"

namespace lanthorn::srt::binding {
namespace {

/** The caller's object: open(options, sink) → undefined or { status, message }. */
class Caller : public Napi::ObjectWrap<Caller> {
 public:
  explicit Caller(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Caller>(info) {}
  ~Caller() override { ltn_srt_caller_close(handle_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "SrtCaller",
                       {InstanceMethod<&Caller::Open>("open"), InstanceMethod<&Caller::Poll>("poll"),
                        InstanceMethod<&Caller::Statistics>("statistics"), InstanceMethod<&Caller::Close>("close")});
  }

 private:
  Napi::Value Open(const Napi::CallbackInfo &info) {
    const auto o = info[0].As<Napi::Object>();
    const std::string host = o.Get("host").As<Napi::String>();
    const std::string stream_id = o.Get("streamId").As<Napi::String>();
    const std::string passphrase = o.Get("passphrase").As<Napi::String>();
    const ltn_srt_call_t options{.host = host.c_str(),
                                 .port = static_cast<uint16_t>(o.Get("port").As<Napi::Number>().Uint32Value()),
                                 .stream_id = stream_id.c_str(),
                                 .passphrase = passphrase.c_str(),
                                 .latency_ms = o.Get("latencyMs").As<Napi::Number>(),
                                 .connect_timeout_ms = o.Get("connectTimeoutMs").As<Napi::Number>(),
                                 .sink = sink_of(info[1])};
    if (options.sink == nullptr) {
      return Napi::Boolean::New(info.Env(), false);
    }
    const ltn_srt_status_e status = ltn_srt_caller_open(&options, &handle_);
    return status == LTN_SRT_OK ? info.Env().Undefined() : failure(info.Env(), status);
  }

  Napi::Value Poll(const Napi::CallbackInfo &info) {
    std::vector<ltn_srt_event_t> events(16);
    const size_t count = handle_ == nullptr ? 0 : ltn_srt_caller_poll(handle_, events.data(), events.size());
    return events_to_js(info.Env(), events.data(), count);
  }

  Napi::Value Statistics(const Napi::CallbackInfo &info) {
    ltn_srt_statistics_t statistics;
    if (handle_ == nullptr || ltn_srt_caller_statistics(handle_, &statistics) != LTN_SRT_OK) {
      return info.Env().Undefined();
    }
    return statistics_to_js(info.Env(), statistics);
  }

  void Close(const Napi::CallbackInfo &) {
    ltn_srt_caller_close(handle_);
    handle_ = nullptr;
  }

  ltn_srt_caller_h *handle_ = nullptr;
};

}  // namespace

Napi::Function define_caller(Napi::Env env) { return Caller::define(env); }

}  // namespace lanthorn::srt::binding
