#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "lanthorn/media.h"
#include "made_video.hpp"
#include "mono_time.h"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

namespace {

bool eventually(const std::function<bool()> &condition) {
  for (int i = 0; i < 1000; i++) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/** A demuxer and a decoder on rings of their own. */
struct Chain {
  std::string packets, frames;
  ltn_ts_demuxer_h *demuxer = nullptr;
  ltn_decoder_h *decoder = nullptr;

  Chain() {
    static int count = 0;
    const std::string name = "ltntest" + std::to_string(getpid()) + "." + std::to_string(count++);
    packets = name + ".packets";
    frames = name + ".frames";
    REQUIRE(ltn_ts_demuxer_open(packets.c_str(), "test", 0, &demuxer) == LTN_OK);
    REQUIRE(ltn_decoder_open(packets.c_str(), frames.c_str(), 1, &decoder) == LTN_OK);
    REQUIRE(eventually([&] { return statistics().attachments == 1; }));
  }
  ~Chain() {
    ltn_decoder_close(decoder);
    ltn_ts_demuxer_close(demuxer);
  }
  void push(const Buffer &bytes) { ltn_ts_demuxer_push(demuxer, bytes.data(), bytes.size(), monoNs()); }
  ltn_decoder_statistics_t statistics() {
    ltn_decoder_statistics_t out;
    ltn_decoder_statistics(decoder, &out);
    return out;
  }
  /** Waits until the decoder has read everything, so that what follows comes "live". */
  void settle() {
    ltn_demux_statistics_t sent;
    ltn_ts_demuxer_statistics(demuxer, &sent);
    CHECK(eventually([&] { return statistics().packets + statistics().records_lost >= sent.video_packets; }));
  }
};

}  // namespace

TEST_CASE("frames of H.264 and H.265 reach the frame ring, each from its packet") {
  for (const auto &[encoder, type] : {std::pair{"libx264", uint8_t{0x1B}}, std::pair{"libx265", uint8_t{0x24}}}) {
    Chain chain;
    chain.push(madeTs(madeVideo(encoder, 128, 96, 30, 10), type));
    ltn_ts_demuxer_flush(chain.demuxer);
    CHECK(eventually([&] { return chain.statistics().frames_decoded == 30; }));
    CHECK(chain.statistics().errors == 0);
    CHECK(chain.statistics().width_px == 128);
    ltn_slot_reader_h *reader = nullptr;
    REQUIRE(ltn_slot_reader_open(chain.frames.c_str(), &reader) == LTN_OK);
    ltn_frame_t frame{};
    CHECK(eventually([&] {
      const uint8_t *bytes = nullptr;
      ltn_lease_h *lease = nullptr;
      if (ltn_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease) != LTN_OK) return false;
      ltn_lease_release(lease);
      return frame.source_sequence == 30;
    }));
    CHECK(std::string(frame.pixel_format) == "yuv420p");
    ltn_slot_reader_close(reader);
  }
}

TEST_CASE("a change of size in mid-stream makes a new frame ring, and decoding goes on") {
  Chain chain;
  chain.push(madeTs(madeVideo("libx264", 128, 96, 10, 10), 0x1B));
  chain.settle();
  chain.push(madeTs(madeVideo("libx264", 320, 240, 10, 10), 0x1B));
  ltn_ts_demuxer_flush(chain.demuxer);
  CHECK(eventually([&] { return chain.statistics().width_px == 320 && chain.statistics().frames_decoded >= 19; }));
  CHECK(chain.statistics().frames_published >= 2);
}

TEST_CASE("with demand for key frames only those are decoded, and full demand catches up at the newest") {
  Chain chain;
  REQUIRE(ltn_decoder_set_demand(chain.decoder, LTN_DEMAND_KEY, 0) == LTN_OK);
  const std::vector<Buffer> units = madeVideo("libx264", 128, 96, 40, 10);
  chain.push(madeTs(units, 0x1B));
  ltn_ts_demuxer_flush(chain.demuxer);
  CHECK(eventually([&] { return chain.statistics().packets >= 10 && chain.statistics().frames_published >= 1; }));
  chain.settle();
  CHECK(chain.statistics().frames_decoded <= 4);
  const uint64_t before = chain.statistics().frames_decoded;
  REQUIRE(ltn_decoder_set_demand(chain.decoder, LTN_DEMAND_ALL, 0) == LTN_OK);
  CHECK(eventually([&] { return chain.statistics().frames_decoded == before + 10; }));  // the last group of pictures
  REQUIRE(ltn_decoder_set_demand(chain.decoder, LTN_DEMAND_NONE, 0) == LTN_OK);
  CHECK(eventually([&] { return std::string(chain.statistics().state) == "paused"; }));
  CHECK(ltn_decoder_set_demand(chain.decoder, 9, 0) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("when readers hold every slot, frames are skipped and decoding goes on") {
  Chain chain;
  const std::vector<Buffer> units = madeVideo("libx264", 128, 96, 120, 10);
  TsWriter ts;
  Buffer stream = ts.pat({{1, kPmtPid}});
  append(stream, ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}}));
  chain.push(stream);
  ltn_slot_reader_h *reader = nullptr;
  std::vector<ltn_lease_h *> leases;
  uint64_t last = 0, pts = 90'000;
  for (const Buffer &unit : units) {
    chain.push(ts.packets(kVideoPid, TsWriter::pes(0xE0, pts += 3600, unit, false)));
    chain.settle();
    if (reader == nullptr && ltn_slot_reader_open(chain.frames.c_str(), &reader) != LTN_OK) continue;
    ltn_frame_t frame{};
    const uint8_t *bytes = nullptr;
    ltn_lease_h *lease = nullptr;
    if (ltn_slot_reader_lease_newest(reader, last, &frame, &bytes, &lease) == LTN_OK) {
      leases.push_back(lease);
      last = frame.sequence;
    }
  }
  CHECK(chain.statistics().frames_busy > 50);
  CHECK(chain.statistics().errors == 0);
  const uint64_t published = chain.statistics().frames_published;
  for (ltn_lease_h *lease : leases) ltn_lease_release(lease);
  for (size_t i = 0; i < 10; i++) {
    chain.push(ts.packets(kVideoPid, TsWriter::pes(0xE0, pts += 3600, units[i], false)));
    chain.settle();
  }
  CHECK(eventually([&] { return chain.statistics().frames_published >= published + 8; }));
  ltn_slot_reader_close(reader);
}

TEST_CASE("a packet ring that goes and comes again is attached anew") {
  Chain chain;
  const Buffer stream = madeTs(madeVideo("libx264", 128, 96, 10, 10), 0x1B);
  chain.push(stream);
  chain.settle();
  ltn_ts_demuxer_close(chain.demuxer);
  chain.demuxer = nullptr;
  CHECK(eventually([&] { return std::string(chain.statistics().state) == "waiting"; }));
  REQUIRE(ltn_ts_demuxer_open(chain.packets.c_str(), "test", 0, &chain.demuxer) == LTN_OK);
  CHECK(eventually([&] { return chain.statistics().attachments == 2; }));
  const uint64_t before = chain.statistics().frames_decoded;
  chain.push(stream);
  ltn_ts_demuxer_flush(chain.demuxer);
  CHECK(eventually([&] { return chain.statistics().frames_decoded >= before + 10; }));
}

TEST_CASE("mutated bitstreams never crash the decoder, errors are counted, and a good stream decodes afterwards") {
  for (const auto &[encoder, type] : {std::pair{"libx264", uint8_t{0x1B}}, std::pair{"libx265", uint8_t{0x24}}}) {
    Chain chain;
    const Buffer good = madeTs(madeVideo(encoder, 128, 96, 20, 10), type);
    std::minstd_rand random(42);
    for (int round = 0; round < 60; round++) {
      Buffer bad = good;
      for (int i = 0; i < 12; i++) {
        const size_t at = 188 * 2 + random() % (bad.size() - 188 * 2);
        if (at % 188 > 12) bad[at] = static_cast<uint8_t>(random());  // the bitstream, not the transport
      }
      chain.push(bad);
      chain.settle();
    }
    ltn_ts_demuxer_flush(chain.demuxer);
    CHECK(chain.statistics().errors > 0);
    CHECK(std::string(chain.statistics().last_error) != "");
    ltn_ts_demuxer_discontinuity(chain.demuxer);
    const uint64_t before = chain.statistics().frames_published;
    for (int i = 0; i < 3; i++) {
      chain.push(good);
      chain.settle();
    }
    CHECK(eventually([&] { return chain.statistics().frames_published > before; }));
    CHECK(eventually([&] { return chain.statistics().width_px == 128; }));
  }
}
