/** Sound that is none: whatever bytes a camera calls AAC or Opus, the track lives and its records are whole. */
#include <doctest/doctest.h>

#include <random>

#include "bitstream/opus_ts.h"
#include "sensors/sound_track.h"
#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

TEST_CASE("random bytes as AAC and Opus: errors are counted, records are whole, and times never run backwards") {
  std::mt19937 random(4);
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  for (const AudioCodec codec : {AudioCodec::aac, AudioCodec::opus}) {
    uint64_t records = 0, opened = 0;
    int64_t newestNs = INT64_MIN;
    struct Judge final : RecordSink {
      uint64_t &records;
      int64_t &newestNs;
      Judge(uint64_t &r, int64_t &n) : records(r), newestNs(n) {}
      bool describe(const std::string &) override { return true; }
      bool append(ltn_record_t &record, const uint8_t *) override {
        ++records;
        CHECK(record.type == LTN_RECORD_PCM);
        CHECK(record.payload_bytes > 0);
        CHECK(record.payload_bytes % 2 == 0);
        CHECK(record.capture_mono_ns >= newestNs);
        CHECK(record.capture_mono_ns <= record.arrival_mono_ns);
        newestNs = record.capture_mono_ns;
        return true;
      }
    };
    SoundTrack track("porch", [&](uint64_t bytes) {
      ++opened;
      CHECK(bytes <= 16u << 20);
      return std::make_unique<Judge>(records, newestNs);
    });
    uint64_t refused = 0;
    for (int round = 0; round < 10'000; ++round) {
      if (round % 250 == 0) {
        DescribedSound stream{1, codec, below(2) ? 48'000 : below(200'000) + 1, below(9) + 1, {}};
        const uint8_t stereo48k[] = {0x11, 0x90};
        if (codec == AudioCodec::aac && below(2)) stream.extradata.assign(stereo48k, stereo48k + 2);
        if (codec == AudioCodec::opus) stream.extradata = opusFormat(below(2) + 1).extradata;
        if (below(4) == 0) stream.extradata.assign(below(30), static_cast<uint8_t>(random()));
        try {
          track.setStream(stream);
        } catch (const MediaError &) {
          ++refused;
        }
      }
      Buffer payload(below(400) + 1);
      for (uint8_t &byte : payload) byte = static_cast<uint8_t>(random());
      ltn_record_t record{};
      record.pts_90k = below(30) == 0 ? static_cast<int64_t>(below(1u << 30)) : round * 1920;
      record.capture_mono_ns = 1'000'000'000 + round * int64_t{21'333'333} - below(60'000'000);
      record.arrival_mono_ns = 1'100'000'000 + round * int64_t{21'333'333};
      record.flags = below(100) == 0 ? LTN_RECORD_DISCONTINUITY : 0;
      record.payload_bytes = static_cast<uint32_t>(payload.size());
      track.take(record, payload);
    }
    CHECK(track.counts().errors > 100);
    CHECK(track.counts().records == records);
    CHECK(records > 0);
    CHECK(opened > 0);
    CHECK(refused < 40);
  }
}
