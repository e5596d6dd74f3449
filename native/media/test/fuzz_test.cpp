// Seeded mutations of a good stream: whatever comes, nothing crashes, nothing grows without bound (run under ASan too).
#include <doctest/doctest.h>

#include <random>

#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

namespace {

Buffer goodStream() {
  TsWriter ts;
  Buffer adts = {0xFF, 0xF1, 0x4C, 0x40, 0x02, 0x9F, 0xFC};
  adts.resize(20, 0x21);
  Buffer stream;
  for (int i = 0; i < 6; i++) {
    append(stream, ts.pat({{1, kPmtPid}, {2, 0x1001}}));
    append(stream, ts.pmt(kPmtPid, 1,
                          {{0x1B, kVideoPid},
                           {0x0F, kAudioPid},
                           {0x06, kDataPid, {0x05, 4, 'O', 'p', 'u', 's', 0x7F, 2, 0x80, 2}},
                           {0x24, 0x103}}));
    append(stream, videoFrames(ts, 10, 90'000 + static_cast<uint64_t>(i) * 36'000, 300));
    append(stream, ts.packets(kAudioPid, TsWriter::pes(0xC0, 90'000 + static_cast<uint64_t>(i) * 36'000, adts, true)));
    append(stream, ts.packets(kDataPid, TsWriter::pes(0xBD, 90'000, {0x7F, 0xE0, 4, 0xFC, 1, 2, 3}, true)));
  }
  return stream;
}

void mutate(Buffer &stream, std::minstd_rand &random) {
  const auto below = [&](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  const size_t edits = 1 + below(30);
  for (size_t i = 0; i < edits && stream.size() > 400; i++) {
    const size_t at = below(stream.size());
    const auto place = stream.begin() + static_cast<ptrdiff_t>(at);
    switch (below(6)) {
      case 0:
        stream[at] = static_cast<uint8_t>(random());
        break;
      case 1:
        stream[at] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 2:
        stream.erase(place, place + static_cast<ptrdiff_t>(std::min<size_t>(below(400), stream.size() - at)));
        break;
      case 3:
        stream.insert(place, 1 + below(400), static_cast<uint8_t>(random()));
        break;
      case 4: {  // repeat a stretch
        const Buffer piece(place, place + static_cast<ptrdiff_t>(std::min<size_t>(below(600), stream.size() - at)));
        stream.insert(stream.begin() + static_cast<ptrdiff_t>(below(stream.size())), piece.begin(), piece.end());
        break;
      }
      default:  // damage where it hurts: the header bytes of a packet
        stream[at / 188 * 188 + 1 + below(12)] = static_cast<uint8_t>(random());
    }
  }
}

}  // namespace

TEST_CASE("4,000 mutated streams never crash the demuxer, and it always takes a good stream afterwards") {
  const Buffer good = goodStream();
  std::minstd_rand random(20'261'121);
  size_t records = 0;
  for (int round = 0; round < 4000; round++) {
    Bench bench;
    Buffer stream = good;
    mutate(stream, random);
    for (size_t at = 0; at < stream.size();) {
      const size_t count = std::min<size_t>(1 + random() % 2000, stream.size() - at);
      bench.push(
          Buffer(stream.begin() + static_cast<ptrdiff_t>(at), stream.begin() + static_cast<ptrdiff_t>(at + count)));
      at += count;
    }
    bench.demuxer.flush();
    records += bench.records().size();
    bench.demuxer.discontinuity();
    const size_t before = bench.records().size();
    bench.push(good);
    bench.demuxer.flush();
    CHECK(bench.records().size() > before + 40);
    for (const auto &description : bench.keeper->descriptions) CHECK(description.size() < 16384);
  }
  CHECK(records > 4000 * 20);  // the mutations left something to look at
}

TEST_CASE("random bytes with sync bytes in the right places never crash the demuxer") {
  std::minstd_rand random(7);
  Bench bench;
  for (int round = 0; round < 200; round++) {
    Buffer noise(188 * 100);
    for (uint8_t &byte : noise) byte = static_cast<uint8_t>(random() >> 8);
    for (size_t at = 0; at < noise.size(); at += 188) {
      noise[at] = 0x47;
      if (random() % 2) noise[at + 1] &= 0x40, noise[at + 2] = static_cast<uint8_t>(random() % 4);  // often the PAT
    }
    bench.push(noise);
  }
  CHECK(bench.statistics().packets > 19'000);
}
