#include "byte_reader.hpp"

#include <cinttypes>

#include "description.hpp"
#include "shared_copy.hpp"
#include "status.hpp"

namespace lanthorn {

using layout::RecordHead;

namespace {

/** Being lapped again while catching up takes a writer faster than memory; a hostile one must not hold us for ever. */
constexpr int kTries = 64;

}  // namespace

ltn_status_e ByteReader::open(const char *name, std::unique_ptr<ByteReader> *out) {
  auto reader = std::make_unique<ByteReader>();
  RingView view;
  if (ltn_status_e status = RingView::open(name, layout::kKindBytes, &view); status != LTN_OK) {
    return status;
  }
  reader->look_at(std::move(view));
  if (ltn_status_e status = reader->seek_oldest(); status != LTN_OK) {
    return status;
  }
  *out = std::move(reader);
  return LTN_OK;
}

ltn_status_e ByteReader::description(char *buffer, size_t capacity_bytes, size_t *json_bytes, uint32_t *version) {
  return read_description(view_->header(), buffer, capacity_bytes, json_bytes, version);
}

ltn_status_e ByteReader::corrupt(const char *what, uint64_t position) const {
  return fail(LTN_E_CORRUPT, "Ring %s: %s at position %" PRIu64, view_->name().c_str(), what, position);
}

ltn_status_e ByteReader::bounds(Bounds *out) const {
  // SYNC: pairs with the release stores of tail and head in ByteWriter. tail is loaded first, and acquired: tail <=
  // head then holds for every pair of loads, because head was there before tail moved up to it, and never moves back.
  out->tail = view_->header()->tail.load(std::memory_order_acquire);
  out->head = view_->header()->head.load(std::memory_order_acquire);
  if (out->tail > out->head || (out->tail | out->head) % layout::kRecordAlignBytes != 0) {
    return corrupt("head and tail contradict each other", out->head);
  }
  return LTN_OK;
}

bool ByteReader::is_overwritten(uint64_t position) const {
  // SYNC: pairs with the release fence in ByteWriter::give_up_oldest_until.
  std::atomic_thread_fence(std::memory_order_acquire);
  return view_->header()->tail.load(std::memory_order_relaxed) > position;
}

/** Reads and checks the head at position < end. Errors: TORN when it was overwritten meanwhile, CORRUPT. */
ltn_status_e ByteReader::head_at(uint64_t position, uint64_t end, RecordHead *out) const {
  const uint64_t capacity = view_->geometry().capacity_bytes;
  const uint64_t left = capacity - (position & (capacity - 1));
  *out = {};
  copy_from_shared(out, at(position), left < sizeof *out ? left : sizeof *out);
  if (is_overwritten(position)) {
    return LTN_E_TORN;
  }
  if (out->position != position || out->total_bytes % layout::kRecordAlignBytes != 0 || out->total_bytes == 0 ||
      out->total_bytes > left || out->total_bytes > end - position) {
    return corrupt("no record begins", position);
  }
  if (out->kind == layout::kRecordPadding) {
    // It ends where the ring ends, or ended before it grew.
    return (position + out->total_bytes) % layout::kMinCapacityBytes == 0
               ? LTN_OK
               : corrupt("padding does not end where a ring may end", position);
  }
  bool fits = out->kind == layout::kRecordData && out->total_bytes >= sizeof *out &&
              out->record.payload_bytes <= out->total_bytes - sizeof *out && out->record.sequence != 0;
  return fits ? LTN_OK : corrupt("the record's sizes contradict each other", position);
}

/** Skips padding. Sets position to the record found. Errors: AGAIN when there is none before end, TORN, CORRUPT. */
ltn_status_e ByteReader::record_at_or_after(uint64_t *position, uint64_t end, RecordHead *out) const {
  while (*position < end) {
    if (ltn_status_e status = head_at(*position, end, out); status != LTN_OK) {
      return status;
    }
    if (out->kind == layout::kRecordData) {
      return LTN_OK;
    }
    *position += out->total_bytes;  // at least 64 bytes, and to a multiple of 4096: at most one turn for each of them
  }
  return LTN_E_AGAIN;
}

void ByteReader::stand_at(uint64_t position, uint64_t sequence) {
  cursor_.store(position, std::memory_order_relaxed);  // SYNC: none, wait() only compares it with head
  expected_sequence_ = sequence;
}

/** The cursor was lapped: stands at the oldest whole record and says how many were lost. */
ltn_status_e ByteReader::recover(const Bounds &range, uint64_t *dropped) {
  uint64_t position = range.tail;
  RecordHead head;
  if (ltn_status_e status = record_at_or_after(&position, range.head, &head); status != LTN_OK) {
    return status;
  }
  if (head.record.sequence < expected_sequence_) {
    return corrupt("sequences run backwards", position);
  }
  *dropped = expected_sequence_ == 0 ? 0 : head.record.sequence - expected_sequence_;
  stand_at(position, head.record.sequence);
  return fail(LTN_E_OVERRUN, "Ring %s: this reader was lapped, %" PRIu64 " records are lost", view_->name().c_str(),
              *dropped);
}

ltn_status_e ByteReader::next(ltn_record_t *record, uint8_t *buffer, size_t capacity_bytes, uint64_t *dropped) {
  *dropped = 0;
  for (int i = 0; i < kTries; i++) {
    Bounds range;
    if (ltn_status_e status = bounds(&range); status != LTN_OK) {
      return status;
    }
    const uint64_t position = cursor_.load(std::memory_order_relaxed);  // SYNC: none, this thread is its only writer
    if (position > range.head) {
      return corrupt("head moved back", range.head);
    }
    if (position < range.tail) {
      ltn_status_e status = recover(range, dropped);
      if (status == LTN_E_TORN || status == LTN_E_AGAIN) {
        continue;  // lapped again while looking
      }
      return status;
    }
    if (position == range.head) {
      if (!view_->is_gone()) {
        return fail(LTN_E_AGAIN, "Ring %s: no record after %" PRIu64, view_->name().c_str(), expected_sequence_);
      }
      // SYNC: none more, is_gone() acquired all that was published.
      if (view_->header()->head.load(std::memory_order_acquire) == position && !go_over_if_grown()) {
        return view_->fail_gone();
      }
      continue;
    }
    RecordHead head;
    ltn_status_e status = head_at(position, range.head, &head);
    if (status == LTN_E_TORN) {
      continue;
    }
    if (status != LTN_OK) {
      return status;
    }
    if (head.kind == layout::kRecordPadding) {
      stand_at(position + head.total_bytes, expected_sequence_);
      continue;
    }
    if (expected_sequence_ != 0 && head.record.sequence != expected_sequence_) {
      return corrupt("a record is out of sequence", position);
    }
    *record = head.record;
    if (head.record.payload_bytes > capacity_bytes) {
      return fail(LTN_E_BUFFER_TOO_SMALL, "Ring %s: the record needs %u bytes, %zu were given", view_->name().c_str(),
                  head.record.payload_bytes, capacity_bytes);
    }
    copy_from_shared(buffer, at(position) + sizeof head, head.record.payload_bytes);
    if (is_overwritten(position)) {
      continue;
    }
    stand_at(position + head.total_bytes, head.record.sequence + 1);
    return LTN_OK;
  }
  return fail(LTN_E_TORN, "Ring %s: the writer lapped this reader %d times in a row; make the ring larger",
              view_->name().c_str(), kTries);
}

ltn_status_e ByteReader::seek(int whence, uint64_t sequence) {
  if (view_->is_gone()) {
    go_over_if_grown();  // else the newest of a ring that grew would be what was newest then
  }
  switch (whence) {
    case LTN_SEEK_OLDEST:
      return seek_oldest();
    case LTN_SEEK_NEWEST_KEY:
      return seek_newest_key();
    case LTN_SEEK_END:
      return seek_end();
    case LTN_SEEK_SEQUENCE:
      return seek_sequence(sequence);
  }
  return fail(LTN_E_INVALID_ARGUMENT, "Expected a place to seek of 0 to 3 but received %d", whence);
}

ltn_status_e ByteReader::seek_end() {
  for (int i = 0; i < kTries; i++) {
    // SYNC: pairs with the three stores of ByteWriter::append (last_sequence, head, writing_sequence): equal sequences
    // around the load of head mean that no append was under way, so head is the end of record `last`.
    uint64_t last = view_->header()->last_sequence.load(std::memory_order_acquire);
    uint64_t head = view_->header()->head.load(std::memory_order_acquire);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (view_->header()->writing_sequence.load(std::memory_order_relaxed) == last) {
      if (head % layout::kRecordAlignBytes != 0) {
        return corrupt("head is not aligned", head);
      }
      stand_at(head, last + 1);
      return LTN_OK;
    }
  }
  // The writer died in the middle of an append, or appends without pause: the place is right, the count of losses
  // unknown.
  Bounds range;
  if (ltn_status_e status = bounds(&range); status != LTN_OK) {
    return status;
  }
  stand_at(range.head, 0);
  return LTN_OK;
}

ltn_status_e ByteReader::seek_oldest() {
  for (int i = 0; i < kTries; i++) {
    Bounds range;
    if (ltn_status_e status = bounds(&range); status != LTN_OK) {
      return status;
    }
    uint64_t position = range.tail;
    RecordHead head;
    ltn_status_e status = record_at_or_after(&position, range.head, &head);
    if (status == LTN_E_AGAIN) {
      return seek_end();  // the ring is empty
    }
    if (status == LTN_OK) {
      stand_at(position, head.record.sequence);
    }
    if (status != LTN_E_TORN) {
      return status;
    }
  }
  return fail(LTN_E_TORN, "Ring %s: the writer lapped this reader %d times in a row; make the ring larger",
              view_->name().c_str(), kTries);
}

ltn_status_e ByteReader::seek_newest_key() {
  for (int i = 0; i < kTries; i++) {
    // SYNC: pairs with the release store of newest_key in ByteWriter::append, which follows that of head.
    uint64_t position = view_->header()->newest_key.load(std::memory_order_acquire);
    Bounds range;
    if (ltn_status_e status = bounds(&range); status != LTN_OK) {
      return status;
    }
    if (position == layout::kNoPosition || position < range.tail) {
      return seek_end();
    }
    if (position >= range.head || position % layout::kRecordAlignBytes != 0) {
      return corrupt("the newest key record lies outside the ring", position);
    }
    RecordHead head;
    ltn_status_e status = head_at(position, range.head, &head);
    if (status == LTN_OK && head.kind != layout::kRecordData) {
      return corrupt("the newest key record is padding", position);
    }
    if (status == LTN_OK) {
      stand_at(position, head.record.sequence);
    }
    if (status != LTN_E_TORN) {
      return status;
    }
  }
  return seek_end();
}

ltn_status_e ByteReader::seek_sequence(uint64_t sequence) {
  if (ltn_status_e status = seek_oldest(); status != LTN_OK) {
    return status;
  }
  while (expected_sequence_ != 0 && expected_sequence_ < sequence) {
    Bounds range;
    if (ltn_status_e status = bounds(&range); status != LTN_OK) {
      return status;
    }
    uint64_t position = cursor_.load(std::memory_order_relaxed);  // SYNC: none, this thread is its only writer
    RecordHead head;
    ltn_status_e status = position < range.tail ? LTN_E_TORN : record_at_or_after(&position, range.head, &head);
    if (status == LTN_E_TORN) {
      status = seek_oldest();  // lapped while walking; the oldest is later now
      if (status == LTN_OK) {
        continue;
      }
    }
    if (status == LTN_E_AGAIN) {
      return LTN_OK;  // not written yet: stand at the end
    }
    if (status != LTN_OK) {
      return status;
    }
    if (head.record.sequence != expected_sequence_) {
      return corrupt("a record is out of sequence", position);
    }
    stand_at(position + head.total_bytes, head.record.sequence + 1);
  }
  return LTN_OK;
}

bool ByteReader::find_grown(const RingView &view, RingView *out) {
  return RingView::open(view.name().c_str(), layout::kKindBytes, out) == LTN_OK &&
         out->incarnation() == view.incarnation() && out->geometry().capacity_bytes > view.geometry().capacity_bytes;
}

void ByteReader::look_at(RingView view) {
  auto next = std::make_shared<RingView>(std::move(view));
  const std::lock_guard lock(mutex_);
  view_ = std::move(next);
}

bool ByteReader::go_over_if_grown() {
  RingView grown;
  if (!find_grown(*view_, &grown)) {
    return false;
  }
  look_at(std::move(grown));  // positions and sequences mean the same there
  return true;
}

std::shared_ptr<const RingView> ByteReader::shared_view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void ByteReader::interrupt() { interrupt_.raise(&shared_view()->header()->wake); }

ltn_status_e ByteReader::wait(int32_t timeout_ms) {
  const std::shared_ptr<const RingView> view = shared_view();  // next() may go over to a larger ring meanwhile
  auto ready = [this, &view] {
    // SYNC: pairs with the release store of head in ByteWriter::append; cursor_ with nothing, as only its value counts.
    return view->header()->head.load(std::memory_order_acquire) != cursor_.load(std::memory_order_relaxed);
  };
  const ltn_status_e status = view->wait_until(ready, timeout_ms, &interrupt_);
  RingView grown;
  return status == LTN_E_GONE && find_grown(*view, &grown) ? LTN_OK : status;
}

}  // namespace lanthorn
