/** The C ABI: each function is one forward to the core; no exception crosses (an allocation that fails is NO_SPACE). */
#include <new>
#include <utility>

#include "byte_reader.hpp"
#include "byte_writer.hpp"
#include "inspect.hpp"
#include "remove_dead.hpp"
#include "seats.hpp"
#include "slot_reader.hpp"
#include "slot_writer.hpp"
#include "status.hpp"

using namespace lanthorn;

struct ltn_slot_writer {
  std::unique_ptr<SlotWriter> core;
};
struct ltn_slot_reader {
  std::shared_ptr<SlotReader> core;
};
struct ltn_lease {
  SlotReader::Lease core;
};
struct ltn_byte_writer {
  std::unique_ptr<ByteWriter> core;
};
struct ltn_byte_reader {
  std::unique_ptr<ByteReader> core;
};

namespace {

template <class Work>
ltn_status_e guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc &) {
    return fail(LTN_E_NO_SPACE, "Out of memory");
  } catch (...) {
    return fail(LTN_E_SYSTEM, "An unexpected exception reached the C line");
  }
}

/** Opens a core object and hands it out in its handle. */
template <class Handle, class Open>
ltn_status_e opened(Handle **out, Open open) noexcept {
  return guarded([&] {
    auto handle = std::make_unique<Handle>();
    ltn_status_e status = open(&handle->core);
    *out = status == LTN_OK ? handle.release() : nullptr;
    return status;
  });
}

SlotReader::Sight sight_of(const ltn_sight_t *sight) { return {sight->slot, sight->stamp}; }

}  // namespace

extern "C" {

const char *ltn_last_error(void) { return last_error(); }

ltn_status_e ltn_slot_writer_open(const char *name, uint32_t slots, uint64_t slot_bytes, ltn_slot_writer_h **out) {
  return opened(out, [&](auto *core) { return SlotWriter::open(name, slots, slot_bytes, core); });
}
ltn_status_e ltn_slot_writer_describe(ltn_slot_writer_h *w, const char *json, size_t json_bytes) {
  return guarded([&] { return w->core->describe(json, json_bytes); });
}
ltn_status_e ltn_slot_writer_reserve(ltn_slot_writer_h *w, uint32_t *slot_index, uint8_t **bytes) {
  return guarded([&] { return w->core->reserve(slot_index, bytes); });
}
ltn_status_e ltn_slot_writer_publish(ltn_slot_writer_h *w, uint32_t slot_index, ltn_frame_t *frame, int keep) {
  return guarded([&] { return w->core->publish(slot_index, frame, keep != 0); });
}
ltn_status_e ltn_slot_writer_release(ltn_slot_writer_h *w, uint32_t slot_index) {
  return guarded([&] { return w->core->release(slot_index); });
}
uint64_t ltn_slot_writer_slot_bytes(const ltn_slot_writer_h *w) { return w->core->slot_bytes(); }
ltn_status_e ltn_slot_writer_readers(ltn_slot_writer_h *w, uint32_t *readers) {
  return guarded([&] { return *readers = w->core->readers(), LTN_OK; });
}
void ltn_slot_writer_close(ltn_slot_writer_h *w) { delete w; }

ltn_status_e ltn_slot_reader_open(const char *name, ltn_slot_reader_h **out) {
  return opened(out, [&](auto *core) { return SlotReader::open(name, core); });
}
ltn_status_e ltn_slot_observer_open(const char *name, ltn_slot_reader_h **out) {
  return opened(out, [&](auto *core) { return SlotReader::observe(name, core); });
}
uint64_t ltn_slot_reader_incarnation(const ltn_slot_reader_h *r) { return r->core->incarnation(); }
ltn_status_e ltn_slot_reader_description(ltn_slot_reader_h *r, char *buf, size_t capacity_bytes, size_t *json_bytes) {
  return guarded([&] { return r->core->description(buf, capacity_bytes, json_bytes, nullptr); });
}
ltn_status_e ltn_slot_reader_lease_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                          const uint8_t **bytes, ltn_lease_h **lease) {
  return opened(lease, [&](auto *core) { return r->core->lease_newest(after_sequence, frame, bytes, core); });
}
int ltn_lease_is_whole(const ltn_lease_h *lease) { return lease->core.reader->is_whole(lease->core.sight) ? 1 : 0; }
void ltn_lease_release(ltn_lease_h *lease) { delete lease; }
ltn_status_e ltn_slot_reader_copy_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                         uint8_t *buf, size_t capacity_bytes) {
  return guarded([&] { return r->core->copy_newest(after_sequence, frame, buf, capacity_bytes); });
}
ltn_status_e ltn_slot_reader_peek_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                         const uint8_t **bytes, ltn_sight_t *sight) {
  return guarded([&] {
    SlotReader::Sight seen;
    ltn_status_e status = r->core->peek_newest(after_sequence, frame, bytes, &seen);
    return *sight = {seen.stamp, seen.slot, 0}, status;
  });
}
int ltn_slot_reader_is_whole(const ltn_slot_reader_h *r, const ltn_sight_t *sight) {
  return r->core->is_whole(sight_of(sight)) ? 1 : 0;
}
ltn_status_e ltn_slot_reader_wait(ltn_slot_reader_h *r, uint64_t after_sequence, int32_t timeout_ms) {
  return guarded([&] { return r->core->wait(after_sequence, timeout_ms); });
}
void ltn_slot_reader_interrupt(ltn_slot_reader_h *r) { r->core->interrupt(); }
void ltn_slot_reader_close(ltn_slot_reader_h *r) { delete r; }

ltn_status_e ltn_byte_writer_open(const char *name, uint64_t capacity_bytes, ltn_byte_writer_h **out) {
  return opened(out, [&](auto *core) { return ByteWriter::open(name, capacity_bytes, core); });
}
ltn_status_e ltn_byte_writer_describe(ltn_byte_writer_h *w, const char *json, size_t json_bytes) {
  return guarded([&] { return w->core->describe(json, json_bytes); });
}
ltn_status_e ltn_byte_writer_append(ltn_byte_writer_h *w, ltn_record_t *record, const uint8_t *payload) {
  return guarded([&] { return w->core->append(record, payload); });
}
ltn_status_e ltn_byte_writer_grow(ltn_byte_writer_h *w, uint64_t capacity_bytes) {
  return guarded([&] { return w->core->grow(capacity_bytes); });
}
void ltn_byte_writer_extent(ltn_byte_writer_h *w, ltn_extent_t *out) { w->core->extent(out); }
void ltn_byte_writer_close(ltn_byte_writer_h *w) { delete w; }

ltn_status_e ltn_byte_reader_open(const char *name, ltn_byte_reader_h **out) {
  return opened(out, [&](auto *core) { return ByteReader::open(name, core); });
}
uint64_t ltn_byte_reader_incarnation(const ltn_byte_reader_h *r) { return r->core->incarnation(); }
ltn_status_e ltn_byte_reader_description(ltn_byte_reader_h *r, char *buf, size_t capacity_bytes, size_t *json_bytes,
                                         uint32_t *version) {
  return guarded([&] { return r->core->description(buf, capacity_bytes, json_bytes, version); });
}
ltn_status_e ltn_byte_reader_seek(ltn_byte_reader_h *r, int whence, uint64_t sequence) {
  return guarded([&] { return r->core->seek(whence, sequence); });
}
ltn_status_e ltn_byte_reader_next(ltn_byte_reader_h *r, ltn_record_t *record, uint8_t *buf, size_t capacity_bytes,
                                  uint64_t *dropped) {
  return guarded([&] { return r->core->next(record, buf, capacity_bytes, dropped); });
}
ltn_status_e ltn_byte_reader_wait(ltn_byte_reader_h *r, int32_t timeout_ms) {
  return guarded([&] { return r->core->wait(timeout_ms); });
}
void ltn_byte_reader_interrupt(ltn_byte_reader_h *r) { r->core->interrupt(); }
void ltn_byte_reader_close(ltn_byte_reader_h *r) { delete r; }

ltn_status_e ltn_ring_inspect(const char *name, ltn_ring_info_t *out) {
  return guarded([&] { return inspect_ring(name, out); });
}
ltn_status_e ltn_ring_readers(const char *name, ltn_ring_reader_t *out, size_t capacity, size_t *count) {
  return guarded([&] { return list_seats(name, out, capacity, count); });
}
ltn_status_e ltn_ring_free_dead_seats(const char *name, uint32_t *freed) {
  return guarded([&] { return free_dead_seats(name, freed); });
}
ltn_status_e ltn_ring_remove_dead(const char *name, uint64_t *freed_bytes) {
  return guarded([&] { return remove_dead_ring(name, freed_bytes); });
}
const ltn_layout_field_t *ltn_layout_fields(size_t *count) { return layout_fields(count); }

}  // extern "C"
