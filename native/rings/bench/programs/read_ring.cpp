/**
 * One reader: waits for each newest frame and takes it, until the ring is gone; then prints its samples. Two readers of
 * the same bytes: the core by its C interface, and the one-header reader. Takes in turn by lease and by look.
 */
#include <sched.h>

#include "../../readers/c/lanthorn_rings.h"
#include "lanthorn/rings.h"
#include "measuring.hpp"
#include "touched_pages.hpp"

namespace lanthorn::bench {
namespace {

struct Core {
  using Reader = ltn_slot_reader_h;
  using Frame = ltn_frame_t;
  using Sight = ltn_sight_t;
  using Lease = ltn_lease_h *;
  static constexpr auto open = ltn_slot_reader_open;
  static constexpr auto wait = ltn_slot_reader_wait;
  static constexpr auto lease = ltn_slot_reader_lease_newest;
  static constexpr auto peek = ltn_slot_reader_peek_newest;
  static constexpr auto is_whole = ltn_slot_reader_is_whole;
  static constexpr auto copy = ltn_slot_reader_copy_newest;
  static constexpr auto close = ltn_slot_reader_close;
  static constexpr auto last_error = ltn_last_error;
  static void release(Lease &lease) { ltn_lease_release(lease); }
};

struct OneHeader {
  using Reader = ltnr_slot_reader_h;
  using Frame = ltnr_frame_t;
  using Sight = ltnr_sight_t;
  using Lease = ltnr_lease_t;
  static constexpr auto open = ltnr_slot_reader_open;
  static constexpr auto wait = ltnr_slot_reader_wait;
  static constexpr auto lease = ltnr_slot_reader_lease_newest;
  static constexpr auto peek = ltnr_slot_reader_peek_newest;
  static constexpr auto is_whole = ltnr_slot_reader_is_whole;
  static constexpr auto copy = ltnr_slot_reader_copy_newest;
  static constexpr auto close = ltnr_slot_reader_close;
  static constexpr auto last_error = ltnr_last_error;
  static void release(Lease &lease) { ltnr_lease_release(&lease); }
};

/** Adds up some rows from top to bottom, as an algorithm that looks at the picture would. */
uint64_t sum_of_rows(const uint8_t *bytes, uint32_t stride_bytes, uint32_t height_px, uint32_t rows) {
  uint64_t sum = 0;
  for (uint32_t row = 0; row < rows; row++) {
    const uint8_t *at = bytes + uint64_t{stride_bytes} * (height_px * row / rows);
    for (uint32_t i = 0; i < stride_bytes; i++) {
      sum += at[i];
    }
  }
  return sum;
}

template <class Api>
class Reading {
 public:
  explicit Reading(const Arguments &arguments)
      : warm_sequence_(static_cast<uint64_t>(arguments.number("warm"))),
        rows_(static_cast<uint32_t>(arguments.number("rows"))),
        copies_(arguments.text("take") == "copy") {
    if (Api::open(arguments.text("name").c_str(), &reader_) != 0) {
      die(Api::last_error());
    }
  }
  ~Reading() { Api::close(reader_); }

  void run() {
    while (Api::wait(reader_, after_, -1) == 0) {
      if (copies_) {
        copy();
      } else if (after_ % 2 == 0) {
        lease();
      } else {
        peek();
      }
    }
  }

  void print() const {
    JsonLine line;
    line.numbers("sequence", sequence_);
    line.numbers("wakeNs", wake_ns_);
    line.numbers("wholeNs", whole_ns_);
    line.numbers("leaseNs", lease_ns_);
    line.numbers("peekNs", peek_ns_);
    line.numbers("copyNs", copy_ns_);
    line.number("touchedBytesPerFrame", touched_.bytes_per_frame());
    line.number("overtaken", overtaken_);
    line.number("sumOfRows", static_cast<int64_t>(sum_ & INT32_MAX));
    line.end();
  }

 private:
  void lease() {
    typename Api::Frame frame = {};
    const uint8_t *bytes = nullptr;
    typename Api::Lease lease = {};
    int64_t begin_ns = now_ns();
    if (Api::lease(reader_, after_, &frame, &bytes, &lease) != 0) {
      overtaken_++;
      return;
    }
    note(frame, begin_ns, &lease_ns_);
    look_at(frame, bytes);
    touched_.saw(bytes, frame.bytes);
    Api::release(lease);
  }

  void peek() {
    typename Api::Frame frame = {};
    const uint8_t *bytes = nullptr;
    typename Api::Sight sight = {};
    int64_t begin_ns = now_ns();
    if (Api::peek(reader_, after_, &frame, &bytes, &sight) != 0) {
      overtaken_++;
      return;
    }
    note(frame, begin_ns, &peek_ns_);
    look_at(frame, bytes);
    touched_.saw(bytes, frame.bytes);
    overtaken_ += Api::is_whole(reader_, &sight) == 1 ? 0 : 1;
  }

  /** The control of the proof: a reader that does copy, into a buffer of its own, and must be seen to. */
  void copy() {
    typename Api::Frame frame = {};
    typename Api::Sight sight = {};
    const uint8_t *bytes = nullptr;
    if (Api::peek(reader_, after_, &frame, &bytes, &sight) != 0) {
      overtaken_++;
      return;
    }
    buffer_.resize(frame.bytes);
    int64_t begin_ns = now_ns();
    if (Api::copy(reader_, after_, &frame, buffer_.data(), buffer_.size()) != 0) {
      overtaken_++;
      return;
    }
    note(frame, begin_ns, &copy_ns_);
    touched_.saw(bytes, frame.bytes);
  }

  void note(const typename Api::Frame &frame, int64_t begin_ns, std::vector<int64_t> *taking_ns) {
    int64_t had_ns = now_ns();
    after_ = frame.sequence;
    if (frame.sequence > warm_sequence_) {
      sequence_.push_back(static_cast<int64_t>(frame.sequence));
      taking_ns->push_back(had_ns - begin_ns);
      wake_ns_.push_back(had_ns - frame.arrival_mono_ns);
      whole_ns_.push_back(had_ns - frame.capture_mono_ns);
    }
  }

  void look_at(const typename Api::Frame &frame, const uint8_t *bytes) {
    sum_ += sum_of_rows(bytes, frame.plane_stride_bytes[0], frame.height_px, rows_);
  }

  typename Api::Reader *reader_ = nullptr;
  uint64_t warm_sequence_;
  uint32_t rows_;
  bool copies_;
  uint64_t after_ = 0;
  uint64_t sum_ = 0;
  int64_t overtaken_ = 0;
  TouchedPages touched_;
  std::vector<uint8_t> buffer_;
  std::vector<int64_t> sequence_, wake_ns_, whole_ns_, lease_ns_, peek_ns_, copy_ns_;
};

template <class Api>
int read_with(const Arguments &arguments) {
  Reading<Api> reading(arguments);
  say("ready");
  reading.run();
  reading.print();
  return 0;
}

}  // namespace

int read_ring(const Arguments &arguments) {
  if (arguments.text("policy") == "batch") {  // a thread woken under SCHED_BATCH does not interrupt whoever runs there
    const struct sched_param nothing = {};
    if (sched_setscheduler(0, SCHED_BATCH, &nothing) != 0) {
      die("cannot set SCHED_BATCH");
    }
  }
  return arguments.text("by") == "header" ? read_with<OneHeader>(arguments) : read_with<Core>(arguments);
}

}  // namespace lanthorn::bench
