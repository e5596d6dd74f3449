#include "codec/frame_ring.h"

#include "media_error.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace lanthorn::media {
namespace {

constexpr int kPlaneAlignment = 64;  // AVX-512 loads; the slot itself is page-aligned
constexpr size_t kPlanePadding =
    16 + 64 - 1;  // libavcodec's optimised code reads this far beyond a plane (get_buffer.c)

size_t alignUp(size_t value, size_t alignment) { return (value + alignment - 1) / alignment * alignment; }

struct SlotInUse {
  std::shared_ptr<FrameRing> ring;  // memory stays mapped while libavcodec refers to it
  uint32_t slot;
};

void releaseSlot(void *opaque, uint8_t *) {
  auto *use = static_cast<SlotInUse *>(opaque);
  use->ring->release(use->slot);
  delete use;
}

}  // namespace

SlotLayout SlotLayout::of(AVCodecContext *context, const AVFrame *frame) {
  SlotLayout layout;
  const auto format = static_cast<AVPixelFormat>(frame->format);
  const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr || (descriptor->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_PAL))) return layout;
  int width = frame->width, height = frame->height;
  int alignment[AV_NUM_DATA_POINTERS] = {};
  avcodec_align_dimensions2(context, &width, &height, alignment);
  int strides[4] = {};
  bool unaligned;
  do {  // widen until every plane's stride is aligned, as libavcodec's own allocator does
    if (av_image_fill_linesizes(strides, format, width) < 0) return layout;
    width += width & ~(width - 1);
    unaligned = false;
    for (int i = 0; i < 4; ++i) unaligned |= strides[i] % kPlaneAlignment != 0;
  } while (unaligned);
  const ptrdiff_t strideValues[4] = {strides[0], strides[1], strides[2], strides[3]};
  size_t sizes[4] = {};
  if (av_image_fill_plane_sizes(sizes, format, height, strideValues) < 0) return layout;
  for (int i = 0; i < 4 && sizes[i] > 0; ++i) {
    layout.planes = i + 1;
    layout.strideBytes[i] = strides[i];
    layout.offsetBytes[i] = layout.bytes;
    layout.bytes = alignUp(layout.bytes + sizes[i] + kPlanePadding, kPlaneAlignment);
  }
  return layout;
}

std::shared_ptr<FrameRing> FrameRing::open(const std::string &name, uint32_t slots, size_t slotBytes) {
  ltn_slot_writer_h *writer = nullptr;
  requireRing(ltn_slot_writer_open(name.c_str(), slots, slotBytes, &writer), "frame ring " + name);
  return std::shared_ptr<FrameRing>(new FrameRing(writer, slots, slotBytes));
}

bool FrameRing::attach(AVFrame *frame, const SlotLayout &layout) {
  if (layout.planes == 0 || layout.bytes > slotBytes_) return false;
  uint32_t slot = 0;
  uint8_t *base = nullptr;
  if (ltn_slot_writer_reserve(writer_, &slot, &base) != LTN_OK) return false;
  // SYNC: pairs with the acquire in slotOf/base: a slot's address never changes once known
  bases_[slot].store(base, std::memory_order_release);
  auto *use = new SlotInUse{shared_from_this(), slot};
  frame->buf[0] = av_buffer_create(base, layout.bytes, releaseSlot, use, 0);
  if (frame->buf[0] == nullptr) {
    releaseSlot(use, base);
    return false;
  }
  for (int i = 0; i < layout.planes; ++i) {
    frame->data[i] = base + layout.offsetBytes[i];
    frame->linesize[i] = layout.strideBytes[i];
  }
  frame->extended_data = frame->data;
  return true;
}

int FrameRing::slotOf(const AVFrame *frame) const {
  if (frame->buf[0] == nullptr) return -1;
  for (uint32_t i = 0; i < slots_; ++i) {
    if (base(static_cast<int>(i)) == frame->buf[0]->data) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace lanthorn::media
