#include <vector>

#include "convert.hpp"
#include "registration.hpp"
#include "wait_thread.hpp"

namespace lanthorn::binding {
namespace {

/** The C handle; shared by JS and by a wait in progress. */
struct Reader {
  ltn_slot_reader_h *handle = nullptr;
  ~Reader() { ltn_slot_reader_close(handle); }
};

struct ReaderBox {
  std::shared_ptr<Reader> reader = std::make_shared<Reader>();
  std::unique_ptr<WaitThread> waiter;  // declared last: its thread ends before the reader may go
};

struct LeaseBox {
  std::shared_ptr<Reader> mapping;  // stays while a view exists anywhere, even one moved to another thread
  ltn_lease_h *lease = nullptr;
  ~LeaseBox() { ltn_lease_release(lease); }
};

using Open = ltn_status_e (*)(const char *, ltn_slot_reader_h **);

template <Open OpenAs>
Napi::Value open(const Napi::CallbackInfo &info) {
  auto box = std::make_shared<ReaderBox>();
  ltn_status_e status = OpenAs(info[0].As<Napi::String>().Utf8Value().c_str(), &box->reader->handle);
  if (status != LTN_OK) {
    throw_status(info.Env(), status);
    return info.Env().Undefined();
  }
  return wrap(info.Env(), std::move(box));
}

/** → JSON text, or a status. */
Napi::Value description(const Napi::CallbackInfo &info) {
  std::vector<char> text(LTN_DESCRIPTION_MAX_BYTES);
  size_t bytes = 0;
  ltn_status_e status =
      ltn_slot_reader_description(unwrap<ReaderBox>(info[0])->reader->handle, text.data(), text.size(), &bytes);
  if (status != LTN_OK) {
    return status_value(info.Env(), status);
  }
  return Napi::String::New(info.Env(), text.data(), bytes);
}

/** → [lease, ArrayBuffer], or a status; the frame's description goes into the scratch. */
Napi::Value lease_newest(const Napi::CallbackInfo &info) {
  Napi::Env env = info.Env();
  auto *frame = scratch<ltn_frame_t>(info[2]);
  const uint8_t *bytes = nullptr;
  auto box = std::make_shared<LeaseBox>();
  box->mapping = unwrap<ReaderBox>(info[0])->reader;
  ltn_status_e status = ltn_slot_reader_lease_newest(box->mapping->handle, to_u64(info[1]), frame, &bytes, &box->lease);
  if (status != LTN_OK) {
    return status_value(env, status);
  }
  // Whoever is collected last, view or lease, gives the slot back; release() does both at once.
  auto *keeper = new std::shared_ptr<LeaseBox>(box);
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
      env, const_cast<uint8_t *>(bytes), frame->bytes,
      [](Napi::Env, void *, std::shared_ptr<LeaseBox> *keeper) { delete keeper; }, keeper);
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0u, wrap(env, std::move(box)));
  pair.Set(1u, buffer);
  return pair;
}

Napi::Value lease_release(const Napi::CallbackInfo &info) {
  auto &box = unwrap<LeaseBox>(info[0]);
  auto buffer = info[1].As<Napi::ArrayBuffer>();
  const bool is_ours = !buffer.IsDetached();  // else another thread has the view, and the mapping must stay for it
  ltn_lease_release(box->lease);
  box->lease = nullptr;
  if (is_ours) {
    buffer.Detach();       // a view used by mistake afterwards is empty, not a window on foreign frames
    box->mapping.reset();  // a closed reader's seat is free now, not when this is collected
  }
  return info.Env().Undefined();
}

Napi::Value copy_newest(const Napi::CallbackInfo &info) {
  auto into = info[3].As<Napi::Uint8Array>();
  return status_value(info.Env(),
                      ltn_slot_reader_copy_newest(unwrap<ReaderBox>(info[0])->reader->handle, to_u64(info[1]),
                                                  scratch<ltn_frame_t>(info[2]), into.Data(), into.ByteLength()));
}

/** → status; the frame's description goes into the scratch, its bytes are not touched. */
Napi::Value describe_newest(const Napi::CallbackInfo &info) {
  const uint8_t *bytes = nullptr;
  ltn_sight_t sight = {};
  return status_value(info.Env(),
                      ltn_slot_reader_peek_newest(unwrap<ReaderBox>(info[0])->reader->handle, to_u64(info[1]),
                                                  scratch<ltn_frame_t>(info[2]), &bytes, &sight));
}

/** → status at once, or a promise of one. */
Napi::Value wait(const Napi::CallbackInfo &info) {
  auto &box = unwrap<ReaderBox>(info[0]);
  uint64_t after = to_u64(info[1]);
  ltn_status_e now = ltn_slot_reader_wait(box->reader->handle, after, 0);
  int32_t timeout_ms = info[2].As<Napi::Number>().Int32Value();
  if (now != LTN_E_TIMEOUT || timeout_ms == 0) {
    return status_value(info.Env(), now);
  }
  if (!box->waiter) {
    box->waiter =
        std::make_unique<WaitThread>(info.Env(), [reader = box->reader] { ltn_slot_reader_interrupt(reader->handle); });
  }
  return box->waiter->start(
      info.Env(), [reader = box->reader, after](int32_t ms) { return ltn_slot_reader_wait(reader->handle, after, ms); },
      timeout_ms);
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
  return Napi::BigInt::New(info.Env(), ltn_slot_reader_incarnation(unwrap<ReaderBox>(info[0])->reader->handle));
}

}  // namespace

void register_slot_reader(Napi::Env env, Napi::Object exports) {
  exports.Set("slotReaderOpen", Napi::Function::New<open<ltn_slot_reader_open>>(env));
  exports.Set("slotObserverOpen", Napi::Function::New<open<ltn_slot_observer_open>>(env));
  exports.Set("slotReaderIncarnation", Napi::Function::New<incarnation>(env));
  exports.Set("slotReaderDescription", Napi::Function::New<description>(env));
  exports.Set("slotReaderLease", Napi::Function::New<lease_newest>(env));
  exports.Set("leaseRelease", Napi::Function::New<lease_release>(env));
  exports.Set("slotReaderCopy", Napi::Function::New<copy_newest>(env));
  exports.Set("slotReaderDescribeNewest", Napi::Function::New<describe_newest>(env));
  exports.Set("slotReaderWait", Napi::Function::New<wait>(env));
  exports.Set("slotReaderCancel", Napi::Function::New<cancel>(env));
  exports.Set("slotReaderClose", Napi::Function::New<close>(env));
}

}  // namespace lanthorn::binding
