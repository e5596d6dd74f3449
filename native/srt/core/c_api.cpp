#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "byte_counter.hpp"
#include "caller.hpp"
#include "lanthorn/srt.h"
#include "listener.hpp"
#include "sender.hpp"

namespace srt = lanthorn::srt;

struct ltn_srt_listener {
  std::shared_ptr<srt::Listener> listener;
};

struct ltn_srt_caller {
  std::unique_ptr<srt::Caller> caller;
};

struct ltn_srt_sender {
  std::unique_ptr<srt::Sender> sender;
};

namespace {

/** Runs what may throw (allocation only) and keeps the exception on this side of the C line. */
template <typename Work>
ltn_srt_status_e guarded(Work work) {
  try {
    return srt::remember(work());
  } catch (const std::exception &error) {
    return srt::remember({LTN_SRT_E_SYSTEM, error.what()});
  }
}

std::string text_of(const char *text) { return text == nullptr ? std::string() : std::string(text); }

srt::AccessEntry entry_of(const ltn_srt_access_t &access) {
  return {.camera_id = text_of(access.camera_id),
          .stream_ids = {access.stream_ids, access.stream_ids + access.stream_id_count},
          .passphrase = text_of(access.passphrase),
          .next_passphrase = text_of(access.next_passphrase),
          .enabled = access.enabled != 0,
          .call_port = access.call_port};
}

}  // namespace

const char *ltn_srt_last_error(void) { return srt::last_error(); }

uint64_t ltn_srt_turns(void) { return srt::Engine::turns(); }

uint64_t ltn_srt_library_warnings(void) { return srt::library_warnings(); }

uint64_t ltn_srt_floods(void) { return srt::FloodGate::total_shut_count(); }

ltn_srt_status_e ltn_srt_listener_open(const ltn_srt_listen_t *options, ltn_srt_listener_h **out) {
  return guarded([&] {
    auto listener = std::make_shared<srt::Listener>(srt::ListenOptions{.host = text_of(options->host),
                                                                       .port = options->port,
                                                                       .latency_ms = options->latency_ms,
                                                                       .takeover_after_ms = options->takeover_after_ms,
                                                                       .camera_id = text_of(options->camera_id)});
    srt::Status status = listener->open();
    if (status.ok()) {
      *out = new ltn_srt_listener{std::move(listener)};
    }
    return status;
  });
}

uint16_t ltn_srt_listener_port(const ltn_srt_listener_h *listener) { return listener->listener->port(); }

void ltn_srt_listener_udp(const ltn_srt_listener_h *listener, ltn_srt_udp_t *out) { *out = listener->listener->udp(); }

ltn_srt_status_e ltn_srt_listener_set_access(ltn_srt_listener_h *listener, const ltn_srt_access_t *entries,
                                             size_t count) {
  return guarded([&] {
    std::vector<srt::AccessEntry> table;
    for (size_t i = 0; i < count; ++i) {
      table.push_back(entry_of(entries[i]));
    }
    return listener->listener->set_access(std::move(table));
  });
}

ltn_srt_status_e ltn_srt_listener_attach(ltn_srt_listener_h *listener, const char *camera_id, ltn_byte_sink_t *sink) {
  return guarded([&] {
    listener->listener->attach(camera_id, sink);
    return srt::Status{};
  });
}

void ltn_srt_listener_detach(ltn_srt_listener_h *listener, const char *camera_id) {
  guarded([&] {
    listener->listener->attach(camera_id, nullptr);
    return srt::Status{};
  });
}

void ltn_srt_listener_drop(ltn_srt_listener_h *listener, const char *camera_id) {
  guarded([&] {
    listener->listener->drop(camera_id, "dropped by the box");
    return srt::Status{};
  });
}

size_t ltn_srt_listener_poll(ltn_srt_listener_h *listener, ltn_srt_event_t *events, size_t capacity) {
  return listener->listener->events().take(events, capacity);
}

uint64_t ltn_srt_listener_lost_events(const ltn_srt_listener_h *listener) {
  return listener->listener->events().lost();
}

ltn_srt_status_e ltn_srt_listener_statistics(ltn_srt_listener_h *listener, const char *camera_id,
                                             ltn_srt_statistics_t *out) {
  return guarded([&] { return listener->listener->statistics(camera_id, *out); });
}

void ltn_srt_listener_close(ltn_srt_listener_h *listener) {
  if (listener != nullptr) {
    listener->listener->close();
    delete listener;
  }
}

ltn_srt_status_e ltn_srt_caller_open(const ltn_srt_call_t *options, ltn_srt_caller_h **out) {
  return guarded([&] {
    auto caller = std::make_unique<srt::Caller>(srt::CallOptions{.host = text_of(options->host),
                                                                 .port = options->port,
                                                                 .stream_id = text_of(options->stream_id),
                                                                 .passphrase = text_of(options->passphrase),
                                                                 .latency_ms = options->latency_ms,
                                                                 .connect_timeout_ms = options->connect_timeout_ms});
    srt::Status status = caller->open(options->sink);
    if (status.ok()) {
      *out = new ltn_srt_caller{std::move(caller)};
    }
    return status;
  });
}

size_t ltn_srt_caller_poll(ltn_srt_caller_h *caller, ltn_srt_event_t *events, size_t capacity) {
  return caller->caller->events().take(events, capacity);
}

ltn_srt_status_e ltn_srt_caller_statistics(ltn_srt_caller_h *caller, ltn_srt_statistics_t *out) {
  return guarded([&] { return caller->caller->statistics(*out); });
}

void ltn_srt_caller_close(ltn_srt_caller_h *caller) {
  if (caller != nullptr) {
    caller->caller->close();
    delete caller;
  }
}

ltn_srt_status_e ltn_srt_sender_open(const ltn_srt_send_t *options, ltn_srt_sender_h **out) {
  return guarded([&] {
    auto sender = std::make_unique<srt::Sender>(srt::SendOptions{.host = text_of(options->host),
                                                                 .port = options->port,
                                                                 .stream_id = text_of(options->stream_id),
                                                                 .passphrase = text_of(options->passphrase),
                                                                 .latency_ms = options->latency_ms,
                                                                 .connect_timeout_ms = options->connect_timeout_ms});
    srt::Status status = sender->open();
    if (status.ok()) {
      *out = new ltn_srt_sender{std::move(sender)};
    }
    return status;
  });
}

void ltn_srt_sender_state(ltn_srt_sender_h *sender, ltn_srt_sender_state_t *out) { sender->sender->state(*out); }

size_t ltn_srt_sender_send(ltn_srt_sender_h *sender, const uint8_t *bytes, size_t count) {
  return sender->sender->send(bytes, count);
}

ltn_srt_status_e ltn_srt_sender_statistics(const ltn_srt_sender_h *sender, ltn_srt_sender_statistics_t *out) {
  return guarded([&] { return sender->sender->statistics(*out); });
}

void ltn_srt_sender_close(ltn_srt_sender_h *sender) { delete sender; }

ltn_srt_byte_counter_h *ltn_srt_byte_counter_open(void) {
  return reinterpret_cast<ltn_srt_byte_counter_h *>(new (std::nothrow) srt::ByteCounter());
}

ltn_byte_sink_t *ltn_srt_byte_counter_sink(ltn_srt_byte_counter_h *counter) {
  return reinterpret_cast<srt::ByteCounter *>(counter)->sink();
}

void ltn_srt_byte_counter_read(const ltn_srt_byte_counter_h *counter, ltn_srt_byte_count_t *out) {
  reinterpret_cast<const srt::ByteCounter *>(counter)->read(*out);
}

void ltn_srt_byte_counter_close(ltn_srt_byte_counter_h *counter) {
  if (counter != nullptr) {
    ltn_byte_sink_t *sink = ltn_srt_byte_counter_sink(counter);
    sink->release(sink->context);
  }
}
