// Push-style MPEG-TS demuxer: bytes in, units to a PacketPublisher. No thread, bounded memory, survives any bytes.
// Rules and reasons: docs/design/media.md#demultiplexing. Not thread-safe: the handle in c_api.cpp locks.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <vector>

#include "bitstream/adts.h"
#include "pipeline/packet_publisher.h"
#include "pipeline/time_line.h"
#include "ts/pes.h"
#include "ts/psi.h"
#include "ts/ts_framer.h"

namespace lanthorn::media {

class TsDemuxer {
 public:
  explicit TsDemuxer(PacketPublisher &publisher) : publisher_(publisher) { pidTable_.fill(kNobody); }

  void push(Bytes bytes, int64_t arrivalMonoNs);
  void flush();
  void discontinuity();
  void addStatistics(ltn_demux_statistics_t &out) const;

 private:
  struct Stream {
    Stream(const PmtStream &pmt, uint32_t index, size_t maxBytes) : pmt(pmt), index(index), pes(maxBytes) {}
    PmtStream pmt;
    uint32_t index;
    PesAssembler pes;
    AdtsFramer adts;
    int continuity = -1;
    int64_t nextPts90k = LTN_NO_PTS;  // of sound: where the last frame ended
    int64_t lastPts90k = LTN_NO_PTS;
    int64_t lastDts90k = LTN_NO_PTS;
  };
  struct Programme {
    PatEntry entry;
    SectionAssembler sections;
    bool seen = false;
  };

  static constexpr uint8_t kNobody = 0xFF, kPat = 0xFE,
                           kPmtBase = 0x80;  // pidTable_: below kPmtBase an index into streams_
  static constexpr size_t kMaxProgrammes = 32;
  static constexpr size_t kMaxStreams = 16;
  static constexpr uint64_t kPatPatiencePackets = 1000;  // without a PAT for so long, any whole PMT is believed

  void packet(const uint8_t *bytes);
  void patPayload(const TsPacket &packet);
  void takePat(Bytes section);
  void pmtPayload(size_t programme, const TsPacket &packet);
  void takePmt(const Pmt &pmt);
  void lookForPmt(const TsPacket &packet);
  void select(const Pmt &pmt);
  void streamPayload(Stream &stream, const TsPacket &packet);
  void unit(Stream &stream, const PesPacket &pes);
  void videoUnit(Stream &stream, const PesPacket &pes, VideoCodec codec);
  void aacUnit(Stream &stream, const PesPacket &pes);
  void opusUnit(Stream &stream, const PesPacket &pes);
  void rebuildPidTable();

  PacketPublisher &publisher_;
  TsFramer framer_;
  TimeLine timeLine_;
  std::array<uint8_t, 8192> pidTable_;
  SectionAssembler patSections_;
  std::vector<Programme> programmes_;
  std::vector<std::unique_ptr<Stream>> streams_;
  int selectedProgramme_ = -1;   // programme number
  std::optional<Pmt> fallback_;  // the first programme with anything, when none has video
  bool selectedHasVideo_ = false;
  bool patSeen_ = false;
  int64_t arrivalMonoNs_ = 0;
  uint64_t bytes_ = 0, packets_ = 0, continuityErrors_ = 0, transportErrors_ = 0, sectionErrors_ = 0, dropped_ = 0;
  uint64_t retiredSplits_ = 0, retiredDrops_ = 0;
};

}  // namespace lanthorn::media
