#include "convert.hpp"
#include "registration.hpp"

namespace lanthorn::binding {
namespace {

/** Words for the status returned last; asked by the wrapper only when it is going to throw. */
Napi::Value last_error(const Napi::CallbackInfo &info) { return Napi::String::New(info.Env(), ltn_last_error()); }

/** → facts, or a status. */
Napi::Value inspect(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  ltn_ring_info_t facts = {};
  ltn_status_e status = ltn_ring_inspect(info[0].As<Napi::String>().Utf8Value().c_str(), &facts);
  if (status != LTN_OK) {
    return status_value(env, status);
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("kind", Napi::Number::New(env, facts.kind));
  out.Set("writerPid", Napi::Number::New(env, facts.writer_pid));
  out.Set("alive", Napi::Boolean::New(env, facts.alive != 0));
  out.Set("slots", Napi::Number::New(env, facts.slots));
  out.Set("slotBytes", Napi::Number::New(env, static_cast<double>(facts.slot_bytes)));
  out.Set("capacityBytes", Napi::Number::New(env, static_cast<double>(facts.capacity_bytes)));
  out.Set("totalBytes", Napi::Number::New(env, static_cast<double>(facts.total_bytes)));
  out.Set("lastSequence", Napi::BigInt::New(env, facts.last_sequence));
  out.Set("incarnation", Napi::BigInt::New(env, facts.incarnation));
  out.Set("createdWallUs", Napi::Number::New(env, static_cast<double>(facts.created_wall_us)));
  return out;
}

Napi::Value layout(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  size_t count = 0;
  const ltn_layout_field_t *fields = ltn_layout_fields(&count);
  Napi::Array out = Napi::Array::New(env, count);
  for (size_t i = 0; i < count; i++) {
    Napi::Object field = Napi::Object::New(env);
    field.Set("object", fields[i].object);
    field.Set("field", fields[i].field);
    field.Set("offsetBytes", Napi::Number::New(env, static_cast<double>(fields[i].offset_bytes)));
    field.Set("sizeBytes", Napi::Number::New(env, static_cast<double>(fields[i].size_bytes)));
    out.Set(static_cast<uint32_t>(i), field);
  }
  return out;
}

Napi::Value detach(const Napi::CallbackInfo &info) {
  info[0].As<Napi::ArrayBuffer>().Detach();
  return info.Env().Undefined();
}

}  // namespace

void register_tools(Napi::Env env, Napi::Object exports) {
  exports.Set("lastError", Napi::Function::New<last_error>(env));
  exports.Set("inspect", Napi::Function::New<inspect>(env));
  exports.Set("layout", Napi::Function::New<layout>(env));
  exports.Set("detach", Napi::Function::New<detach>(env));
}

}  // namespace lanthorn::binding
