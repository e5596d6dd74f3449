#pragma once

namespace lanthorn::srt {

/** Nice value of libsrt's receiving threads once they are favoured. */
inline constexpr int kReceiveNice = -10;

/**
 * Lets libsrt's receiving threads (one a UDP port) run before others, where the process may (RLIMIT_NICE or
 * CAP_SYS_NICE); true when one does. Such a thread competes with a hundred that wake all the time, those that hand over
 * packets in time among them; each time it waits its turn the UDP buffer fills. Measured:
 * docs/design/ingest.md#what-limits.
 */
bool favour_receive_threads();

}  // namespace lanthorn::srt
