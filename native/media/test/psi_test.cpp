#include <doctest/doctest.h>

#include "pipeline/ring_description.h"
#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

TEST_CASE("sections cut and changed anywhere are refused by their checksum") {
  const Buffer whole = TsWriter::pmtSection(1, {{0x1B, 0x100}, {0x0F, 0x101}});
  REQUIRE(parsePmt(whole));
  CHECK(parsePmt(whole)->streams.size() == 2);
  for (size_t size = 0; size < whole.size(); size++) CHECK_FALSE(parsePmt(Bytes(whole).first(size)));
  for (size_t i = 0; i < whole.size(); i++) {
    Buffer changed = whole;
    changed[i] ^= 1;
    CHECK_FALSE(parsePmt(changed));
  }
}

TEST_CASE("a section over several packets and two sections in one packet are both put together") {
  std::vector<TsWriter::Elementary> many;
  for (uint16_t i = 0; i < 80; i++) many.push_back({0x1B, static_cast<uint16_t>(0x100 + i)});
  const Buffer large = TsWriter::pmtSection(1, many), small = TsWriter::pmtSection(2, {{0x1B, 0x50}});
  REQUIRE(large.size() > 184 * 2);
  SectionAssembler assembler;
  std::vector<uint16_t> seen;
  const auto note = [&](Bytes section) {
    const auto pmt = parsePmt(section);
    REQUIRE(pmt);
    seen.push_back(pmt->programNumber);
  };
  Buffer stream = large;
  append(stream, small);
  Buffer first = {0};
  first.insert(first.end(), stream.begin(), stream.begin() + 183);
  assembler.push(first, true, note);
  for (size_t at = 183; at < stream.size(); at += 184) {
    assembler.push(Bytes(stream).subspan(at, std::min<size_t>(184, stream.size() - at)), false, note);
  }
  CHECK(seen == std::vector<uint16_t>{1, 2});
}

TEST_CASE("a section longer than the standard allows is dropped, not kept") {
  SectionAssembler assembler;
  int count = 0;
  Buffer payload = {0, 0x02, 0xBF, 0xFF};
  payload.resize(184, 1);
  assembler.push(payload, true, [&](Bytes) { count++; });
  for (int i = 0; i < 100; i++) assembler.push(Buffer(184, 1), false, [&](Bytes) { count++; });
  CHECK(count == 0);
}

TEST_CASE("the video stream is found in a packet ring's description, and nothing in broken text") {
  const std::string json =
      R"({"camera":"a \" b","streams":[{"index":0,"type":"audio","codec":"aac"},{"index":3,"x":[1,{"y":null}],"type":"video","codec":"hevc","fps":-1.5e2}]})";
  const auto video = videoOfDescription(json);
  REQUIRE(video);
  CHECK(video->index == 3);
  CHECK(video->codec == VideoCodec::hevc);
  for (size_t size = 0; size < json.size(); size++)
    CHECK_FALSE(videoOfDescription(std::string_view(json).substr(0, size)));
  CHECK_FALSE(videoOfDescription(std::string(5000, '[')));
  CHECK_FALSE(videoOfDescription(R"({"streams":[]})"));
}
