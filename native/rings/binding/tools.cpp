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
  out.Set("busy", Napi::BigInt::New(env, facts.busy));
  out.Set("headBytes", Napi::BigInt::New(env, facts.head_bytes));
  out.Set("tailBytes", Napi::BigInt::New(env, facts.tail_bytes));
  out.Set("createdWallUs", Napi::Number::New(env, static_cast<double>(facts.created_wall_us)));
  return out;
}

/** → array of seats, or a status. */
Napi::Value readers(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  ltn_ring_reader_t seats[LTN_MAX_READERS];
  size_t count = 0;
  ltn_status_e status =
      ltn_ring_readers(info[0].As<Napi::String>().Utf8Value().c_str(), seats, LTN_MAX_READERS, &count);
  if (status != LTN_OK) {
    return status_value(env, status);
  }
  Napi::Array out = Napi::Array::New(env, count);
  for (size_t i = 0; i < count; i++) {
    const ltn_ring_reader_t &seat = seats[i];
    Napi::Object reader = Napi::Object::New(env);
    reader.Set("seat", Napi::Number::New(env, seat.seat));
    reader.Set("alive", Napi::Boolean::New(env, seat.alive != 0));
    reader.Set("pid", Napi::Number::New(env, seat.pid));
    reader.Set("program", Napi::String::New(env, seat.program));
    reader.Set("leasedSlots", Napi::BigInt::New(env, seat.leased_slots));
    reader.Set("lastAskedMonoNs", Napi::BigInt::New(env, seat.last_asked_mono_ns));
    reader.Set("taken", Napi::BigInt::New(env, seat.taken));
    reader.Set("missed", Napi::BigInt::New(env, seat.missed));
    out.Set(static_cast<uint32_t>(i), reader);
  }
  return out;
}

/** → [seats freed], or a status. */
Napi::Value free_dead_seats(const Napi::CallbackInfo &info) {
  uint32_t freed = 0;
  ltn_status_e status = ltn_ring_free_dead_seats(info[0].As<Napi::String>().Utf8Value().c_str(), &freed);
  if (status != LTN_OK) {
    return status_value(info.Env(), status);
  }
  Napi::Array out = Napi::Array::New(info.Env(), 1);
  out.Set(0u, Napi::Number::New(info.Env(), freed));
  return out;
}

/** → [bytes freed], or a status. */
Napi::Value remove_dead(const Napi::CallbackInfo &info) {
  uint64_t bytes = 0;
  ltn_status_e status = ltn_ring_remove_dead(info[0].As<Napi::String>().Utf8Value().c_str(), &bytes);
  if (status != LTN_OK) {
    return status_value(info.Env(), status);
  }
  Napi::Array out = Napi::Array::New(info.Env(), 1);
  out.Set(0u, Napi::Number::New(info.Env(), static_cast<double>(bytes)));
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
  exports.Set("readers", Napi::Function::New<readers>(env));
  exports.Set("freeDeadSeats", Napi::Function::New<free_dead_seats>(env));
  exports.Set("removeDead", Napi::Function::New<remove_dead>(env));
  exports.Set("layout", Napi::Function::New<layout>(env));
  exports.Set("detach", Napi::Function::New<detach>(env));
}

}  // namespace lanthorn::binding
