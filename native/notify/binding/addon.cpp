#include <napi.h>

#include <array>
#include <cerrno>
#include <string>

#include "lanthorn/notify.h"

namespace {

/** sendDatagram(path, message) → 0 or an errno. */
Napi::Value SendDatagram(const Napi::CallbackInfo &info) {
  const std::string path = info[0].As<Napi::String>();
  const std::string message = info[1].As<Napi::String>();
  return Napi::Number::New(info.Env(), ltn_datagram_send(path.data(), path.size(), message.data(), message.size()));
}

/** new DatagramListener(): open(path) → 0 or an errno; receive() → string or undefined; close(). */
class DatagramListener : public Napi::ObjectWrap<DatagramListener> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "DatagramListener",
        {InstanceMethod<&DatagramListener::Open>("open"), InstanceMethod<&DatagramListener::Receive>("receive"),
         InstanceMethod<&DatagramListener::Close>("close")});
  }

  explicit DatagramListener(const Napi::CallbackInfo &info) : Napi::ObjectWrap<DatagramListener>(info) {}
  ~DatagramListener() override { ltn_datagram_listener_close(handle_); }

 private:
  Napi::Value Open(const Napi::CallbackInfo &info) {
    const std::string path = info[0].As<Napi::String>();
    const int error = handle_ != nullptr ? EISCONN : ltn_datagram_listener_open(path.data(), path.size(), &handle_);
    return Napi::Number::New(info.Env(), error);
  }

  Napi::Value Receive(const Napi::CallbackInfo &info) {
    std::array<char, 65536> buffer;
    size_t bytes = 0;
    if (handle_ == nullptr || ltn_datagram_listener_receive(handle_, buffer.data(), buffer.size(), &bytes) != 0) {
      return info.Env().Undefined();
    }
    return Napi::String::New(info.Env(), buffer.data(), bytes);
  }

  void Close(const Napi::CallbackInfo &) {
    ltn_datagram_listener_close(handle_);
    handle_ = nullptr;
  }

  ltn_datagram_listener_h *handle_ = nullptr;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("sendDatagram", Napi::Function::New<SendDatagram>(env, "sendDatagram"));
  exports.Set("DatagramListener", DatagramListener::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(notify, Init)
