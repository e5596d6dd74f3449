#include "pipeline/ring_description.h"

#include <cstdlib>
#include <string>
#include <utility>

namespace lanthorn::media {
namespace {

// A reader of just enough JSON (RFC 8259) to walk a description: skips what it does not look for. Depth is bounded.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }

  template <class OnMember>
  void object(OnMember &&onMember) {
    if (!take('{')) return fail();
    if (take('}')) return;
    do {
      const std::string key = string();
      if (!take(':')) return fail();
      onMember(key);
    } while (ok_ && take(','));
    if (!take('}')) fail();
  }

  template <class OnItem>
  void array(OnItem &&onItem) {
    if (!take('[')) return fail();
    if (take(']')) return;
    do {
      onItem();
    } while (ok_ && take(','));
    if (!take(']')) fail();
  }

  std::string string() {
    std::string out;
    if (!take('"')) {
      fail();
      return out;
    }
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') ++at_;  // escapes only matter for finding the end: no value we look for has one
      if (at_ < text_.size()) out += text_[at_++];
    }
    if (!take('"')) fail();
    return out;
  }

  double number() {
    space();
    const std::string digits(text_.substr(at_, 32));
    char *end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    if (end == digits.c_str()) fail();
    at_ += static_cast<size_t>(end - digits.c_str());
    return value;
  }

  void skip(int depth = 0) {
    space();
    if (at_ >= text_.size() || depth > 16) return fail();
    switch (text_[at_]) {
      case '{':
        return object([&](const std::string &) { skip(depth + 1); });
      case '[':
        return array([&] { skip(depth + 1); });
      case '"':
        string();
        return;
      case 't':
      case 'n':
        at_ += 4;
        return;
      case 'f':
        at_ += 5;
        return;
      default:
        number();
    }
  }

 private:
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool take(char c) {
    space();
    if (!ok_ || at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void fail() { ok_ = false; }

  std::string_view text_;
  size_t at_ = 0;
  bool ok_ = true;
};

struct DescribedStream {
  uint32_t index = 0, sampleRateHz = 0, channels = 0;
  std::string type, codec, extradata;
};

uint32_t whole(double value) { return value >= 0 && value <= UINT32_MAX ? static_cast<uint32_t>(value) : 0; }

// Every stream of a description; none when the text is not one.
std::vector<DescribedStream> streamsOf(std::string_view json) {
  std::vector<DescribedStream> streams;
  JsonWalker walker(json);
  walker.object([&](const std::string &key) {
    if (key != "streams") return walker.skip();
    walker.array([&] {
      DescribedStream stream;
      walker.object([&](const std::string &name) {
        if (name == "index") {
          stream.index = whole(walker.number());
        } else if (name == "sampleRateHz") {
          stream.sampleRateHz = whole(walker.number());
        } else if (name == "channels") {
          stream.channels = whole(walker.number());
        } else if (name == "type") {
          stream.type = walker.string();
        } else if (name == "codec") {
          stream.codec = walker.string();
        } else if (name == "extradata") {
          stream.extradata = walker.string();
        } else {
          walker.skip();
        }
      });
      streams.push_back(std::move(stream));
    });
  });
  if (!walker.ok()) streams.clear();
  return streams;
}

// RFC 4648; nothing when a character is none of it.
std::optional<std::vector<uint8_t>> fromBase64(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<uint8_t> bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    group = (group << 6) | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<uint8_t>(group >> bits));
    }
  }
  return bytes;
}

}  // namespace

std::optional<DescribedVideo> videoOfDescription(std::string_view json) {
  for (const DescribedStream &stream : streamsOf(json)) {
    if (stream.type != "video" || (stream.codec != "h264" && stream.codec != "hevc")) continue;
    return DescribedVideo{stream.index, stream.codec == "h264" ? VideoCodec::h264 : VideoCodec::hevc};
  }
  return std::nullopt;
}

std::optional<DescribedSound> soundOfDescription(std::string_view json) {
  for (const DescribedStream &stream : streamsOf(json)) {
    if (stream.type != "audio" || (stream.codec != "aac" && stream.codec != "opus")) continue;
    std::optional<std::vector<uint8_t>> extradata = fromBase64(stream.extradata);
    if (!extradata || stream.sampleRateHz == 0 || stream.channels == 0) continue;
    const AudioCodec codec = stream.codec == "aac" ? AudioCodec::aac : AudioCodec::opus;
    return DescribedSound{stream.index, codec, stream.sampleRateHz, stream.channels, std::move(*extradata)};
  }
  return std::nullopt;
}

std::vector<uint32_t> klvOfDescription(std::string_view json) {
  std::vector<uint32_t> indexes;
  for (const DescribedStream &stream : streamsOf(json)) {
    if (stream.type == "data" && stream.codec == "klv") indexes.push_back(stream.index);
  }
  return indexes;
}

}  // namespace lanthorn::media
