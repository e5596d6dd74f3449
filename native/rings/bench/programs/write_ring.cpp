/**
 * One camera: fills a slot as a decoder would and publishes it, at a pace or without pause, until the time is over.
 * Prints "ready", begins at a line on stdin, and prints its samples.
 */
#include <cstring>

#include "lanthorn/rings.h"
#include "measuring.hpp"
#include "touched_pages.hpp"

namespace lanthorn::bench {
namespace {

constexpr int64_t kLastFrameNs = 20'000'000;  // for the last frame to reach everyone before the ring is gone

ltn_frame_t describe(const std::string &format, uint32_t width_px, uint32_t height_px) {
  ltn_frame_t frame = {};
  frame.width_px = width_px;
  frame.height_px = height_px;
  bool is_nv12 = format == "nv12";
  frame.planes = is_nv12 ? 2 : 1;
  frame.plane_stride_bytes[0] = is_nv12 ? width_px : 3 * width_px;
  frame.plane_stride_bytes[1] = is_nv12 ? width_px : 0;
  frame.plane_offset_bytes[1] = is_nv12 ? width_px * height_px : 0;
  frame.bytes = is_nv12 ? width_px * height_px * 3 / 2 : width_px * height_px * 3;
  std::strncpy(frame.pixel_format, format.c_str(), sizeof frame.pixel_format - 1);
  std::strncpy(frame.color_space, "bt709", sizeof frame.color_space - 1);
  std::strncpy(frame.color_range, is_nv12 ? "tv" : "pc", sizeof frame.color_range - 1);
  return frame;
}

class Camera {
 public:
  Camera(ltn_slot_writer_h *ring, const ltn_frame_t &frame, bool fills) : ring_(ring), frame_(frame), fills_(fills) {
    for (uint8_t value : {0x55, 0xaa}) {  // two pictures in turn, so that each store changes what lies there
      pictures_.emplace_back(frame.bytes, value);
    }
  }

  /** Hands over one frame; keeps its times if they count. */
  void hand_over(bool counts) {
    uint32_t slot = 0;
    uint8_t *bytes = nullptr;
    int64_t cpu_begin_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    int64_t begin_ns = now_ns();
    if (ltn_slot_writer_reserve(ring_, &slot, &bytes) != LTN_OK) {
      busy_++;
      return;
    }
    int64_t reserved_ns = now_ns();
    if (fills_) {
      std::memcpy(bytes, pictures_[slot % 2 ^ (turn_++ & 1)].data(), frame_.bytes);
    }
    int64_t cpu_filled_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    // Readers take their latencies from these two: when the frame was begun, and when its last byte was there.
    int64_t filled_ns = now_ns();
    frame_.capture_mono_ns = begin_ns;
    frame_.arrival_mono_ns = filled_ns;
    if (ltn_slot_writer_publish(ring_, slot, &frame_, 0) != LTN_OK) {
      die(ltn_last_error());
    }
    int64_t published_ns = now_ns();
    int64_t cpu_end_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    touched_.saw(bytes, frame_.bytes);
    if (counts) {
      sequence_.push_back(static_cast<int64_t>(frame_.sequence));
      reserve_ns_.push_back(reserved_ns - begin_ns);
      fill_ns_.push_back(filled_ns - reserved_ns);
      publish_ns_.push_back(published_ns - filled_ns);
      publish_cpu_ns_.push_back(cpu_end_ns - cpu_filled_ns);
      frame_ns_.push_back(published_ns - begin_ns);
      cpu_ns_.push_back(cpu_end_ns - cpu_begin_ns);
    }
  }

  void print() const {
    JsonLine line;
    line.numbers("sequence", sequence_);
    line.numbers("reserveNs", reserve_ns_);
    line.numbers("fillNs", fill_ns_);
    line.numbers("publishNs", publish_ns_);
    line.numbers("publishCpuNs", publish_cpu_ns_);
    line.numbers("frameNs", frame_ns_);
    line.numbers("cpuNs", cpu_ns_);
    line.number("frameBytes", frame_.bytes);
    line.number("busy", busy_);
    line.number("touchedBytesPerFrame", touched_.bytes_per_frame());
    line.end();
  }

 private:
  ltn_slot_writer_h *ring_;
  ltn_frame_t frame_;
  bool fills_;
  std::vector<std::vector<uint8_t>> pictures_;
  uint32_t turn_ = 0;
  int64_t busy_ = 0;
  TouchedPages touched_;
  std::vector<int64_t> sequence_, reserve_ns_, fill_ns_, publish_ns_, publish_cpu_ns_, frame_ns_, cpu_ns_;
};

}  // namespace

int write_ring(const Arguments &arguments) {
  const ltn_frame_t frame = describe(arguments.text("format"), static_cast<uint32_t>(arguments.number("width")),
                                     static_cast<uint32_t>(arguments.number("height")));
  ltn_slot_writer_h *ring = nullptr;
  if (ltn_slot_writer_open(arguments.text("name").c_str(), static_cast<uint32_t>(arguments.number("slots")),
                           frame.bytes, &ring) != LTN_OK) {
    die(ltn_last_error());
  }
  Camera camera(ring, frame, arguments.number("fill") != 0);
  say("ready");
  if (std::getchar() == EOF) {
    die("nobody said go");
  }

  Pace pace(arguments.number("fps"));
  for (auto left = static_cast<int64_t>(arguments.number("warm")); left > 0; left--) {
    pace.wait();
    camera.hand_over(false);
  }
  const int64_t end_ns = now_ns() + static_cast<int64_t>(arguments.number("seconds") * 1e9);
  do {
    pace.wait();
    camera.hand_over(true);
  } while (now_ns() < end_ns);
  sleep_until_ns(now_ns() + kLastFrameNs);
  camera.print();
  ltn_slot_writer_close(ring);
  return 0;
}

}  // namespace lanthorn::bench
