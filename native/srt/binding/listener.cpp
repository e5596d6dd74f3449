#include <array>
#include <string>
#include <vector>

#include "values.hpp"

namespace lanthorn::srt::binding {
namespace {

/** The listener's object: open(options) → undefined or { status, message }. */
class Listener : public Napi::ObjectWrap<Listener> {
 public:
  explicit Listener(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Listener>(info) {}
  ~Listener() override { ltn_srt_listener_close(handle_); }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "SrtListener",
        {InstanceMethod<&Listener::Open>("open"), InstanceMethod<&Listener::Port>("port"),
         InstanceMethod<&Listener::Udp>("udp"), InstanceMethod<&Listener::SetAccess>("setAccess"),
         InstanceMethod<&Listener::Attach>("attach"), InstanceMethod<&Listener::Detach>("detach"),
         InstanceMethod<&Listener::Drop>("drop"), InstanceMethod<&Listener::Poll>("poll"),
         InstanceMethod<&Listener::LostEvents>("lostEvents"), InstanceMethod<&Listener::Statistics>("statistics"),
         InstanceMethod<&Listener::Close>("close")});
  }

 private:
  Napi::Value Open(const Napi::CallbackInfo &info) {
    const auto o = info[0].As<Napi::Object>();
    const std::string host = o.Get("host").As<Napi::String>();
    const std::string camera_id = o.Get("cameraId").As<Napi::String>();
    const ltn_srt_listen_t options{.host = host.c_str(),
                                   .port = static_cast<uint16_t>(o.Get("port").As<Napi::Number>().Uint32Value()),
                                   .latency_ms = o.Get("latencyMs").As<Napi::Number>(),
                                   .takeover_after_ms = o.Get("takeoverAfterMs").As<Napi::Number>(),
                                   .camera_id = camera_id.c_str()};
    return result(info.Env(), ltn_srt_listener_open(&options, &handle_));
  }

  Napi::Value Port(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), handle_ == nullptr ? 0 : ltn_srt_listener_port(handle_));
  }

  Napi::Value Udp(const Napi::CallbackInfo &info) {
    ltn_srt_udp_t udp{};
    if (handle_ != nullptr) {
      ltn_srt_listener_udp(handle_, &udp);
    }
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("bufferBytes", udp.buffer_bytes);
    object.Set("queuedBytes", udp.queued_bytes);
    object.Set("dropped", udp.dropped);
    object.Set("threadNice", udp.thread_nice);
    return object;
  }

  Napi::Value SetAccess(const Napi::CallbackInfo &info) {
    const auto rows = info[0].As<Napi::Array>();
    const uint32_t count = rows.Length();
    struct Strings {
      std::string camera_id, passphrase, next_passphrase;
      std::vector<std::string> stream_ids;
      std::vector<const char *> stream_id_pointers;
    };
    std::vector<Strings> strings(count);
    std::vector<ltn_srt_access_t> entries(count);
    for (uint32_t i = 0; i < count; ++i) {
      const auto row = rows.Get(i).As<Napi::Object>();
      Strings &s = strings[i];
      s.camera_id = row.Get("cameraId").As<Napi::String>();
      s.passphrase = row.Get("passphrase").As<Napi::String>();
      s.next_passphrase = row.Get("nextPassphrase").As<Napi::String>();
      const auto ids = row.Get("streamIds").As<Napi::Array>();
      for (uint32_t k = 0; k < ids.Length(); ++k) {
        s.stream_ids.push_back(ids.Get(k).As<Napi::String>());
      }
      for (const std::string &id : s.stream_ids) {
        s.stream_id_pointers.push_back(id.c_str());
      }
      entries[i] = {.camera_id = s.camera_id.c_str(),
                    .stream_ids = s.stream_id_pointers.data(),
                    .stream_id_count = s.stream_id_pointers.size(),
                    .passphrase = s.passphrase.c_str(),
                    .next_passphrase = s.next_passphrase.c_str(),
                    .enabled = row.Get("enabled").As<Napi::Boolean>().Value() ? 1 : 0,
                    .call_port = static_cast<uint16_t>(row.Get("callPort").As<Napi::Number>().Uint32Value())};
    }
    return handle_ == nullptr ? info.Env().Undefined()
                              : result(info.Env(), ltn_srt_listener_set_access(handle_, entries.data(), count));
  }

  Napi::Value Attach(const Napi::CallbackInfo &info) {
    const std::string camera_id = info[0].As<Napi::String>();
    ltn_byte_sink_t *sink = sink_of(info[1]);
    if (sink == nullptr) {
      return Napi::Boolean::New(info.Env(), false);
    }
    if (handle_ != nullptr) {
      ltn_srt_listener_attach(handle_, camera_id.c_str(), sink);
    }
    return Napi::Boolean::New(info.Env(), true);
  }

  void Detach(const Napi::CallbackInfo &info) {
    const std::string camera_id = info[0].As<Napi::String>();
    if (handle_ != nullptr) {
      ltn_srt_listener_detach(handle_, camera_id.c_str());
    }
  }

  void Drop(const Napi::CallbackInfo &info) {
    const std::string camera_id = info[0].As<Napi::String>();
    if (handle_ != nullptr) {
      ltn_srt_listener_drop(handle_, camera_id.c_str());
    }
  }

  Napi::Value Poll(const Napi::CallbackInfo &info) {
    std::vector<ltn_srt_event_t> events(64);
    const size_t count = handle_ == nullptr ? 0 : ltn_srt_listener_poll(handle_, events.data(), events.size());
    return events_to_js(info.Env(), events.data(), count);
  }

  Napi::Value LostEvents(const Napi::CallbackInfo &info) {
    const uint64_t lost = handle_ == nullptr ? 0 : ltn_srt_listener_lost_events(handle_);
    return Napi::Number::New(info.Env(), static_cast<double>(lost));
  }

  Napi::Value Statistics(const Napi::CallbackInfo &info) {
    const std::string camera_id = info[0].As<Napi::String>();
    ltn_srt_statistics_t statistics;
    if (handle_ == nullptr || ltn_srt_listener_statistics(handle_, camera_id.c_str(), &statistics) != LTN_SRT_OK) {
      return info.Env().Undefined();
    }
    return statistics_to_js(info.Env(), statistics);
  }

  void Close(const Napi::CallbackInfo &) {
    ltn_srt_listener_close(handle_);
    handle_ = nullptr;
  }

  static Napi::Value result(Napi::Env env, ltn_srt_status_e status) {
    return status == LTN_SRT_OK ? env.Undefined() : failure(env, status);
  }

  ltn_srt_listener_h *handle_ = nullptr;
};

}  // namespace

Napi::Function define_listener(Napi::Env env) { return Listener::define(env); }

}  // namespace lanthorn::srt::binding
