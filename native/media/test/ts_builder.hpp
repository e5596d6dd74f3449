/** Hand-made MPEG-TS for tests: packets, tables, PES, and a sink that keeps what a publisher writes. */
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/packet_publisher.h"
#include "ts/psi.h"
#include "ts/ts_demuxer.h"

namespace lanthorn::media::test {

using Buffer = std::vector<uint8_t>;

inline void append(Buffer &to, const Buffer &from) { to.insert(to.end(), from.begin(), from.end()); }

struct Keeper final : RecordSink {
  struct Kept {
    ltn_record_t record;
    Buffer payload;
  };
  std::vector<std::string> descriptions;
  std::vector<Kept> records;

  bool describe(const std::string &json) override {
    descriptions.push_back(json);
    return true;
  }
  bool append(ltn_record_t &record, const uint8_t *payload) override {
    records.push_back({record, Buffer(payload, payload + record.payload_bytes)});
    return true;
  }
};

/** A demuxer with a keeper behind it; wall time is the monotonic time. */
struct Bench {
  Keeper *keeper = new Keeper;
  PacketPublisher publisher{"test", std::unique_ptr<RecordSink>(keeper), [] { return int64_t{0}; }};
  TsDemuxer demuxer{publisher};
  int64_t nowNs = 1'000'000'000;

  void push(const Buffer &bytes) { demuxer.push(bytes, nowNs); }
  const std::vector<Keeper::Kept> &records() const { return keeper->records; }
  ltn_demux_statistics_t statistics() const {
    ltn_demux_statistics_t out{};
    publisher.addStatistics(out);
    demuxer.addStatistics(out);
    return out;
  }
  std::vector<Keeper::Kept> ofStream(uint32_t index) const {
    std::vector<Keeper::Kept> found;
    for (const Keeper::Kept &kept : keeper->records) {
      if (kept.record.stream_index == index) found.push_back(kept);
    }
    return found;
  }
};

/** Writes transport packets with right continuity counters. */
class TsWriter {
 public:
  /** PES or section bytes in packets of one PID; the last is stuffed in its adaptation field, as multiplexers do. */
  Buffer packets(uint16_t pid, const Buffer &payload, bool discontinuity = false) {
    Buffer out;
    size_t at = 0;
    bool first = true;
    while (at < payload.size()) {
      const size_t left = payload.size() - at;
      const bool adaptation = left < 184 || (first && discontinuity);
      size_t take = left < 184 ? left : 184;
      if (first && discontinuity && take > 182) take = 182;
      Buffer packet = {0x47, static_cast<uint8_t>((first ? 0x40 : 0) | (pid >> 8)), static_cast<uint8_t>(pid),
                       static_cast<uint8_t>((adaptation ? 0x30 : 0x10) | counter(pid))};
      if (adaptation) {
        const size_t length = 184 - take - 1;
        packet.push_back(static_cast<uint8_t>(length));
        if (length > 0) packet.push_back(first && discontinuity ? 0x80 : 0);
        packet.resize(188 - take, 0xFF);
      }
      packet.insert(packet.end(), payload.begin() + static_cast<ptrdiff_t>(at),
                    payload.begin() + static_cast<ptrdiff_t>(at + take));
      append(out, packet);
      at += take;
      first = false;
    }
    return out;
  }

  static Buffer section(uint8_t table, uint16_t id, const Buffer &body, uint8_t version = 0) {
    const size_t length = 5 + body.size() + 4;
    Buffer s = {table,
                static_cast<uint8_t>(0xB0 | (length >> 8)),
                static_cast<uint8_t>(length),
                static_cast<uint8_t>(id >> 8),
                static_cast<uint8_t>(id),
                static_cast<uint8_t>(0xC1 | (version << 1)),
                0,
                0};
    append(s, body);
    const uint32_t crc = mpegCrc32(s);
    for (int shift = 24; shift >= 0; shift -= 8) s.push_back(static_cast<uint8_t>(crc >> shift));
    return s;
  }

  /** Sections are padded with 0xFF in the payload, not in the adaptation field. */
  Buffer sectionPackets(uint16_t pid, const Buffer &section) {
    Buffer payload = {0};
    append(payload, section);
    while (payload.size() % 184 != 0) payload.push_back(0xFF);
    return packets(pid, payload);
  }

  Buffer pat(const std::vector<std::pair<uint16_t, uint16_t>> &programmes, uint8_t version = 0) {
    Buffer body;
    for (const auto &[number, pid] : programmes) {
      append(body, {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number),
                    static_cast<uint8_t>(0xE0 | (pid >> 8)), static_cast<uint8_t>(pid)});
    }
    return sectionPackets(0, section(0, 1, body, version));
  }

  struct Elementary {
    uint8_t type;
    uint16_t pid;
    Buffer descriptors = {};
  };

  static Buffer pmtSection(uint16_t number, const std::vector<Elementary> &streams, uint8_t version = 0) {
    Buffer body = {0xE1, 0x00, 0xF0, 0x00};
    for (const Elementary &s : streams) {
      append(body, {s.type, static_cast<uint8_t>(0xE0 | (s.pid >> 8)), static_cast<uint8_t>(s.pid), 0xF0,
                    static_cast<uint8_t>(s.descriptors.size())});
      append(body, s.descriptors);
    }
    return section(2, number, body, version);
  }
  Buffer pmt(uint16_t pid, uint16_t number, const std::vector<Elementary> &streams, uint8_t version = 0) {
    return sectionPackets(pid, pmtSection(number, streams, version));
  }

  static void timestamp(Buffer &out, uint8_t marker, uint64_t ticks) {
    append(out, {static_cast<uint8_t>(marker << 4 | (ticks >> 30 & 7) << 1 | 1), static_cast<uint8_t>(ticks >> 22),
                 static_cast<uint8_t>((ticks >> 15 & 0x7F) << 1 | 1), static_cast<uint8_t>(ticks >> 7),
                 static_cast<uint8_t>((ticks & 0x7F) << 1 | 1)});
  }

  /** bounded: with PES_packet_length, as for sound; otherwise 0, as for video. */
  static Buffer pes(uint8_t streamId, uint64_t pts, const Buffer &data, bool bounded) {
    Buffer out = {0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5};
    timestamp(out, 2, pts);
    append(out, data);
    if (bounded) {
      const size_t length = out.size() - 6;
      out[4] = static_cast<uint8_t>(length >> 8);
      out[5] = static_cast<uint8_t>(length);
    }
    return out;
  }

  static Buffer nullPacket() {
    Buffer packet(188, 0xFF);
    packet[0] = 0x47;
    packet[1] = 0x1F;
    packet[2] = 0xFF;
    packet[3] = 0x10;
    return packet;
  }

 private:
  uint8_t counter(uint16_t pid) { return counters_[pid]++ & 0xF; }
  uint8_t counters_[8192] = {};
};

// A real SPS and PPS (x264, 640 × 360, High 2.2, 15 fps); slices are made up: the demuxer does not decode.
inline const Buffer kSps = {0,    0,    0,    1,    0x67, 0x64, 0x00, 0x16, 0xac, 0xb4, 0x05, 0x01, 0x7f, 0xcb, 0x80,
                            0x88, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x00, 0xf4, 0x78, 0xb1, 0x75};
inline const Buffer kPps = {0, 0, 0, 1, 0x68, 0xef, 0x0f, 0xcb};
inline const Buffer kDelimiter = {0, 0, 0, 1, 0x09, 0xF0};

/** An H.264 access unit of about `bytes`: delimiter, parameter sets when asked, one slice. */
inline Buffer accessUnit(bool key, size_t bytes, bool parameterSets = true, uint8_t fill = 0x55) {
  Buffer unit = kDelimiter;
  if (key && parameterSets) {
    append(unit, kSps);
    append(unit, kPps);
  }
  append(unit, {0, 0, 0, 1, static_cast<uint8_t>(key ? 0x65 : 0x41), 0x88});
  unit.resize(unit.size() + bytes, fill);
  return unit;
}

constexpr uint16_t kVideoPid = 0x100, kAudioPid = 0x101, kDataPid = 0x102, kPmtPid = 0x1000;

/** PAT and PMT of one programme with H.264 alone. */
inline Buffer videoTables(TsWriter &ts) {
  Buffer out = ts.pat({{1, kPmtPid}});
  append(out, ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}}));
  return out;
}

/** count frames of 25 fps, a key frame every ten, beginning at pts. */
inline Buffer videoFrames(TsWriter &ts, int count, uint64_t pts, size_t bytes = 700) {
  Buffer out;
  for (int i = 0; i < count; i++) {
    append(out, ts.packets(kVideoPid, TsWriter::pes(0xE0, (pts + static_cast<uint64_t>(i) * 3600) & 0x1FFFFFFFF,
                                                    accessUnit(i % 10 == 0, bytes + static_cast<size_t>(i)), false)));
  }
  return out;
}

}  // namespace lanthorn::media::test
