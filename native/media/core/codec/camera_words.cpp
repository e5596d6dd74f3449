#include "codec/camera_words.h"

#include "codec/av_error.h"

extern "C" {
#include <libavutil/error.h>
}

namespace lanthorn::media {

MediaError openFailure(int code, const std::string &log) {
  switch (code) {
    case AVERROR_HTTP_UNAUTHORIZED:
      return {LTN_E_PERMISSION, "the camera refuses the user name or the password (401): enter both again"};
    case AVERROR_HTTP_FORBIDDEN:
      return {LTN_E_PERMISSION, "the camera does not let this user see the stream (403): allow it in the camera"};
    case AVERROR_HTTP_NOT_FOUND:
      return {LTN_E_NOT_FOUND, "the camera has no stream at this path (404): correct the address"};
    case AVERROR(ECONNREFUSED):
      return {LTN_E_NOT_FOUND, "camera does not answer: nothing listens at this address and port"};
    case AVERROR_EXIT:  // our own deadline, by the interrupt callback
    case AVERROR(ETIMEDOUT):
      return {LTN_E_NOT_FOUND, "camera does not answer within 10 s"};
    case AVERROR(EIO):  // libavformat/tcp.c returns it for a name that getaddrinfo does not know
      if (log.find("Failed to resolve hostname") != std::string::npos)
        return {LTN_E_NOT_FOUND, "camera does not answer: nobody knows a machine of this name"};
      break;
    default:
      break;
  }
  return {LTN_E_NOT_FOUND, avErrorText("camera does not answer", code)};
}

}  // namespace lanthorn::media
