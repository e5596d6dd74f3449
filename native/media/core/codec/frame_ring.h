// A frame ring the decoder writes straight into: hands slots to libavcodec as frame buffers.
// Layout of a slot: docs/design/media.md#zero-copy. Thread-safe: libavcodec calls from its threads.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "lanthorn/rings.h"

struct AVCodecContext;
struct AVFrame;

namespace lanthorn::media {

// Where the planes of one picture lie in a slot, with the alignment and padding libavcodec wants.
struct SlotLayout {
  int planes = 0;
  int strideBytes[4] = {};
  size_t offsetBytes[4] = {};
  size_t bytes = 0;

  // For the size and format a codec asks a buffer for; planes 0 when the format has no planes in memory.
  static SlotLayout of(AVCodecContext *context, const AVFrame *frame);
};

class FrameRing : public std::enable_shared_from_this<FrameRing> {
 public:
  // Throws MediaError: EXISTS, NO_SPACE, …
  static std::shared_ptr<FrameRing> open(const std::string &name, uint32_t slots, size_t slotBytes);
  ~FrameRing() { ltn_slot_writer_close(writer_); }
  FrameRing(const FrameRing &) = delete;
  FrameRing &operator=(const FrameRing &) = delete;

  // Gives the frame a slot as its memory; false when every slot is leased or the picture does not fit.
  bool attach(AVFrame *frame, const SlotLayout &layout);

  // The slot a frame lies in, or -1 when it lies in ordinary memory.
  int slotOf(const AVFrame *frame) const;
  // Its position in the slot; slot must be slotOf(frame).
  const uint8_t *base(int slot) const { return bases_[slot].load(std::memory_order_acquire); }

  ltn_status_e publish(int slot, ltn_frame_t &frame) {
    return ltn_slot_writer_publish(writer_, static_cast<uint32_t>(slot), &frame, 1);
  }
  ltn_status_e reserve(uint32_t *slot, uint8_t **bytes) { return ltn_slot_writer_reserve(writer_, slot, bytes); }
  void release(uint32_t slot) { ltn_slot_writer_release(writer_, slot); }
  void describe(const std::string &json) { ltn_slot_writer_describe(writer_, json.data(), json.size()); }
  uint32_t readers() {
    uint32_t count = 0;
    return ltn_slot_writer_readers(writer_, &count) == LTN_OK ? count : 0;
  }
  uint32_t slots() const { return slots_; }
  size_t slotBytes() const { return slotBytes_; }

 private:
  FrameRing(ltn_slot_writer_h *writer, uint32_t slots, size_t slotBytes)
      : writer_(writer), slots_(slots), slotBytes_(slotBytes) {}

  static constexpr uint32_t kMaxSlots = 64;

  ltn_slot_writer_h *writer_;
  uint32_t slots_;
  size_t slotBytes_;
  std::atomic<uint8_t *> bases_[kMaxSlots] = {};
};

}  // namespace lanthorn::media
