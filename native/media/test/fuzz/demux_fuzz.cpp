/**
 * Coverage-guided fuzzing of the demuxer (libFuzzer). Input: one byte that says how the rest is cut into pushes, then a
 * transport stream. Whatever comes: no crash, no endless loop, records within bounds, and a good stream is taken
 * afterwards.
 */
#include <cstdlib>

#include "ts_builder.hpp"

using namespace lanthorn::media::test;

namespace {

/** Ends the process so that libFuzzer keeps the input. */
void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/** A sink that keeps nothing but what it checks. */
struct Judge final : lanthorn::media::RecordSink {
  uint64_t bytes = 0;
  uint64_t pictures = 0;
  bool describe(const std::string &json) override {
    require(!json.empty() && json.front() == '{' && json.back() == '}');
    return true;
  }
  bool append(ltn_record_t &record, const uint8_t *payload) override {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < record.payload_bytes; ++i) {
      sum += payload[i];  // every byte is really there: AddressSanitizer looks
    }
    bytes += record.payload_bytes + (sum & 0);
    pictures += record.stream_index == 0 ? 1 : 0;
    return true;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t step = data[0] == 0 ? size : data[0];
  auto *judge = new Judge;
  lanthorn::media::PacketPublisher publisher{"fuzz", std::unique_ptr<lanthorn::media::RecordSink>(judge),
                                             [] { return int64_t{0}; }};
  lanthorn::media::TsDemuxer demuxer{publisher};
  int64_t now_ns = 1'000'000'000;
  for (size_t at = 1; at < size; at += step) {
    demuxer.push(lanthorn::media::Bytes(data + at, std::min(step, size - at)), now_ns);
    now_ns += 1'000'000;
  }
  demuxer.flush();
  // Key frames that lack their parameter sets get them: at most 2 KiB each of a few, for each unit of at least 188
  // bytes.
  require(judge->bytes <= size * 1000);

  TsWriter ts;
  const Buffer tables = videoTables(ts);
  for (int i = 0; i < 12; ++i) {  // long enough that a PMT is believed again
    Buffer good = tables;
    append(good, videoFrames(ts, 10, 90'000 + static_cast<uint64_t>(i) * 36'000));
    demuxer.push(good, now_ns += 400'000'000);
  }
  ltn_demux_statistics_t statistics{};
  publisher.addStatistics(statistics);
  require(statistics.records > 0 || size > 188);
  return 0;
}
