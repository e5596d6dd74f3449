/**
 * lanthorn/media.h: streams in, packet rings; packet rings in, frame rings; packets in, fragmented MP4; frames in, RGB
 * and JPEG.
 *
 * Why it is built this way: docs/design/media.md. Errors: every function that can fail returns ltn_status_e (rings.h);
 * ltn_media_last_error() says in words what was expected, what came and what to do next. No exception crosses this
 * line. Threads: a handle belongs to one thread at a time unless its comment says otherwise. All times are
 * CLOCK_MONOTONIC nanoseconds unless the name says wall.
 */
#ifndef LANTHORN_MEDIA_H
#define LANTHORN_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "lanthorn/byte_sink.h"
#include "lanthorn/rings.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Words for the last failure on this thread; valid until the next call on this thread. Never NULL. */
const char *ltn_media_last_error(void);

enum { LTN_MEDIA_TEXT_BYTES = 256, LTN_MEDIA_NAME_BYTES = 32 };

/** What a demuxer or source has seen since it was opened. */
typedef struct {
  uint64_t bytes;         /* taken in */
  uint64_t packets;       /* transport packets (TS) or container packets */
  uint64_t records;       /* written to the packet ring */
  uint64_t video_packets; /* access units written */
  uint64_t audio_packets; /* audio frames written */
  uint64_t data_packets;  /* private data units written */
  uint64_t key_frames;
  uint64_t continuity_errors; /* gaps in the continuity counters of followed streams */
  uint64_t transport_errors;  /* packets the sender's side marked as damaged, or scrambled: not used */
  uint64_t discarded_bytes;   /* skipped while looking for the sync byte */
  uint64_t sync_losses;
  uint64_t section_errors;  /* PAT/PMT sections with a wrong checksum or impossible lengths */
  uint64_t dropped_units;   /* units thrown away: too large, no parameters yet, or not decodable as what they claim */
  uint64_t split_units;     /* units emitted early by the stuffing rule although more followed */
  uint64_t discontinuities; /* restarts of the time line */
  uint64_t description_version;
  int64_t last_arrival_mono_ns; /* 0 before the first byte */
  int64_t last_video_arrival_mono_ns;
  uint32_t width_px;
  uint32_t height_px;
  double fps;                       /* measured over the last access units; 0 when unknown */
  char codec[LTN_MEDIA_NAME_BYTES]; /* FFmpeg's name of the video codec; empty before it is known */
  char audio_codec[LTN_MEDIA_NAME_BYTES];
  char state[LTN_MEDIA_NAME_BYTES];      /* waiting | probing | running | reconnecting | ended | closed */
  char last_error[LTN_MEDIA_TEXT_BYTES]; /* in words; empty when there was none */
  uint64_t errors;
  uint64_t reconnects; /* sources only */
  /* The packet ring: what it can hold; appended so far, heads and padding included; where its oldest record lies. */
  uint64_t ring_bytes;
  uint64_t ring_head_bytes;
  uint64_t ring_tail_bytes;
} ltn_demux_statistics_t;

/* ------------------------------------------------------------------ MPEG-TS demuxer -------------------------- */

typedef struct ltn_ts_demuxer ltn_ts_demuxer_h;

/**
 * Makes a push-style MPEG-TS demuxer that writes access units to a new packet ring of ring_bytes (0: 16 MiB; rounded up
 * to a power of two). No thread of its own. Errors: INVALID_ARGUMENT, EXISTS, NO_SPACE, PERMISSION, SYSTEM.
 */
ltn_status_e ltn_ts_demuxer_open(const char *packet_ring, const char *camera_id, uint64_t ring_bytes,
                                 ltn_ts_demuxer_h **out);
/**
 * Makes the packet ring larger, as ltn_byte_writer_grow does: nothing is lost, readers go over by themselves. Takes
 * some 0.3 ms a MiB, while the demuxer goes on. One call at a time, none after close. Errors: NO_SPACE,
 * INVALID_ARGUMENT, EXISTS, PERMISSION, SYSTEM; the ring then stays as it is.
 */
ltn_status_e ltn_ts_demuxer_grow_ring(ltn_ts_demuxer_h *d, uint64_t ring_bytes);
/**
 * The demuxer's byte sink, for a transport of another addon. Thread-safe. Owner: the demuxer; whoever stores it retains
 * it; it stays callable (and does nothing) after the demuxer was closed.
 */
ltn_byte_sink_t *ltn_ts_demuxer_sink(ltn_ts_demuxer_h *d);
/** Takes bytes in stream order, as the sink does. Thread-safe. */
void ltn_ts_demuxer_push(ltn_ts_demuxer_h *d, const uint8_t *bytes, size_t count, int64_t arrival_mono_ns);
/** What follows does not continue what came before. Thread-safe. */
void ltn_ts_demuxer_discontinuity(ltn_ts_demuxer_h *d);
/** Emits units that wait for their end; for the end of a file. Thread-safe. */
void ltn_ts_demuxer_flush(ltn_ts_demuxer_h *d);
/** Thread-safe. */
void ltn_ts_demuxer_statistics(ltn_ts_demuxer_h *d, ltn_demux_statistics_t *out);
/** Closes the packet ring. NULL is allowed. */
void ltn_ts_demuxer_close(ltn_ts_demuxer_h *d);

/* ------------------------------------------------------------------ libavformat source ----------------------- */

typedef struct ltn_stream_source ltn_stream_source_h;

/**
 * Starts a thread that reads rtsp://, rtsps:// or a file through libavformat and writes a packet ring; connects and
 * reconnects by itself with a back-off of 0.5 s doubling to 10 s (60 s after a refused login). A file is read at its
 * own rate; loop != 0 starts it again at its end. ring_bytes: as ltn_ts_demuxer_open. Errors: INVALID_ARGUMENT, EXISTS,
 * NO_SPACE, PERMISSION, SYSTEM (connection faults are in the statistics, in words).
 */
ltn_status_e ltn_stream_source_open(const char *url, const char *packet_ring, const char *camera_id, int loop,
                                    uint64_t ring_bytes, ltn_stream_source_h **out);
/** As ltn_ts_demuxer_grow_ring. */
ltn_status_e ltn_stream_source_grow_ring(ltn_stream_source_h *s, uint64_t ring_bytes);
/** Thread-safe. */
void ltn_stream_source_statistics(ltn_stream_source_h *s, ltn_demux_statistics_t *out);
/** Interrupts whatever the thread waits for, joins it and closes the ring. NULL is allowed. */
void ltn_stream_source_close(ltn_stream_source_h *s);

/* ------------------------------------------------------------------ decoder ---------------------------------- */

typedef struct ltn_decoder ltn_decoder_h;

/**
 * Slots of a frame ring beyond those the codec may hold (references, reordering, the one in work): for readers to
 * lease, and at the least the one that the next picture goes into while readers look at the newest.
 */
enum { LTN_DECODER_SPARE_SLOTS = 8, LTN_DECODER_LEAST_SPARE_SLOTS = 1 };

typedef enum {
  LTN_DEMAND_NONE = 0, /* decode nothing */
  LTN_DEMAND_KEY = 1,  /* key frames only */
  LTN_DEMAND_ALL = 2
} ltn_demand_e;

typedef struct {
  uint64_t packets; /* video records taken from the packet ring and dealt with */
  uint64_t frames_decoded;
  uint64_t frames_published;
  uint64_t frames_skipped; /* packets not decoded, or frames not published, by demand or maximum rate */
  uint64_t frames_busy;    /* frames not published because every slot was leased */
  uint64_t records_lost;   /* records overwritten before they were read */
  uint64_t errors;         /* packets libavcodec refused or frames it marked corrupt */
  uint64_t attachments;    /* times the packet ring was opened */
  uint64_t turns;          /* of the thread's loop, several a second whatever it does: stands still only if it hangs */
  int64_t last_publish_mono_ns; /* 0 before the first */
  double fps;                   /* published frames a second, over the last frames */
  uint32_t width_px;
  uint32_t height_px;
  uint32_t slots;
  uint32_t readers; /* readers of the frame ring that ask for frames now */
  char codec[LTN_MEDIA_NAME_BYTES];
  char pixel_format[LTN_NAME_BYTES];
  char state[LTN_MEDIA_NAME_BYTES]; /* waiting (no packet ring) | starting (no key frame yet) | decoding | paused |
                                       closed */
  char last_error[LTN_MEDIA_TEXT_BYTES];
} ltn_decoder_statistics_t;

/**
 * Starts a thread that decodes the video stream of a packet ring straight into the slots of a frame ring. It attaches
 * and reattaches to the packet ring by itself; the frame ring appears with the first key frame and again at every
 * change of size. threads: slice threads of libavcodec, 1..16. Demand starts as ALL. Errors: INVALID_ARGUMENT, SYSTEM.
 */
ltn_status_e ltn_decoder_open(const char *packet_ring, const char *frame_ring, uint32_t threads, ltn_decoder_h **out);
/** Thread-safe. demand: one of ltn_demand_e. max_fps: frames published a second at most; 0 means all. Errors:
 * INVALID_ARGUMENT. */
ltn_status_e ltn_decoder_set_demand(ltn_decoder_h *d, uint32_t demand, double max_fps);
/** Thread-safe. */
void ltn_decoder_statistics(ltn_decoder_h *d, ltn_decoder_statistics_t *out);
/** Joins the thread and closes the frame ring. NULL is allowed. */
void ltn_decoder_close(ltn_decoder_h *d);

/* ------------------------------------------------------------------ sensors ---------------------------------- */

typedef struct ltn_sensor_decoder ltn_sensor_decoder_h;

typedef struct {
  uint64_t sound_packets;        /* taken from the packet ring */
  uint64_t sound_records;        /* written to the ring of sound */
  uint64_t sound_samples;        /* of each channel */
  uint64_t sound_gaps;           /* places where samples are missing or the time line began anew */
  uint64_t sound_errors;         /* packets that libavcodec refused */
  uint64_t imu_units;            /* units of IMU samples in private data */
  uint64_t imu_samples;          /* written to the IMU ring */
  uint64_t imu_units_rejected;   /* cut off, impossible, without a time, or not after the one before */
  uint64_t imu_samples_dropped;  /* unknown sensor, impossible time, not finite, or not after the one before */
  uint64_t records_lost;         /* records overwritten before they were read */
  uint64_t errors;               /* faults of rings */
  uint64_t attachments;          /* times the packet ring was opened */
  uint64_t turns;                /* of the thread's loop: stands still only if it hangs */
  uint32_t sound_sample_rate_hz; /* 0 before the first sound */
  uint32_t sound_channels;
  uint32_t imu_sample_rate_hz; /* as the camera says; 0 before the first sample */
  uint32_t reserved;
  char
      state[LTN_MEDIA_NAME_BYTES]; /* waiting (no packet ring) | idle (neither sound nor sensors) | decoding | closed */
  char last_error[LTN_MEDIA_TEXT_BYTES];
} ltn_sensor_statistics_t;

/**
 * Starts a thread that decodes the sound of a packet ring into a ring of PCM records, and IMU samples in its private
 * data into a ring of IMU records (docs/ref/rings.md). Each ring appears with the first sample. It attaches and
 * reattaches to the packet ring by itself. Errors: INVALID_ARGUMENT, SYSTEM.
 */
ltn_status_e ltn_sensor_decoder_open(const char *camera_id, const char *packet_ring, const char *audio_ring,
                                     const char *imu_ring, ltn_sensor_decoder_h **out);
/** Thread-safe. */
void ltn_sensor_decoder_statistics(ltn_sensor_decoder_h *d, ltn_sensor_statistics_t *out);
/** Joins the thread and closes its rings. NULL is allowed. */
void ltn_sensor_decoder_close(ltn_sensor_decoder_h *d);

/* ------------------------------------------------------------------ fragmented MP4 --------------------------- */

typedef struct ltn_fmp4_muxer ltn_fmp4_muxer_h;

/** One stream as the packet ring's description tells it. */
typedef struct {
  uint32_t index;
  const char *codec; /* h264, hevc, aac, opus */
  uint32_t width_px;
  uint32_t height_px;
  uint32_t sample_rate_hz;
  uint32_t channels;
  const uint8_t *extradata; /* Annex B parameter sets, AudioSpecificConfig, OpusHead */
  size_t extradata_bytes;
} ltn_stream_t;

typedef struct {
  uint32_t stream_index;
  int64_t pts_90k;
  int64_t dts_90k;
  uint32_t duration_90k;
  int key;
  const uint8_t *payload;
  size_t payload_bytes;
} ltn_mux_packet_t;

/** Errors: INVALID_ARGUMENT (unknown codec, missing or unusable extradata). */
ltn_status_e ltn_fmp4_muxer_open(const ltn_stream_t *streams, size_t count, ltn_fmp4_muxer_h **out);
/** ftyp + moov. Owner: the muxer, valid until close. */
ltn_status_e ltn_fmp4_muxer_init_segment(ltn_fmp4_muxer_h *m, const uint8_t **bytes, size_t *count);
/**
 * One moof + mdat of these packets (dts rising per stream; at least one). Times are written as given: the caller
 * subtracts the start. Owner: the muxer, valid until the next call. Errors: INVALID_ARGUMENT, CORRUPT.
 */
ltn_status_e ltn_fmp4_muxer_fragment(ltn_fmp4_muxer_h *m, const ltn_mux_packet_t *packets, size_t count,
                                     const uint8_t **bytes, size_t *bytes_count);
void ltn_fmp4_muxer_close(ltn_fmp4_muxer_h *m);

/* ------------------------------------------------------------------ pictures --------------------------------- */

/** A rectangle in pixels of the frame; width_px 0 means the whole frame. */
typedef struct {
  uint32_t x_px, y_px, width_px, height_px;
} ltn_region_t;

/** Scales (stretches) a region of a frame to width × height and writes RGB, 3 bytes a pixel, rows without gaps. */
ltn_status_e ltn_frame_to_rgb(const ltn_frame_t *frame, const uint8_t *bytes, size_t bytes_count, ltn_region_t region,
                              uint32_t width_px, uint32_t height_px, uint8_t *rgb, size_t rgb_bytes);
/** Encodes a region of a frame as JPEG. max_width_px 0: as it is. Owner of *jpeg: the caller, freed with ltn_jpeg_free.
 */
ltn_status_e ltn_encode_jpeg(const ltn_frame_t *frame, const uint8_t *bytes, size_t bytes_count, ltn_region_t region,
                             uint32_t max_width_px, uint32_t quality_pct, uint8_t **jpeg, size_t *jpeg_bytes);
void ltn_jpeg_free(uint8_t *jpeg);

#ifdef __cplusplus
}
#endif
#endif
