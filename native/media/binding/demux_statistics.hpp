/** ltn_demux_statistics_t → JS object, for the demuxer and the source alike. */
#pragma once

#include "convert.hpp"

namespace lanthorn::binding {

inline Napi::Object demux_statistics(Napi::Env env, const ltn_demux_statistics_t &s) {
  Napi::Object out = Napi::Object::New(env);
  set_text(out, "state", s.state);
  set_text(out, "codec", s.codec);
  set_text(out, "audioCodec", s.audio_codec);
  set_count(out, "widthPx", s.width_px);
  set_count(out, "heightPx", s.height_px);
  out.Set("fps", Napi::Number::New(env, s.fps));
  set_count(out, "bytes", s.bytes);
  set_count(out, "packets", s.packets);
  set_count(out, "records", s.records);
  set_count(out, "videoPackets", s.video_packets);
  set_count(out, "audioPackets", s.audio_packets);
  set_count(out, "dataPackets", s.data_packets);
  set_count(out, "keyFrames", s.key_frames);
  set_count(out, "continuityErrors", s.continuity_errors);
  set_count(out, "transportErrors", s.transport_errors);
  set_count(out, "discardedBytes", s.discarded_bytes);
  set_count(out, "syncLosses", s.sync_losses);
  set_count(out, "sectionErrors", s.section_errors);
  set_count(out, "droppedUnits", s.dropped_units);
  set_count(out, "splitUnits", s.split_units);
  set_count(out, "discontinuities", s.discontinuities);
  set_count(out, "descriptionVersion", s.description_version);
  set_time(out, "lastArrivalMonoNs", s.last_arrival_mono_ns);
  set_time(out, "lastVideoArrivalMonoNs", s.last_video_arrival_mono_ns);
  set_count(out, "errors", s.errors);
  set_text(out, "lastError", s.last_error);
  set_count(out, "reconnects", s.reconnects);
  set_count(out, "ringBytes", s.ring_bytes);
  set_count(out, "ringHeadBytes", s.ring_head_bytes);
  set_count(out, "ringTailBytes", s.ring_tail_bytes);
  return out;
}

}  // namespace lanthorn::binding
