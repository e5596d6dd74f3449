#include <vector>

#include "convert.hpp"
#include "registration.hpp"
#include "wait_thread.hpp"

namespace lanthorn::binding {
namespace {

struct Reader {
  ltn_byte_reader_h *handle = nullptr;
  ~Reader() { ltn_byte_reader_close(handle); }
};

struct ReaderBox {
  std::shared_ptr<Reader> reader = std::make_shared<Reader>();
  std::unique_ptr<WaitThread> waiter;  // declared last: its thread ends before the reader may go
};

/** What next() writes into the scratch. */
struct NextScratch {
  ltn_record_t record;
  uint64_t dropped;
};
static_assert(sizeof(NextScratch) == 80);

Napi::Value open(const Napi::CallbackInfo &info) {
  auto box = std::make_shared<ReaderBox>();
  ltn_status_e status = ltn_byte_reader_open(info[0].As<Napi::String>().Utf8Value().c_str(), &box->reader->handle);
  if (status != LTN_OK) {
    throw_status(info.Env(), status);
    return info.Env().Undefined();
  }
  return wrap(info.Env(), std::move(box));
}

/** → [version, JSON text], or a status. */
Napi::Value description(const Napi::CallbackInfo &info) {
  std::vector<char> text(LTN_DESCRIPTION_MAX_BYTES);
  size_t bytes = 0;
  uint32_t version = 0;
  ltn_status_e status = ltn_byte_reader_description(unwrap<ReaderBox>(info[0])->reader->handle, text.data(),
                                                    text.size(), &bytes, &version);
  if (status != LTN_OK) {
    return status_value(info.Env(), status);
  }
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0u, Napi::Number::New(info.Env(), version));
  pair.Set(1u, Napi::String::New(info.Env(), text.data(), bytes));
  return pair;
}

Napi::Value seek(const Napi::CallbackInfo &info) {
  return status_value(info.Env(), ltn_byte_reader_seek(unwrap<ReaderBox>(info[0])->reader->handle,
                                                       info[1].As<Napi::Number>().Int32Value(), to_u64(info[2])));
}

/** → Buffer with a copy of the payload, or a status. A first look with no room tells the size: one copy, no waste. */
Napi::Value next(const Napi::CallbackInfo &info) {
  ltn_byte_reader_h *handle = unwrap<ReaderBox>(info[0])->reader->handle;
  auto *out = scratch<NextScratch>(info[1]);
  uint8_t nothing = 0;
  ltn_status_e status = ltn_byte_reader_next(handle, &out->record, &nothing, 0, &out->dropped);
  if (status == LTN_OK) {
    return Napi::Buffer<uint8_t>::New(info.Env(), 0);
  }
  if (status != LTN_E_BUFFER_TOO_SMALL) {
    return status_value(info.Env(), status);
  }
  auto payload = Napi::Buffer<uint8_t>::New(info.Env(), out->record.payload_bytes);
  status = ltn_byte_reader_next(handle, &out->record, payload.Data(), payload.Length(), &out->dropped);
  return status == LTN_OK ? Napi::Value(payload) : status_value(info.Env(), status);
}

/** → status at once, or a promise of one. */
Napi::Value wait(const Napi::CallbackInfo &info) {
  auto &box = unwrap<ReaderBox>(info[0]);
  ltn_status_e now = ltn_byte_reader_wait(box->reader->handle, 0);
  int32_t timeout_ms = info[1].As<Napi::Number>().Int32Value();
  if (now != LTN_E_TIMEOUT || timeout_ms == 0) {
    return status_value(info.Env(), now);
  }
  if (!box->waiter) {
    box->waiter =
        std::make_unique<WaitThread>(info.Env(), [reader = box->reader] { ltn_byte_reader_interrupt(reader->handle); });
  }
  return box->waiter->start(
      info.Env(), [reader = box->reader](int32_t ms) { return ltn_byte_reader_wait(reader->handle, ms); }, timeout_ms);
}

Napi::Value cancel(const Napi::CallbackInfo &info) {
  if (auto &box = unwrap<ReaderBox>(info[0]); box->waiter) {
    box->waiter->cancel();
  }
  return info.Env().Undefined();
}

Napi::Value close(const Napi::CallbackInfo &info) {
  auto &box = unwrap<ReaderBox>(info[0]);
  if (box->waiter) {
    box->waiter->stop(info.Env());
    box->waiter.reset();
  }
  box->reader.reset();
  return info.Env().Undefined();
}

Napi::Value incarnation(const Napi::CallbackInfo &info) {
  return Napi::BigInt::New(info.Env(), ltn_byte_reader_incarnation(unwrap<ReaderBox>(info[0])->reader->handle));
}

}  // namespace

void register_byte_reader(Napi::Env env, Napi::Object exports) {
  exports.Set("byteReaderOpen", Napi::Function::New<open>(env));
  exports.Set("byteReaderIncarnation", Napi::Function::New<incarnation>(env));
  exports.Set("byteReaderDescription", Napi::Function::New<description>(env));
  exports.Set("byteReaderSeek", Napi::Function::New<seek>(env));
  exports.Set("byteReaderNext", Napi::Function::New<next>(env));
  exports.Set("byteReaderWait", Napi::Function::New<wait>(env));
  exports.Set("byteReaderCancel", Napi::Function::New<cancel>(env));
  exports.Set("byteReaderClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
