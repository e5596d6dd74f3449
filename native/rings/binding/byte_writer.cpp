#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

struct WriterBox {
  ltn_byte_writer_h *handle = nullptr;
  ~WriterBox() { ltn_byte_writer_close(handle); }
};

Napi::Value open(const Napi::CallbackInfo &info) {
  auto box = std::make_shared<WriterBox>();
  ltn_status_e status =
      ltn_byte_writer_open(info[0].As<Napi::String>().Utf8Value().c_str(),
                           static_cast<uint64_t>(info[1].As<Napi::Number>().DoubleValue()), &box->handle);
  if (status != LTN_OK) {
    throw_status(info.Env(), status);
    return info.Env().Undefined();
  }
  return wrap(info.Env(), std::move(box));
}

Napi::Value describe(const Napi::CallbackInfo &info) {
  std::string json = info[1].As<Napi::String>().Utf8Value();
  return status_value(info.Env(),
                      ltn_byte_writer_describe(unwrap<WriterBox>(info[0])->handle, json.data(), json.size()));
}

Napi::Value append(const Napi::CallbackInfo &info) {
  auto *record = scratch<ltn_record_t>(info[1]);
  auto payload = info[2].As<Napi::Uint8Array>();
  record->payload_bytes = static_cast<uint32_t>(payload.ByteLength());
  return status_value(info.Env(), ltn_byte_writer_append(unwrap<WriterBox>(info[0])->handle, record, payload.Data()));
}

Napi::Value grow(const Napi::CallbackInfo &info) {
  return status_value(info.Env(),
                      ltn_byte_writer_grow(unwrap<WriterBox>(info[0])->handle,
                                           static_cast<uint64_t>(info[1].As<Napi::Number>().DoubleValue())));
}

Napi::Value close(const Napi::CallbackInfo &info) {
  auto &box = unwrap<WriterBox>(info[0]);
  ltn_byte_writer_close(box->handle);
  box->handle = nullptr;
  return info.Env().Undefined();
}

}  // namespace

void register_byte_writer(Napi::Env env, Napi::Object exports) {
  exports.Set("byteWriterOpen", Napi::Function::New<open>(env));
  exports.Set("byteWriterDescribe", Napi::Function::New<describe>(env));
  exports.Set("byteWriterAppend", Napi::Function::New<append>(env));
  exports.Set("byteWriterGrow", Napi::Function::New<grow>(env));
  exports.Set("byteWriterClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
