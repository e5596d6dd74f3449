#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

struct WriterBox {
  ltn_slot_writer_h *handle = nullptr;
  uint8_t *slots[64] = {};  // known from reserve on; the same for the life of the ring
  ~WriterBox() { ltn_slot_writer_close(handle); }
};

Napi::Value open(const Napi::CallbackInfo &info) {
  auto box = std::make_shared<WriterBox>();
  ltn_status_e status =
      ltn_slot_writer_open(info[0].As<Napi::String>().Utf8Value().c_str(), info[1].As<Napi::Number>().Uint32Value(),
                           static_cast<uint64_t>(info[2].As<Napi::Number>().DoubleValue()), &box->handle);
  if (status != LTN_OK) {
    throw_status(info.Env(), status);
    return info.Env().Undefined();
  }
  return wrap(info.Env(), std::move(box));
}

Napi::Value describe(const Napi::CallbackInfo &info) {
  std::string json = info[1].As<Napi::String>().Utf8Value();
  return status_value(info.Env(),
                      ltn_slot_writer_describe(unwrap<WriterBox>(info[0])->handle, json.data(), json.size()));
}

/** → index of the slot, or -status. */
Napi::Value reserve(const Napi::CallbackInfo &info) {
  auto &box = unwrap<WriterBox>(info[0]);
  uint32_t slot = 0;
  uint8_t *bytes = nullptr;
  ltn_status_e status = ltn_slot_writer_reserve(box->handle, &slot, &bytes);
  if (status != LTN_OK) {
    return Napi::Number::New(info.Env(), -static_cast<int>(status));
  }
  box->slots[slot] = bytes;
  return Napi::Number::New(info.Env(), slot);
}

/** The memory of a slot that was reserved before. The mapping stays as long as this ArrayBuffer is attached. */
Napi::Value slot_buffer(const Napi::CallbackInfo &info) {
  auto &box = unwrap<WriterBox>(info[0]);
  uint8_t *bytes = box->slots[info[1].As<Napi::Number>().Uint32Value() % 64];
  auto *keeper = new std::shared_ptr<WriterBox>(box);
  return Napi::ArrayBuffer::New(
      info.Env(), bytes, ltn_slot_writer_slot_bytes(box->handle),
      [](Napi::Env, void *, std::shared_ptr<WriterBox> *keeper) { delete keeper; }, keeper);
}

Napi::Value publish(const Napi::CallbackInfo &info) {
  return status_value(
      info.Env(), ltn_slot_writer_publish(unwrap<WriterBox>(info[0])->handle, info[1].As<Napi::Number>().Uint32Value(),
                                          scratch<ltn_frame_t>(info[2]), info[3].As<Napi::Boolean>().Value() ? 1 : 0));
}

Napi::Value release(const Napi::CallbackInfo &info) {
  return status_value(info.Env(), ltn_slot_writer_release(unwrap<WriterBox>(info[0])->handle,
                                                          info[1].As<Napi::Number>().Uint32Value()));
}

Napi::Value readers(const Napi::CallbackInfo &info) {
  uint32_t count = 0;
  ltn_slot_writer_readers(unwrap<WriterBox>(info[0])->handle, &count);
  return Napi::Number::New(info.Env(), count);
}

Napi::Value close(const Napi::CallbackInfo &info) {
  auto &box = unwrap<WriterBox>(info[0]);
  ltn_slot_writer_close(box->handle);
  box->handle = nullptr;
  return info.Env().Undefined();
}

}  // namespace

void register_slot_writer(Napi::Env env, Napi::Object exports) {
  exports.Set("slotWriterOpen", Napi::Function::New<open>(env));
  exports.Set("slotWriterDescribe", Napi::Function::New<describe>(env));
  exports.Set("slotWriterReserve", Napi::Function::New<reserve>(env));
  exports.Set("slotWriterBuffer", Napi::Function::New<slot_buffer>(env));
  exports.Set("slotWriterPublish", Napi::Function::New<publish>(env));
  exports.Set("slotWriterRelease", Napi::Function::New<release>(env));
  exports.Set("slotWriterReaders", Napi::Function::New<readers>(env));
  exports.Set("slotWriterClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
