/**
 * lanthorn/byte_sink.h: how one addon hands received bytes to another without passing through JavaScript.
 *
 * native/media makes a sink (its demuxer), JavaScript carries it as an opaque N-API External, native/srt calls it from
 * libsrt's receiving thread. Owner: reference counted; whoever stores the pointer retains it.
 */
#ifndef LANTHORN_BYTE_SINK_H
#define LANTHORN_BYTE_SINK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ltn_byte_sink {
  void *context;
  /** Takes bytes in stream order; never blocks longer than a copy. arrival_mono_ns: CLOCK_MONOTONIC, nanoseconds. */
  void (*push)(void *context, const uint8_t *bytes, size_t count, int64_t arrival_mono_ns);
  /** The transport lost or restarted: what follows does not continue what came before. */
  void (*discontinuity)(void *context);
  void (*retain)(void *context);
  void (*release)(void *context);
} ltn_byte_sink_t;

/**
 * Type tag of the N-API External that carries an ltn_byte_sink_t * between addons: napi_type_tag{LOWER, UPPER}. The
 * giver tags, the taker checks, so that JavaScript cannot pass any other External. Random, made once.
 */
#define LTN_BYTE_SINK_TAG_LOWER UINT64_C(0x5f1c9a0e7b3d4826)
#define LTN_BYTE_SINK_TAG_UPPER UINT64_C(0x8e27d1b64c90fa53)

#ifdef __cplusplus
}
#endif
#endif
