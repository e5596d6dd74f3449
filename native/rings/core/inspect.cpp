#include "inspect.hpp"

#include <cstring>

#include "layout.hpp"
#include "owner_lock.hpp"
#include "shm_object.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

#define FIELD(object, field) \
  { #object, #field, offsetof(layout::object, field), sizeof(layout::object::field) }
#define C_FIELD(object, field) \
  { #object, #field, offsetof(object, field), sizeof(object::field) }

const ltn_layout_field_t kFields[] = {
    FIELD(RingHeader, magic),
    FIELD(RingHeader, version),
    FIELD(RingHeader, kind),
    FIELD(RingHeader, total_bytes),
    FIELD(RingHeader, incarnation),
    FIELD(RingHeader, created_wall_us),
    FIELD(RingHeader, writer_start_ticks),
    FIELD(RingHeader, writer_pid),
    FIELD(RingHeader, slots),
    FIELD(RingHeader, slot_bytes),
    FIELD(RingHeader, table_offset_bytes),
    FIELD(RingHeader, data_offset_bytes),
    FIELD(RingHeader, capacity_bytes),
    FIELD(RingHeader, wake),
    FIELD(RingHeader, state),
    FIELD(RingHeader, newest),
    FIELD(RingHeader, busy),
    FIELD(RingHeader, head),
    FIELD(RingHeader, tail),
    FIELD(RingHeader, writing_sequence),
    FIELD(RingHeader, last_sequence),
    FIELD(RingHeader, newest_key),
    FIELD(RingHeader, description_stamp),
    FIELD(RingHeader, description_bytes),
    FIELD(SlotEntry, stamp),
    FIELD(SlotEntry, frame),
    C_FIELD(ltn_frame_t, sequence),
    C_FIELD(ltn_frame_t, capture_mono_ns),
    C_FIELD(ltn_frame_t, capture_wall_us),
    C_FIELD(ltn_frame_t, arrival_mono_ns),
    C_FIELD(ltn_frame_t, publish_mono_ns),
    C_FIELD(ltn_frame_t, pts_90k),
    C_FIELD(ltn_frame_t, source_sequence),
    C_FIELD(ltn_frame_t, width_px),
    C_FIELD(ltn_frame_t, height_px),
    C_FIELD(ltn_frame_t, flags),
    C_FIELD(ltn_frame_t, planes),
    C_FIELD(ltn_frame_t, plane_offset_bytes),
    C_FIELD(ltn_frame_t, plane_stride_bytes),
    C_FIELD(ltn_frame_t, bytes),
    C_FIELD(ltn_frame_t, pixel_format),
    C_FIELD(ltn_frame_t, color_space),
    C_FIELD(ltn_frame_t, color_range),
    FIELD(RecordHead, position),
    FIELD(RecordHead, total_bytes),
    FIELD(RecordHead, kind),
    FIELD(RecordHead, record),
    C_FIELD(ltn_record_t, sequence),
    C_FIELD(ltn_record_t, capture_mono_ns),
    C_FIELD(ltn_record_t, capture_wall_us),
    C_FIELD(ltn_record_t, arrival_mono_ns),
    C_FIELD(ltn_record_t, pts_90k),
    C_FIELD(ltn_record_t, dts_90k),
    C_FIELD(ltn_record_t, duration_90k),
    C_FIELD(ltn_record_t, type),
    C_FIELD(ltn_record_t, flags),
    C_FIELD(ltn_record_t, stream_index),
    C_FIELD(ltn_record_t, description_version),
    C_FIELD(ltn_record_t, payload_bytes),
    FIELD(LeaseHeader, magic),
    FIELD(LeaseHeader, version),
    FIELD(LeaseHeader, readers),
    FIELD(LeaseHeader, incarnation),
    FIELD(ReaderEntry, leased_slots),
    FIELD(ReaderEntry, last_asked_mono_ns),
    FIELD(ReaderEntry, start_ticks),
    FIELD(ReaderEntry, pid),
    FIELD(ReaderEntry, program),
    FIELD(ReaderEntry, taken),
    FIELD(ReaderEntry, missed),
    // Sizes of whole objects: offset = size = the object's bytes.
    {"sizeof", "RingHeader", sizeof(layout::RingHeader), sizeof(layout::RingHeader)},
    {"sizeof", "SlotEntry", sizeof(layout::SlotEntry), sizeof(layout::SlotEntry)},
    {"sizeof", "ltn_frame_t", sizeof(ltn_frame_t), sizeof(ltn_frame_t)},
    {"sizeof", "RecordHead", sizeof(layout::RecordHead), sizeof(layout::RecordHead)},
    {"sizeof", "ltn_record_t", sizeof(ltn_record_t), sizeof(ltn_record_t)},
    {"sizeof", "LeaseHeader", sizeof(layout::LeaseHeader), sizeof(layout::LeaseHeader)},
    {"sizeof", "ReaderEntry", sizeof(layout::ReaderEntry), sizeof(layout::ReaderEntry)},
};

}  // namespace

ltn_status_e inspect_ring(const char *name, ltn_ring_info_t *out) {
  if (ltn_status_e status = check_ring_name(name); status != LTN_OK) {
    return status;
  }
  ShmObject object;
  if (ltn_status_e status = ShmObject::open(name, Access::read_only, &object); status != LTN_OK) {
    return status;
  }
  const auto *h = reinterpret_cast<const layout::RingHeader *>(object.bytes());
  if (object.size_bytes() < layout::kPageBytes || std::memcmp(h->magic, layout::kRingMagic, sizeof h->magic) != 0) {
    return fail(LTN_E_CORRUPT, "/dev/shm/%s is not a ring", name);
  }
  *out = {};
  out->kind = h->kind;
  out->version = h->version;
  out->writer_pid = h->writer_pid;
  out->slots = h->slots;
  out->total_bytes = object.size_bytes();
  out->incarnation = h->incarnation;
  out->created_wall_us = h->created_wall_us;
  out->slot_bytes = h->slot_bytes;
  out->capacity_bytes = h->capacity_bytes;
  // SYNC: pairs with the stores in SlotWriter::publish and ByteWriter::append; only counts are read.
  out->last_sequence = h->kind == layout::kKindSlots ? h->newest.load(std::memory_order_acquire) >> layout::kSlotBits
                                                     : h->last_sequence.load(std::memory_order_acquire);
  // SYNC: none, statistics.
  out->busy = h->busy.load(std::memory_order_relaxed);
  out->head_bytes = h->head.load(std::memory_order_relaxed);
  out->tail_bytes = h->tail.load(std::memory_order_relaxed);
  out->alive = h->state.load(std::memory_order_acquire) == layout::kStateLive && is_byte_locked(object.fd(), 0) ? 1 : 0;
  return LTN_OK;
}

const ltn_layout_field_t *layout_fields(size_t *count) {
  *count = sizeof kFields / sizeof kFields[0];
  return kFields;
}

}  // namespace lanthorn
