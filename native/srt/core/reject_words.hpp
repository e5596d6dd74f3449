#pragma once

namespace lanthorn::srt {

/** Says in words why a handshake failed; `by_us`: whether we refused it (listener) or were refused (caller). */
const char *reject_words(int code, bool by_us);

}  // namespace lanthorn::srt
