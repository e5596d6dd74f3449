#include "pipeline/description.h"

#include <cstdio>

namespace lanthorn::media {
namespace {

std::string base64(Bytes bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const uint32_t group =
        (uint32_t{bytes[i]} << 16) | (left > 1 ? uint32_t{bytes[i + 1]} << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    text += kAlphabet[group >> 18];
    text += kAlphabet[(group >> 12) & 63];
    text += left > 1 ? kAlphabet[(group >> 6) & 63] : '=';
    text += left > 2 ? kAlphabet[group & 63] : '=';
  }
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace

// Camera ids are slugs and codec strings come from our own formatting, but a caller may hand in anything.
std::string jsonText(const std::string &text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string describeStreams(const std::string &cameraId, const std::vector<DescribedStream> &streams) {
  std::string json = "{\"camera\":" + jsonText(cameraId) + ",\"streams\":[";
  bool first = true;
  for (const DescribedStream &s : streams) {
    if (!first) json += ',';
    first = false;
    json += "{\"index\":" + std::to_string(s.index);
    if (s.video != nullptr) {
      const Sps &sps = s.video->sps();
      json += ",\"type\":\"video\",\"codec\":" + jsonText(codecName(s.video->codec()));
      json += ",\"widthPx\":" + std::to_string(sps.widthPx) + ",\"heightPx\":" + std::to_string(sps.heightPx);
      json +=
          ",\"extradata\":" + jsonText(base64(s.video->extradata())) + ",\"codecString\":" + jsonText(sps.codecString);
      if (sps.fps > 0) json += ",\"fps\":" + number(sps.fps);
    } else if (s.audio != nullptr) {
      json += ",\"type\":\"audio\",\"codec\":" + jsonText(codecName(s.audio->codec));
      json += ",\"sampleRateHz\":" + std::to_string(s.audio->sampleRateHz) +
              ",\"channels\":" + std::to_string(s.audio->channels);
      json += ",\"extradata\":" + jsonText(base64(s.audio->extradata)) +
              ",\"codecString\":" + jsonText(s.audio->codecString);
    } else {
      json += ",\"type\":\"data\",\"codec\":" + jsonText(s.data);
    }
    json += '}';
  }
  return json + "]}";
}

}  // namespace lanthorn::media
