#include "reject_words.hpp"

#include <srt/access_control.h>
#include <srt/srt.h>

namespace lanthorn::srt {

const char *reject_words(int code, bool by_us) {
  switch (code) {
    case SRT_REJ_BADSECRET:
      return "wrong passphrase";
    case SRT_REJ_UNSECURE:
      return by_us ? "the stream is not encrypted; set the camera's passphrase"
                   : "one side encrypts and the other does not";
    case SRT_REJ_TIMEOUT:
      return "no answer";
    case SRT_REJ_VERSION:
      return "the SRT version is too old";
    case SRT_REJ_ROGUE:
      return "the handshake is malformed";
    case SRT_REJ_BACKLOG:
    case SRT_REJ_RESOURCE:
    case SRT_REJX_OVERLOAD:
      return "too many callers at once";
    case SRT_REJ_MESSAGEAPI:
    case SRT_REJ_CONGESTION:
      return "the stream is not in live mode";
    case SRT_REJ_FILTER:
      return "the packet filters (FEC) do not fit";
    case SRT_REJ_CLOSE:
      return "the listener is closing";
    case SRT_REJX_BAD_REQUEST:
      return "the camera did not understand the stream id";
    case SRT_REJX_UNAUTHORIZED:
      return "not authorised";
    case SRT_REJX_FORBIDDEN:
      return "access is not allowed";
    case SRT_REJX_NOTFOUND:
      return "the stream id is unknown there";
    case SRT_REJX_CONFLICT:
      return "someone else is connected already";
    default:
      return by_us ? "wrong or missing passphrase, or a broken handshake" : "the camera refused the connection";
  }
}

}  // namespace lanthorn::srt
