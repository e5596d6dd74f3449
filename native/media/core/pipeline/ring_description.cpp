#include "pipeline/ring_description.h"

#include <cstdlib>
#include <string>

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

}  // namespace

std::optional<DescribedVideo> videoOfDescription(std::string_view json) {
  std::optional<DescribedVideo> found;
  JsonWalker walker(json);
  walker.object([&](const std::string &key) {
    if (key != "streams") return walker.skip();
    walker.array([&] {
      DescribedVideo stream;
      std::string type, codec;
      walker.object([&](const std::string &name) {
        if (name == "index") {
          stream.index = static_cast<uint32_t>(walker.number());
        } else if (name == "type") {
          type = walker.string();
        } else if (name == "codec") {
          codec = walker.string();
        } else {
          walker.skip();
        }
      });
      if (found || type != "video" || (codec != "h264" && codec != "hevc")) return;
      stream.codec = codec == "h264" ? VideoCodec::h264 : VideoCodec::hevc;
      found = stream;
    });
  });
  return walker.ok() ? found : std::nullopt;
}

}  // namespace lanthorn::media
