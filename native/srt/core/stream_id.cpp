#include "stream_id.hpp"

#include <srt/access_control.h>

#include <utility>

namespace lanthorn::srt {
namespace {

constexpr std::string_view kPrefix = "#!::";
// ffmpeg 5.1 sends what stands in the URL as it stands: one that was written for a URL arrives with its %23.
constexpr std::string_view kEscapedPrefix = "%23!::";
constexpr size_t kShownBytes = 128;

StreamRequest reject(int code, const char *reason) { return {.reject_code = code, .reason = reason, .camera_id = {}}; }

/** Cuts the text up to the separator off the front of rest. */
std::string_view take_until(std::string_view &rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return taken;
}

}  // namespace

StreamRequest parse_stream_id(std::string_view stream_id) {
  if (stream_id.empty()) {
    return reject(SRT_REJX_BAD_REQUEST, "no stream id; set the one shown with the camera's passphrase");
  }
  const std::string_view prefix = stream_id.starts_with(kEscapedPrefix) ? kEscapedPrefix : kPrefix;
  if (!stream_id.starts_with(prefix)) {
    return {.reject_code = 0, .reason = "", .camera_id = std::string(stream_id)};
  }
  std::string_view rest = stream_id.substr(prefix.size());
  std::string_view user;
  std::string_view resource;
  std::string_view mode = "request";  // the syntax's own default
  std::string_view type = "stream";
  while (!rest.empty()) {
    std::string_view value = take_until(rest, ',');
    const size_t equals = value.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return reject(SRT_REJX_BAD_REQUEST, "the stream id is not a list of key=value");
    }
    const std::string_view key = take_until(value, '=');
    if (key == "u") {
      user = value;
    } else if (key == "r") {
      resource = value;
    } else if (key == "m") {
      mode = value;
    } else if (key == "t") {
      type = value;
    }  // others (h, s, and vendors' own) say nothing that we need
  }
  if (type != "stream") {
    return reject(SRT_REJX_NOTSUP_MEDIA, "the stream id asks for another type than t=stream");
  }
  if (mode != "publish" && mode != "bidirectional") {
    return reject(SRT_REJX_BAD_MODE, "the stream id must say m=publish; nothing can be fetched here");
  }
  const std::string_view resource_camera = resource.substr(0, resource.find('/'));
  if (!user.empty() && !resource_camera.empty() && user != resource_camera) {
    return reject(SRT_REJX_FORBIDDEN, "the stream id names one camera as user and another as resource");
  }
  const std::string_view camera = user.empty() ? resource_camera : user;
  if (camera.empty()) {
    return reject(SRT_REJX_BAD_REQUEST, "the stream id names no camera (u= or r=)");
  }
  std::string row(camera);
  if (resource.size() > resource_camera.size() && resource.substr(resource_camera.size()) == kSubStream) {
    row += kSubStream;
  }
  return {.reject_code = 0, .reason = "", .camera_id = std::move(row)};
}

bool asks_for_sub_stream(std::string_view stream_id) {
  // "<its stream id>/sub", or r=…/sub followed by other keys; what else stands there does not matter on such a port.
  return stream_id.ends_with(kSubStream) || parse_stream_id(stream_id).camera_id.ends_with(kSubStream);
}

std::string_view camera_of(std::string_view row_id) {
  return row_id.ends_with(kSubStream) ? row_id.substr(0, row_id.size() - kSubStream.size()) : row_id;
}

std::string printable_stream_id(std::string_view stream_id) {
  std::string shown(stream_id.substr(0, kShownBytes));
  for (char &c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      c = '?';
    }
  }
  if (stream_id.size() > kShownBytes) {
    shown += "...";
  }
  return shown;
}

}  // namespace lanthorn::srt
