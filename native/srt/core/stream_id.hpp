#pragma once

#include <string>
#include <string_view>

namespace lanthorn::srt {

/** What a caller's stream id asks for. */
struct StreamRequest {
  int reject_code = 0;      // 0 when the request is understood, else a code of srt/access_control.h
  const char *reason = "";  // words for the code
  std::string camera_id{};  // from u= or r=, or the bare id; empty when neither is there. Ends with kSubStream
                            // when the sub-stream was asked for
};

/** What follows a camera's id where its sub-stream (small picture) is meant: each stream is a row of the table. */
inline constexpr std::string_view kSubStream = "/sub";

/**
 * Reads a stream id: `#!::u=porch,r=porch/main,m=publish` or a bare id; `r=porch/sub` and `porch/sub` are the
 * sub-stream.
 * Source: access control in the documentation of Haivision/srt.
 */
StreamRequest parse_stream_id(std::string_view stream_id);

/** Whether a stream id asks for the sub-stream of whichever camera it names: for ports where the port names the camera.
 */
bool asks_for_sub_stream(std::string_view stream_id);

/** The camera of a row: its id without kSubStream. */
std::string_view camera_of(std::string_view row_id);

/** The id as it may be shown: at most 128 bytes, control characters replaced. */
std::string printable_stream_id(std::string_view stream_id);

}  // namespace lanthorn::srt
