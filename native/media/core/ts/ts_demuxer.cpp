#include "ts/ts_demuxer.h"

#include <algorithm>

#include "bitstream/opus_ts.h"

namespace lanthorn::media {
namespace {

constexpr size_t kMaxVideoPesBytes = 6u << 20;  // under half a packet ring: the largest record it takes is 8 MiB
constexpr size_t kMaxOtherPesBytes = 256u << 10;

bool isVideo(StreamKind kind) { return kind == StreamKind::h264 || kind == StreamKind::hevc; }
bool isAudio(StreamKind kind) { return kind == StreamKind::aacAdts || kind == StreamKind::opus; }

StreamSpec specOf(const PmtStream &stream) {
  StreamSpec spec;
  if (isVideo(stream.kind)) {
    spec.type = StreamSpec::Type::video;
    spec.video = stream.kind == StreamKind::h264 ? VideoCodec::h264 : VideoCodec::hevc;
  } else if (isAudio(stream.kind)) {
    spec.type = StreamSpec::Type::audio;
  } else if (stream.kind == StreamKind::klv) {
    spec.data = "klv";
  }
  return spec;
}

}  // namespace

void TsDemuxer::push(Bytes bytes, int64_t arrivalMonoNs) {
  arrivalMonoNs_ = arrivalMonoNs;
  bytes_ += bytes.size();
  framer_.push(bytes, [this](const uint8_t *b) { packet(b); });
}

void TsDemuxer::flush() {
  framer_.flush([this](const uint8_t *b) { packet(b); });
  for (auto &s : streams_) {
    s->pes.finish([&](const PesPacket &pes) { unit(*s, pes); });
  }
}

void TsDemuxer::discontinuity() {
  framer_.reset();
  timeLine_.reset();
  patSections_.reset();
  for (Programme &p : programmes_) p.sections.reset();
  for (auto &s : streams_) {
    s->pes.reset();
    s->adts.reset();
    s->continuity = -1;
    s->nextPts90k = s->lastPts90k = s->lastDts90k = LTN_NO_PTS;
  }
  publisher_.discontinuity();
}

void TsDemuxer::packet(const uint8_t *bytes) {
  ++packets_;
  const TsPacket p = parseTsPacket(bytes);
  if (p.pid == kNullPid) return;
  if (p.damaged || p.scrambled) {
    ++transportErrors_;
    return;
  }
  const uint8_t who = pidTable_[p.pid];
  if (p.pid == 0) {
    patPayload(p);
  } else if (who < kPmtBase) {
    streamPayload(*streams_[who], p);
  } else if (who != kNobody) {
    pmtPayload(who - kPmtBase, p);
  } else if (!patSeen_ && packets_ > kPatPatiencePackets) {
    lookForPmt(p);
  }
}

void TsDemuxer::patPayload(const TsPacket &p) {
  if (!p.hasPayload) return;
  patSections_.push(p.payload, p.start, [this](Bytes section) { takePat(section); });
}

void TsDemuxer::takePat(Bytes section) {
  const std::optional<std::vector<PatEntry>> pat = parsePat(section);
  if (!pat) {
    ++sectionErrors_;
    return;
  }
  patSeen_ = true;
  const auto same = [](const Programme &a, const PatEntry &b) {
    return a.entry.programNumber == b.programNumber && a.entry.pmtPid == b.pmtPid;
  };
  const size_t count = std::min(pat->size(), kMaxProgrammes);
  if (programmes_.size() == count && std::equal(programmes_.begin(), programmes_.end(), pat->begin(), same)) return;
  programmes_.clear();
  bool stillThere = false;
  for (size_t i = 0; i < count; ++i) {
    programmes_.push_back({(*pat)[i], {}, false});
    stillThere |= (*pat)[i].programNumber == selectedProgramme_;
  }
  if (!stillThere) selectedProgramme_ = -1;  // its streams go on until another programme is chosen
  fallback_.reset();
  rebuildPidTable();
}

void TsDemuxer::pmtPayload(size_t index, const TsPacket &p) {
  if (!p.hasPayload || index >= programmes_.size()) return;
  std::vector<Pmt> found;  // selecting changes programmes_' neighbours: collect first
  programmes_[index].sections.push(p.payload, p.start, [&](Bytes section) {
    if (section[0] != 0x02) return;  // other tables may share the PID
    std::optional<Pmt> pmt = parsePmt(section);
    if (pmt) {
      found.push_back(std::move(*pmt));
    } else {
      ++sectionErrors_;
    }
  });
  for (const Pmt &pmt : found) {
    for (Programme &programme : programmes_) programme.seen |= programme.entry.programNumber == pmt.programNumber;
    takePmt(pmt);
  }
}

// The first programme with video is followed; without any, the first with sound or data once all were seen.
void TsDemuxer::takePmt(const Pmt &pmt) {
  if (selectedProgramme_ == pmt.programNumber) return select(pmt);
  if (selectedProgramme_ >= 0 && (selectedHasVideo_ || !pmt.hasVideo())) return;
  if (pmt.hasVideo()) return select(pmt);
  if (!fallback_ && pmt.hasAnything()) fallback_ = pmt;
  const bool allSeen = std::all_of(programmes_.begin(), programmes_.end(), [](const Programme &p) { return p.seen; });
  if (allSeen && fallback_) select(Pmt(*fallback_));
}

// A stream joined without its PAT (some encoders never send one): a section that checks out is proof enough.
void TsDemuxer::lookForPmt(const TsPacket &p) {
  if (!p.start || p.payload.size() < 17) return;
  const size_t pointer = p.payload[0];
  if (pointer + 4 > p.payload.size() || p.payload[1 + pointer] != 0x02) return;
  SectionAssembler sections;
  std::optional<Pmt> pmt;
  sections.push(p.payload, true, [&](Bytes section) { pmt = parsePmt(section); });
  if (!pmt || programmes_.size() >= kMaxProgrammes) return;
  programmes_.push_back({{pmt->programNumber, p.pid}, {}, true});
  rebuildPidTable();
  takePmt(*pmt);
}

void TsDemuxer::select(const Pmt &pmt) {
  std::vector<PmtStream> wanted;
  const auto take = [&](auto &&test) {
    for (const PmtStream &s : pmt.streams) {
      if (test(s.kind) && wanted.size() < kMaxStreams) wanted.push_back(s);
    }
  };
  take(isVideo);
  if (wanted.size() > 1)
    wanted.erase(wanted.begin() + 1, wanted.end());  // a camera has one picture; a second view is a camera of its own
  take(isAudio);
  take([](StreamKind kind) { return kind == StreamKind::klv || kind == StreamKind::privateData; });

  selectedProgramme_ = pmt.programNumber;
  selectedHasVideo_ = pmt.hasVideo();
  const auto same = [](const std::unique_ptr<Stream> &a, const PmtStream &b) { return a->pmt == b; };
  if (streams_.size() == wanted.size() && std::equal(streams_.begin(), streams_.end(), wanted.begin(), same)) return;

  std::vector<std::unique_ptr<Stream>> next;
  std::vector<StreamSpec> specs;
  for (uint32_t i = 0; i < wanted.size(); ++i) {
    specs.push_back(specOf(wanted[i]));
    if (i < streams_.size() && streams_[i] && streams_[i]->pmt == wanted[i]) {
      next.push_back(std::move(streams_[i]));
    } else {
      next.push_back(
          std::make_unique<Stream>(wanted[i], i, isVideo(wanted[i].kind) ? kMaxVideoPesBytes : kMaxOtherPesBytes));
    }
  }
  for (const auto &old : streams_) {
    if (!old) continue;
    retiredSplits_ += old->pes.splitUnits();
    retiredDrops_ += old->pes.dropped();
  }
  streams_ = std::move(next);
  publisher_.setStreams(specs);
  for (const auto &s : streams_) {
    if (s->pmt.kind == StreamKind::opus) publisher_.audioFormat(s->index, opusFormat(s->pmt.opusChannels));
  }
  rebuildPidTable();
}

void TsDemuxer::rebuildPidTable() {
  pidTable_.fill(kNobody);
  for (size_t i = 0; i < programmes_.size(); ++i)
    pidTable_[programmes_[i].entry.pmtPid] = static_cast<uint8_t>(kPmtBase + i);
  for (size_t i = 0; i < streams_.size(); ++i) pidTable_[streams_[i]->pmt.pid] = static_cast<uint8_t>(i);
}

void TsDemuxer::streamPayload(Stream &s, const TsPacket &p) {
  if (p.discontinuity) s.continuity = -1;
  if (!p.hasPayload) return;
  bool gap = false;
  if (s.continuity >= 0) {
    const int expected = (s.continuity + 1) & 0xF;
    if (p.continuity == s.continuity) return;  // a duplicate, allowed once (§2.4.3.3)
    gap = p.continuity != expected;
    continuityErrors_ += gap;
  }
  s.continuity = p.continuity;
  if (gap && s.pmt.kind == StreamKind::aacAdts) s.adts.reset();
  s.pes.push(p, gap, arrivalMonoNs_, [&](const PesPacket &pes) { unit(s, pes); });
}

void TsDemuxer::unit(Stream &s, const PesPacket &pes) {
  switch (s.pmt.kind) {
    case StreamKind::h264:
      return videoUnit(s, pes, VideoCodec::h264);
    case StreamKind::hevc:
      return videoUnit(s, pes, VideoCodec::hevc);
    case StreamKind::aacAdts:
      return aacUnit(s, pes);
    case StreamKind::opus:
      return opusUnit(s, pes);
    default:
      break;
  }
  UnitTimes times;
  times.arrivalMonoNs = pes.arrivalMonoNs;
  if (pes.pts33) times.pts90k = times.dts90k = timeLine_.unwrap(*pes.pts33);
  publisher_.data(s.index, pes.data, times);
}

// A PES packet usually holds one access unit; where it holds more, delimiters part them (they are mandatory in H.264
// over TS, §2.14.1) and those after the first are spaced by the last distance seen.
void TsDemuxer::videoUnit(Stream &s, const PesPacket &pes, VideoCodec codec) {
  UnitTimes times;
  times.arrivalMonoNs = pes.arrivalMonoNs;
  const int64_t step =
      s.lastDts90k != LTN_NO_PTS && s.nextPts90k != LTN_NO_PTS ? s.nextPts90k : 3600;  // 25 fps until known
  if (pes.pts33) {
    // dts first: it is the one that rises, so it is the better reference for unwrapping
    if (pes.dts33) times.dts90k = timeLine_.unwrap(*pes.dts33);
    times.pts90k = timeLine_.unwrap(*pes.pts33);
    if (!pes.dts33) times.dts90k = times.pts90k;
  } else if (s.lastDts90k != LTN_NO_PTS) {
    times.pts90k = s.lastPts90k + step;
    times.dts90k = s.lastDts90k + step;
  } else {
    ++dropped_;
    return;
  }
  if (s.lastDts90k != LTN_NO_PTS && times.dts90k > s.lastDts90k && times.dts90k - s.lastDts90k < 90'000) {
    s.nextPts90k = times.dts90k - s.lastDts90k;
  }
  size_t begin = 0;
  bool pictureBefore = false;
  const auto send = [&](size_t end) {
    publisher_.video(s.index, pes.data.subspan(begin, end - begin), times, pes.damaged);
    s.lastPts90k = times.pts90k;
    s.lastDts90k = times.dts90k;
    times.pts90k += step;
    times.dts90k += step;
    begin = end;
  };
  forEachNal(pes.data, [&](Bytes nal, size_t offset) {
    if (isDelimiter(codec, nal) && pictureBefore) {
      send(offset > begin && pes.data[offset - 1] == 0 ? offset - 1 : offset);
    }
    pictureBefore = true;
  });
  send(pes.data.size());
}

void TsDemuxer::aacUnit(Stream &s, const PesPacket &pes) {
  if (pes.damaged) s.adts.reset();
  int64_t pesPts = pes.pts33 ? timeLine_.unwrap(*pes.pts33) : LTN_NO_PTS;
  s.adts.push(pes.data, [&](const AdtsHeader &header, Bytes frame, bool startedBefore) {
    UnitTimes times;
    times.arrivalMonoNs = pes.arrivalMonoNs;
    if (!startedBefore &&
        pesPts != LTN_NO_PTS) {  // the time belongs to the first frame that starts in the packet (§2.4.3.7)
      s.nextPts90k = pesPts;
      pesPts = LTN_NO_PTS;
    }
    if (s.nextPts90k == LTN_NO_PTS) return;
    times.pts90k = s.nextPts90k;
    const uint32_t duration = (kAacSamplesPerFrame * 90'000 + header.sampleRateHz / 2) / header.sampleRateHz;
    s.nextPts90k += duration;
    publisher_.audioFormat(s.index, header.format());
    publisher_.audio(s.index, frame, times, duration);
  });
}

void TsDemuxer::opusUnit(Stream &s, const PesPacket &pes) {
  if (pes.pts33) s.nextPts90k = timeLine_.unwrap(*pes.pts33);
  const bool whole = forEachOpusPacket(pes.data, [&](Bytes packet) {
    const uint32_t duration = opusPacketSamples(packet) * 90 / 48;
    if (s.nextPts90k == LTN_NO_PTS || duration == 0) return;
    UnitTimes times;
    times.arrivalMonoNs = pes.arrivalMonoNs;
    times.pts90k = s.nextPts90k;
    s.nextPts90k += duration;
    publisher_.audio(s.index, packet, times, duration);
  });
  if (!whole) ++dropped_;
}

void TsDemuxer::addStatistics(ltn_demux_statistics_t &out) const {
  out.bytes = bytes_;
  out.packets = packets_;
  out.continuity_errors = continuityErrors_;
  out.transport_errors = transportErrors_;
  out.discarded_bytes = framer_.discardedBytes();
  out.sync_losses = framer_.syncLosses();
  out.section_errors = sectionErrors_;
  out.last_arrival_mono_ns = arrivalMonoNs_;
  out.split_units = retiredSplits_;
  out.dropped_units += dropped_ + retiredDrops_;
  for (const auto &s : streams_) {
    out.split_units += s->pes.splitUnits();
    out.dropped_units += s->pes.dropped();
  }
}

}  // namespace lanthorn::media
