#pragma once

#include <string>
#include <string_view>

namespace lanthorn::srt {

/** What a caller's stream id asks for. */
struct StreamRequest {
  int reject_code = 0;      // 0 when the request is understood, else a code of srt/access_control.h
  const char *reason = "";  // words for the code
  std::string camera_id{};  // from u= or r=, or the bare id; empty when neither is there
};

/**
 * Reads a stream id: `#!::u=porch,r=porch/main,m=publish` or a bare id.
 * Source: access control in the documentation of Haivision/srt.
 */
StreamRequest parse_stream_id(std::string_view stream_id);

/** The id as it may be shown: at most 128 bytes, control characters replaced. */
std::string printable_stream_id(std::string_view stream_id);

}  // namespace lanthorn::srt
