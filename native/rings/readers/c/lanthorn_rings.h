/**
 * lanthorn_rings.h: reads Lanthorn's shared-memory rings. One header, C11 or C++17, nothing but the C library. Copy it
 * anywhere; all functions are static inline.
 *
 *     #include "lanthorn_rings.h"                        // before any other header, or compile with -D_GNU_SOURCE
 *
 *     ltnr_slot_reader_h *ring;                          // the newest picture, in place
 *     if (ltnr_slot_reader_open("lanthorn.street.frames", &ring) != LTNR_OK) {
 *       puts(ltnr_last_error());
 *     }
 *     uint64_t after = 0;
 *     while (ltnr_slot_reader_wait(ring, after, 5000) == LTNR_OK) {
 *       ltnr_frame_t frame;
 *       const uint8_t *bytes;
 *       ltnr_lease_t lease;
 *       if (ltnr_slot_reader_lease_newest(ring, after, &frame, &bytes, &lease) == LTNR_OK) {
 *         after = frame.sequence;                        // bytes: frame.bytes of them, until the release
 *         ltnr_lease_release(&lease);
 *       }
 *     }
 *     ltnr_slot_reader_close(ring);
 *
 * ltnr_frame_follower_… and ltnr_record_follower_… do the same across restarts of the writer. A byte ring (packets,
 * sound, samples, results) is read with ltnr_byte_reader_….
 *
 * Threads: a handle, its leases and followers belong to one thread at a time; there may be any number of handles.
 * Memory: a handle takes one anonymous page or two of its own and the ring's mapping; no malloc. Nothing is printed.
 * Errors: a status and words in ltnr_last_error(). On a failure no result is given through out-pointers,
 * unless a function says so. A writer that writes nonsense gets CORRUPT; only who truncates a ring or its leases ends
 * its readers (SIGBUS). Forking: a child shares the reader's seat with its parent; close or exec in the child.
 *
 * Bytes: docs/ref/rings.md. Why it is right: docs/design/rings.md. Only 64-bit Linux, little-endian, GCC or Clang.
 */
#ifndef LANTHORN_RINGS_READER_H
#define LANTHORN_RINGS_READER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* for F_OFD_SETLK: locks that tell who lives */
#endif

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef F_OFD_SETLK
#error "Include lanthorn_rings.h before any other header, or compile with -D_GNU_SOURCE"
#endif
#if !defined(__GNUC__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || __SIZEOF_POINTER__ != 8
#error "Rings are for 64-bit little-endian Linux, this header for GCC and Clang"
#endif

/* ================================================================== what comes back ============================= */

/** The same numbers as ltn_status_e of lanthorn/rings.h. */
typedef enum {
  LTNR_OK = 0,
  LTNR_E_INVALID_ARGUMENT = 1,
  LTNR_E_NOT_FOUND = 2, /* no ring of that name: the writer has not started */
  LTNR_E_AGAIN = 5,     /* nothing newer than what this reader has seen */
  LTNR_E_TORN = 6,      /* overwritten while it was read, again and again; nothing was returned */
  LTNR_E_GONE = 8,      /* the writer has ended or was replaced: reopen by name */
  LTNR_E_CORRUPT = 9,   /* the ring holds values that no writer of this version writes */
  LTNR_E_TIMEOUT = 10,
  LTNR_E_BUSY = 11, /* all 63 reader seats are taken: copy instead of leasing */
  LTNR_E_BUFFER_TOO_SMALL = 12,
  LTNR_E_PERMISSION = 13,
  LTNR_E_SYSTEM = 14 /* errno in the words */
} ltnr_status_e;

/** The status' name without prefix, such as "NOT_FOUND". Owner: static. */
static inline const char *ltnr_status_name(ltnr_status_e status);

/**
 * Words for the last failure of this thread in this source file: what was expected, what came, what to do next.
 * Owner: valid until the next call of this thread. Never NULL.
 */
static inline const char *ltnr_last_error(void);

enum { LTNR_MAX_PLANES = 4, LTNR_NAME_BYTES = 16, LTNR_RING_NAME_MAX_BYTES = 200, LTNR_DESCRIPTION_MAX_BYTES = 16384 };

/** One frame's description, as it lies in shared memory. Names are FFmpeg's, zero-terminated. */
typedef struct {
  uint64_t sequence;        /* 1, 2, 3 … within one incarnation of the ring */
  int64_t capture_mono_ns;  /* CLOCK_MONOTONIC, nanoseconds */
  int64_t capture_wall_us;  /* Unix time, microseconds */
  int64_t arrival_mono_ns;  /* when its last byte reached this machine; 0 when it was made here */
  int64_t publish_mono_ns;  /* when the writer published it */
  int64_t pts_90k;          /* presentation time of the source, 90 kHz, unwrapped */
  uint64_t source_sequence; /* of the record or frame it was made from; 0: none */
  uint32_t width_px;
  uint32_t height_px;
  uint32_t flags; /* LTNR_FRAME_KEY */
  uint32_t planes;
  uint32_t plane_offset_bytes[LTNR_MAX_PLANES]; /* from the first byte of the frame */
  uint32_t plane_stride_bytes[LTNR_MAX_PLANES]; /* from row to row */
  uint32_t bytes;                               /* used bytes; no plane of a known format reaches beyond */
  uint32_t reserved;
  char pixel_format[LTNR_NAME_BYTES]; /* nv12, yuv420p, rgb24, bgr24, gray, gray16le, grayf32le … */
  char color_space[LTNR_NAME_BYTES];  /* bt709, smpte170m, unknown … */
  char color_range[LTNR_NAME_BYTES];  /* tv, pc, unknown */
} ltnr_frame_t;

enum { LTNR_FRAME_KEY = 1 };

/** One record's description, as it lies in a byte ring. */
typedef struct {
  uint64_t sequence; /* 1, 2, 3 … within one incarnation */
  int64_t capture_mono_ns;
  int64_t capture_wall_us;
  int64_t arrival_mono_ns;
  int64_t pts_90k; /* unwrapped; LTNR_NO_PTS: unknown */
  int64_t dts_90k;
  uint32_t duration_90k;        /* 0: unknown */
  uint32_t type;                /* LTNR_RECORD_… */
  uint32_t flags;               /* LTNR_RECORD_KEY, LTNR_RECORD_DISCONTINUITY */
  uint32_t stream_index;        /* `index` of one of the description's streams */
  uint32_t description_version; /* of the ring's description when this was written */
  uint32_t payload_bytes;
} ltnr_record_t;

#define LTNR_NO_PTS INT64_MIN

enum {
  LTNR_RECORD_PACKET = 1,   /* one access unit or audio packet */
  LTNR_RECORD_PCM = 2,      /* interleaved samples: ltnr_byte_reader_pcm_format, ltnr_pcm_to_float … */
  LTNR_RECORD_IMU = 3,      /* ltnr_imu_sample */
  LTNR_RECORD_RESULT = 4,   /* JSON */
  LTNR_RECORD_SNAPSHOT = 5, /* u32 bytes of JSON, the JSON, then a JPEG */
  LTNR_RECORD_DATA = 6      /* private data of the stream, as it came */
};

enum { LTNR_RECORD_KEY = 1, LTNR_RECORD_DISCONTINUITY = 2 };

/* ================================================================== frames: slot rings ========================== */

typedef struct ltnr_slot_reader ltnr_slot_reader_h;

/** Where a frame looked at in place lies and what its stamp was; for ltnr_slot_reader_is_whole. */
typedef struct {
  uint64_t stamp;
  uint32_t slot;
  uint32_t reserved;
} ltnr_sight_t;

/** A frame the writer leaves alone. Owner: the caller, until ltnr_lease_release; do not copy it. */
typedef struct {
  ltnr_slot_reader_h *reader;
  ltnr_sight_t sight;
} ltnr_lease_t;

/**
 * Opens a slot ring read-only and takes a seat to lease from, if one is to be had (without:
 * ltnr_slot_reader_lease_newest says why not; copies and looks work). Owner: *out is the caller's until
 * ltnr_slot_reader_close. Errors: NOT_FOUND, CORRUPT, INVALID_ARGUMENT (no name, or a byte ring), PERMISSION, SYSTEM.
 */
static inline ltnr_status_e ltnr_slot_reader_open(const char *name, ltnr_slot_reader_h **out);
/** A number that differs between two rings made under one name. */
static inline uint64_t ltnr_slot_reader_incarnation(const ltnr_slot_reader_h *r);
/**
 * Copies what the writer says of its ring (JSON, not zero-terminated; 0 bytes before it said anything).
 * *json_bytes is set even when BUFFER_TOO_SMALL. Errors: BUFFER_TOO_SMALL, TORN, CORRUPT.
 */
static inline ltnr_status_e ltnr_slot_reader_description(ltnr_slot_reader_h *r, char *buffer, size_t capacity_bytes,
                                                         size_t *json_bytes);
/**
 * Sleeps until a frame after after_sequence is there. timeout_ms < 0: for ever. A killed writer is noticed within a
 * second. Errors: TIMEOUT, GONE.
 */
static inline ltnr_status_e ltnr_slot_reader_wait(ltnr_slot_reader_h *r, uint64_t after_sequence, int32_t timeout_ms);
/**
 * Copies the newest frame after after_sequence (0: any), whole. Errors: AGAIN; BUFFER_TOO_SMALL (*frame is set, its
 * bytes say how much); TORN; GONE; CORRUPT.
 */
static inline ltnr_status_e ltnr_slot_reader_copy_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                         ltnr_frame_t *frame, uint8_t *buffer, size_t capacity_bytes);
/**
 * Looks at the newest frame in place, without lease and without copy: the writer may overwrite it at any moment.
 * Compute from it, then ask ltnr_slot_reader_is_whole, and believe the result only if that says 1.
 * Owner: *bytes stays mapped until close. Errors: AGAIN, TORN, GONE, CORRUPT.
 */
static inline ltnr_status_e ltnr_slot_reader_peek_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                         ltnr_frame_t *frame, const uint8_t **bytes,
                                                         ltnr_sight_t *sight);
/** 1 when nothing was written to the frame since it was looked at, else 0. Ask after the last load from it. */
static inline int ltnr_slot_reader_is_whole(const ltnr_slot_reader_h *r, const ltnr_sight_t *sight);
/**
 * Leases the newest frame after after_sequence: the writer leaves it alone until ltnr_lease_release. Hold few: each is
 * a slot the writer lacks. Owner: *bytes is valid until the release, even after close and after the writer's end. On a
 * failure *bytes is NULL and *lease empty; to release it does nothing.
 * Errors: AGAIN, BUSY (63 readers sit there), PERMISSION (may read, but not lease), NOT_FOUND, TORN, GONE, CORRUPT.
 */
static inline ltnr_status_e ltnr_slot_reader_lease_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                          ltnr_frame_t *frame, const uint8_t **bytes,
                                                          ltnr_lease_t *lease);
/** 1 while the leased frame is as it was; 0 only if somebody damaged the lease object. Ask after the last load. */
static inline int ltnr_lease_is_whole(const ltnr_lease_t *lease);
/** Gives the frame back. A second call for the same lease does nothing. */
static inline void ltnr_lease_release(ltnr_lease_t *lease);
/** Ends reading. Leases stay valid until their release. NULL is allowed. */
static inline void ltnr_slot_reader_close(ltnr_slot_reader_h *r);

/* ================================================================== records: byte rings ========================= */

typedef struct ltnr_byte_reader ltnr_byte_reader_h;

/** Places to read from. */
typedef enum {
  LTNR_SEEK_OLDEST = 0,     /* the oldest whole record still in the ring */
  LTNR_SEEK_NEWEST_KEY = 1, /* the newest record with LTNR_RECORD_KEY; the end when there is none */
  LTNR_SEEK_END = 2,        /* only what comes from now on */
  LTNR_SEEK_SEQUENCE = 3    /* the record with this sequence, or the oldest after it */
} ltnr_seek_e;

/** Opens a byte ring read-only, at its oldest record. Errors and owner: as ltnr_slot_reader_open, and TORN. */
static inline ltnr_status_e ltnr_byte_reader_open(const char *name, ltnr_byte_reader_h **out);
/** A number that differs between two rings made under one name. A ring that grows stays the same ring. */
static inline uint64_t ltnr_byte_reader_incarnation(const ltnr_byte_reader_h *r);
/** As ltnr_slot_reader_description; *version (may be NULL) counts its changes, see ltnr_record_t. */
static inline ltnr_status_e ltnr_byte_reader_description(ltnr_byte_reader_h *r, char *buffer, size_t capacity_bytes,
                                                         size_t *json_bytes, uint32_t *version);
/** Goes to another place. sequence: for LTNR_SEEK_SEQUENCE only. Errors: INVALID_ARGUMENT, TORN, CORRUPT. */
static inline ltnr_status_e ltnr_byte_reader_seek(ltnr_byte_reader_h *r, int whence, uint64_t sequence);
/**
 * Copies the next record, whole. *dropped: how many records were lost just before it because this reader was too slow.
 * The reader moves on only on OK. buffer may be NULL when capacity_bytes is 0. Errors: AGAIN; BUFFER_TOO_SMALL (*record
 * is set, its payload_bytes say how much); GONE (only after everything whole was read); TORN (the ring is too small);
 * CORRUPT.
 */
static inline ltnr_status_e ltnr_byte_reader_next(ltnr_byte_reader_h *r, ltnr_record_t *record, uint8_t *buffer,
                                                  size_t capacity_bytes, uint64_t *dropped);
/** Sleeps until ltnr_byte_reader_next has something. timeout_ms < 0: for ever. Errors: TIMEOUT, GONE. */
static inline ltnr_status_e ltnr_byte_reader_wait(ltnr_byte_reader_h *r, int32_t timeout_ms);
/** Ends reading. NULL is allowed. */
static inline void ltnr_byte_reader_close(ltnr_byte_reader_h *r);

/* ================================================================== following: across restarts of the writer ==== */

/**
 * Reads frames by name, whoever writes them: waits while there is no ring, and opens the next one when the writer
 * ended. A dead writer's ring is read once, never twice. Owner: end it with ltnr_frame_follower_end. Fields are
 * read-only.
 */
typedef struct {
  ltnr_slot_reader_h *reader; /* of the ring read now, for its description; NULL while there is none */
  uint64_t after_sequence;    /* of the frame taken last in this ring */
  uint64_t incarnation;       /* of the ring read last */
  uint32_t rings;             /* rings found so far; it grew: the writer is a new one, and sequences begin anew */
  char name[LTNR_RING_NAME_MAX_BYTES + 1];
} ltnr_frame_follower_t;

/** Begins; the ring need not exist yet. Errors: INVALID_ARGUMENT. */
static inline ltnr_status_e ltnr_frame_follower_begin(ltnr_frame_follower_t *f, const char *name);
/**
 * Waits for a frame newer than the last one and copies it. timeout_ms < 0: for ever. Errors: TIMEOUT; BUFFER_TOO_SMALL
 * (*frame is set); TORN; CORRUPT (that ring is given up); INVALID_ARGUMENT (a byte ring); PERMISSION; SYSTEM. After any
 * of them the next call goes on.
 */
static inline ltnr_status_e ltnr_frame_follower_copy(ltnr_frame_follower_t *f, int32_t timeout_ms, ltnr_frame_t *frame,
                                                     uint8_t *buffer, size_t capacity_bytes);
/** Waits for a frame newer than the last one and leases it. Errors: as for copies, and BUSY. */
static inline ltnr_status_e ltnr_frame_follower_lease(ltnr_frame_follower_t *f, int32_t timeout_ms, ltnr_frame_t *frame,
                                                      const uint8_t **bytes, ltnr_lease_t *lease);
/** Ends following. Leases stay valid until their release. May be called twice. */
static inline void ltnr_frame_follower_end(ltnr_frame_follower_t *f);

/** Reads records by name, as ltnr_frame_follower_t reads frames. End it with ltnr_record_follower_end. */
typedef struct {
  ltnr_byte_reader_h *reader; /* of the ring read now, for its description; NULL while there is none */
  uint64_t incarnation;
  uint32_t rings; /* rings found so far; it grew: the writer is a new one, and how much was lost is not known */
  int whence;     /* where to begin in the first ring; later ones are read from their oldest record */
  char name[LTNR_RING_NAME_MAX_BYTES + 1];
} ltnr_record_follower_t;

/** Begins; the ring need not exist yet. whence: one of ltnr_seek_e but SEQUENCE. Errors: INVALID_ARGUMENT. */
static inline ltnr_status_e ltnr_record_follower_begin(ltnr_record_follower_t *f, const char *name, int whence);
/** Waits for the next record and copies it; as ltnr_byte_reader_next and ltnr_frame_follower_copy. */
static inline ltnr_status_e ltnr_record_follower_next(ltnr_record_follower_t *f, int32_t timeout_ms,
                                                      ltnr_record_t *record, uint8_t *buffer, size_t capacity_bytes,
                                                      uint64_t *dropped);
/** Ends following. May be called twice. */
static inline void ltnr_record_follower_end(ltnr_record_follower_t *f);

/* ================================================================== what is in it =============================== */

/** One plane of a frame. A sample is one number: a row holds columns × channels of them, sample_bytes each. */
typedef struct {
  uint32_t offset_bytes; /* from the first byte of the frame */
  uint32_t stride_bytes; /* from row to row */
  uint64_t row_bytes;    /* columns × channels × sample_bytes; at most stride_bytes */
  uint64_t columns;
  uint64_t rows;
  uint32_t channels;     /* 1; 2 in the chroma plane of nv12; 3 rgb24, bgr24; 4 rgba, bgra */
  uint32_t sample_bytes; /* 1; 2: little-endian u16; 4: float (grayf32le) */
} ltnr_plane_t;

/** Says where a plane lies. Errors: INVALID_ARGUMENT: no such plane, or a pixel format not known here. */
static inline ltnr_status_e ltnr_frame_plane(const ltnr_frame_t *frame, uint32_t plane, ltnr_plane_t *out);

/** How a depth ring's numbers become metres: number × metres_per_unit; `invalid` means not known. */
typedef struct {
  double metres_per_unit;
  double invalid;
} ltnr_depth_t;

/** Finds `depth` in a ring's description. Errors: NOT_FOUND: it is no depth ring. */
static inline ltnr_status_e ltnr_depth_of(const char *json, size_t json_bytes, ltnr_depth_t *out);

typedef enum { LTNR_PCM_S16LE = 1, LTNR_PCM_F32LE = 2 } ltnr_pcm_codec_e;

/** The samples of a stream of sound. */
typedef struct {
  ltnr_pcm_codec_e codec;
  uint32_t sample_rate_hz;
  uint32_t channels;
} ltnr_pcm_format_t;

/**
 * Finds a stream of sound in a ring's description. Only for records written under that description: their
 * description_version equals what ltnr_byte_reader_description says. Errors: NOT_FOUND: no PCM stream with that index.
 */
static inline ltnr_status_e ltnr_pcm_format_of(const char *json, size_t json_bytes, uint32_t stream_index,
                                               ltnr_pcm_format_t *out);
/**
 * Says how the sound of a PCM record just read from r lies. Errors: NOT_FOUND: the description that it was written
 * under is gone, or names no such PCM stream; TORN; CORRUPT.
 */
static inline ltnr_status_e ltnr_byte_reader_pcm_format(ltnr_byte_reader_h *r, const ltnr_record_t *record,
                                                        ltnr_pcm_format_t *out);
/**
 * Makes a PCM payload floats from -1 to 1, interleaved as they lie. *samples: how many (all channels together), set
 * even when BUFFER_TOO_SMALL. Errors: BUFFER_TOO_SMALL, INVALID_ARGUMENT (format), CORRUPT (not whole samples of all
 * channels).
 */
static inline ltnr_status_e ltnr_pcm_to_float(const ltnr_pcm_format_t *format, const uint8_t *payload,
                                              size_t payload_bytes, float *out, size_t capacity_samples,
                                              size_t *samples);
/** As ltnr_pcm_to_float, 16 bits a sample; floats are rounded, and limited to -1 to 1. */
static inline ltnr_status_e ltnr_pcm_to_int16(const ltnr_pcm_format_t *format, const uint8_t *payload,
                                              size_t payload_bytes, int16_t *out, size_t capacity_samples,
                                              size_t *samples);

enum { LTNR_IMU_ACCELEROMETER = 1, LTNR_IMU_GYROSCOPE = 2, LTNR_IMU_MAGNETOMETER = 3, LTNR_IMU_SAMPLE_BYTES = 40 };

/** One sample of an IMU. Units of x, y, z: accelerometer m/s², gyroscope rad/s, magnetometer µT. */
typedef struct {
  int64_t mono_ns; /* CLOCK_MONOTONIC, nanoseconds */
  uint32_t sensor; /* LTNR_IMU_… */
  uint32_t reserved;
  double x;
  double y;
  double z;
} ltnr_imu_sample_t;

/** Number of samples in an IMU payload. */
static inline size_t ltnr_imu_samples(size_t payload_bytes);
/**
 * Takes sample `index` from an IMU payload. Errors: INVALID_ARGUMENT: no such sample; CORRUPT: the payload is empty or
 * holds no whole samples, or the sample is of no sensor known here.
 */
static inline ltnr_status_e ltnr_imu_sample(const uint8_t *payload, size_t payload_bytes, size_t index,
                                            ltnr_imu_sample_t *out);

/** A stretch of JSON text. Owner: whoever owns the text. */
typedef struct {
  const char *at;
  const char *end;
} ltnr_json_t;

/** Finds a member of an object, or the item'th of an array (key NULL). 1: *out is its text; 0: there is none. */
static inline int ltnr_json_find(ltnr_json_t value, const char *key, size_t item, ltnr_json_t *out);
/** Reads a number. 1: done; 0: it is none. */
static inline int ltnr_json_number(ltnr_json_t value, double *out);
/** Copies a string and terminates it. 1: done; 0: it is none, has escapes, or is longer than the buffer. */
static inline int ltnr_json_text(ltnr_json_t value, char *out, size_t capacity_bytes);

/* ================================================================== which rings exist =========================== */

enum { LTNR_RING_SLOTS = 1, LTNR_RING_BYTES = 2 };

/** What a ring's header says, unchecked but for its magic: for people. */
typedef struct {
  uint32_t kind; /* LTNR_RING_SLOTS, LTNR_RING_BYTES */
  uint32_t version;
  uint32_t writer_pid; /* who lives is told by alive */
  uint32_t alive;      /* 1 while a writer holds the ring */
  uint32_t slots;
  uint32_t reserved;
  uint64_t total_bytes; /* size of the object */
  uint64_t incarnation;
  uint64_t slot_bytes;
  uint64_t capacity_bytes;
  uint64_t last_sequence;
  int64_t created_wall_us; /* Unix time, microseconds */
} ltnr_ring_info_t;

/** Reads a ring's header without becoming a reader. Errors: NOT_FOUND, CORRUPT (no ring), PERMISSION, SYSTEM. */
static inline ltnr_status_e ltnr_ring_inspect(const char *name, ltnr_ring_info_t *out);
/**
 * Calls `each` for every ring whose name begins with prefix, in no order. What is no ring, or not readable to this
 * user, is left out. Errors: SYSTEM.
 */
static inline ltnr_status_e ltnr_ring_list(const char *prefix,
                                           void (*each)(const char *name, const ltnr_ring_info_t *info, void *context),
                                           void *context);

/* ================================================================================================================
 * From here on: how it works. Names that begin with ltnrp_ are private.
 * ============================================================================================================= */

#ifdef __cplusplus
#define LTNRP_THREAD_LOCAL thread_local
#else
#define LTNRP_THREAD_LOCAL _Thread_local
#endif

/* ------------------------------------------------------------------ the bytes of a ring: docs/ref/rings.md ------ */

enum {
  LTNRP_PAGE_BYTES = 4096,
  LTNRP_VERSION = 1,
  LTNRP_STATE_LIVE = 1,
  LTNRP_DESCRIPTION_AT = 4096,
  LTNRP_TABLE_AT = 20480, /* 4096 + 16384 */
  LTNRP_MIN_SLOTS = 3,
  LTNRP_MAX_SLOTS = 64,
  LTNRP_SLOT_BITS = 6, /* the low bits of ltnrp_header_t.newest */
  LTNRP_MIN_CAPACITY_BYTES = 4096,
  LTNRP_MAX_READERS = 63,
  LTNRP_RECORD_ALIGN_BYTES = 64,
  LTNRP_RECORD_DATA = 1,
  LTNRP_RECORD_PADDING = 2
};
#define LTNRP_MAX_OBJECT_BYTES (UINT64_C(1) << 40)
#define LTNRP_NO_POSITION UINT64_MAX
#define LTNRP_STAMP_WRITING UINT64_C(1)
#define LTNRP_STAMP_CLAIMED UINT64_C(2)

/** First page of a ring; only its writer writes it. */
typedef struct {
  char magic[8];
  uint32_t version;
  uint32_t kind;
  uint64_t total_bytes;
  uint64_t incarnation;
  int64_t created_wall_us;
  uint64_t writer_start_ticks;
  uint32_t writer_pid;
  uint32_t slots;
  uint64_t slot_bytes;
  uint64_t table_offset_bytes;
  uint64_t data_offset_bytes;
  uint64_t capacity_bytes;
  uint8_t reserved0[40];
  uint32_t wake;  /* atomic */
  uint32_t state; /* atomic */
  uint8_t reserved1[56];
  uint64_t newest; /* atomic: sequence << 6 | slot; 0: nothing published */
  uint64_t busy;   /* atomic: frames the writer dropped because no slot was free */
  uint8_t reserved2[48];
  uint64_t head;             /* atomic: position after the newest record */
  uint64_t tail;             /* atomic: position of the oldest whole record */
  uint64_t writing_sequence; /* atomic: of the append begun last */
  uint64_t last_sequence;    /* atomic: of the append finished last */
  uint64_t newest_key;       /* atomic */
  uint8_t reserved3[24];
  uint32_t description_stamp; /* atomic: odd while it is being written */
  uint32_t description_bytes; /* atomic */
  uint8_t reserved4[LTNRP_PAGE_BYTES - 328];
} ltnrp_header_t;

typedef struct {
  uint64_t stamp; /* atomic: bit 0 being written, bit 1 claimed, the rest counts uses */
  uint8_t reserved0[56];
  ltnr_frame_t frame;
  uint8_t reserved1[32];
} ltnrp_slot_entry_t;

typedef struct {
  uint64_t position;
  uint32_t total_bytes;
  uint32_t kind;
  ltnr_record_t record;
  uint8_t reserved[40];
} ltnrp_record_head_t;

typedef struct {
  char magic[8];
  uint32_t version;
  uint32_t readers;
  uint64_t incarnation;
  uint8_t reserved[40];
} ltnrp_lease_header_t;

/** A reader's seat: the one thing that readers write. */
typedef struct {
  uint64_t leased_slots;      /* atomic: bit i: slot i */
  int64_t last_asked_mono_ns; /* atomic */
  uint64_t start_ticks;
  uint32_t pid;
  uint32_t reserved0;
  char program[16];
  uint64_t taken;  /* atomic: frames this reader took */
  uint64_t missed; /* atomic: frames published between two it took */
} ltnrp_seat_t;

#define LTNRP_AT(type, field, offset) static_assert(offsetof(type, field) == (offset), #type "." #field)
static_assert(sizeof(ltnrp_header_t) == LTNRP_PAGE_BYTES, "header");
LTNRP_AT(ltnrp_header_t, capacity_bytes, 80);
LTNRP_AT(ltnrp_header_t, wake, 128);
LTNRP_AT(ltnrp_header_t, newest, 192);
LTNRP_AT(ltnrp_header_t, head, 256);
LTNRP_AT(ltnrp_header_t, newest_key, 288);
LTNRP_AT(ltnrp_header_t, description_bytes, 324);
static_assert(sizeof(ltnr_frame_t) == 160, "frame");
LTNRP_AT(ltnr_frame_t, plane_offset_bytes, 72);
LTNRP_AT(ltnr_frame_t, color_range, 144);
static_assert(sizeof(ltnrp_slot_entry_t) == 256, "slot entry");
LTNRP_AT(ltnrp_slot_entry_t, frame, 64);
static_assert(sizeof(ltnr_record_t) == 72, "record");
LTNRP_AT(ltnr_record_t, payload_bytes, 68);
static_assert(sizeof(ltnrp_record_head_t) == 128, "record head");
LTNRP_AT(ltnrp_record_head_t, record, 16);
static_assert(sizeof(ltnrp_lease_header_t) == 64, "lease header");
LTNRP_AT(ltnrp_lease_header_t, incarnation, 16);
static_assert(sizeof(ltnrp_seat_t) == 64, "seat");
LTNRP_AT(ltnrp_seat_t, taken, 48);
static_assert(sizeof(ltnr_imu_sample_t) == LTNR_IMU_SAMPLE_BYTES, "imu sample");

/* ------------------------------------------------------------------ words for failures -------------------------- */

static inline const char *ltnr_status_name(ltnr_status_e status) {
  switch (status) {
    case LTNR_OK:
      return "OK";
    case LTNR_E_INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case LTNR_E_NOT_FOUND:
      return "NOT_FOUND";
    case LTNR_E_AGAIN:
      return "AGAIN";
    case LTNR_E_TORN:
      return "TORN";
    case LTNR_E_GONE:
      return "GONE";
    case LTNR_E_CORRUPT:
      return "CORRUPT";
    case LTNR_E_TIMEOUT:
      return "TIMEOUT";
    case LTNR_E_BUSY:
      return "BUSY";
    case LTNR_E_BUFFER_TOO_SMALL:
      return "BUFFER_TOO_SMALL";
    case LTNR_E_PERMISSION:
      return "PERMISSION";
    case LTNR_E_SYSTEM:
      return "SYSTEM";
  }
  return "UNKNOWN";
}

typedef struct {
  const char *words;
  char text[400];
} ltnrp_error_t;

static inline ltnrp_error_t *ltnrp_error(void) {
  static LTNRP_THREAD_LOCAL ltnrp_error_t error = {"nothing failed yet", {0}};
  return &error;
}

static inline const char *ltnr_last_error(void) { return ltnrp_error()->words; }

/** For what happens all the time: costs no formatting. words: static. */
static inline ltnr_status_e ltnrp_say(ltnr_status_e status, const char *words) {
  ltnrp_error()->words = words;
  return status;
}

__attribute__((format(printf, 1, 2))) static inline void ltnrp_explain(const char *format, ...) {
  ltnrp_error_t *error = ltnrp_error();
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  error->words = error->text;
}

/* A macro, so that compilers see the status: else they warn callers of results that only OK would have set. */
#define ltnrp_fail(status, ...) (ltnrp_explain(__VA_ARGS__), (status))

/** Translates errno, which `what` ran into. */
static inline ltnr_status_e ltnrp_fail_errno(int number, const char *ring, const char *what) {
  if (number == ENOENT) {
    return ltnrp_fail(LTNR_E_NOT_FOUND, "No ring named %s: its writer has not started", ring);
  }
  if (number == EACCES || number == EPERM) {
    return ltnrp_fail(LTNR_E_PERMISSION, "Ring %s: %s: errno %d (is this user in the rings' group?)", ring, what,
                      number);
  }
  return ltnrp_fail(LTNR_E_SYSTEM, "Ring %s: %s: errno %d", ring, what, number);
}

/* ------------------------------------------------------------------ the kernel: clock, memory, locks, futex ------ */

#define LTNRP_HEARTBEAT_NS INT64_C(1000000000) /* a writer is known dead at most this long after its end */

static inline int64_t ltnrp_mono_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void ltnrp_sleep_ns(int64_t ns) {
  struct timespec pause;
  pause.tv_sec = (time_t)(ns / 1000000000);
  pause.tv_nsec = (long)(ns % 1000000000);
  nanosleep(&pause, NULL);
}

/** Zeroed memory for a handle; NULL when there is none. */
static inline void *ltnrp_allocate(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static inline struct flock ltnrp_one_byte(int type, off_t byte) {
  struct flock lock;
  memset(&lock, 0, sizeof lock); /* l_pid must be 0 for OFD locks */
  lock.l_type = (short)type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

/** Whether another open file write-locks the byte: its owner lives. */
static inline int ltnrp_is_byte_locked(int fd, off_t byte) {
  struct flock lock = ltnrp_one_byte(F_RDLCK, byte);
  return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

static inline int ltnrp_try_lock_byte(int fd, off_t byte) {
  struct flock lock = ltnrp_one_byte(F_WRLCK, byte);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/** Sleeps while *word == seen, at most ns. Not private: the waker is another process. A read-only mapping will do. */
static inline void ltnrp_futex_wait(const uint32_t *word, uint32_t seen, int64_t ns) {
  struct timespec timeout;
  timeout.tv_sec = (time_t)(ns / 1000000000);
  timeout.tv_nsec = (long)(ns % 1000000000);
  syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, NULL, 0);
}

/* The absolute time at which a wait of timeout_ms ends, and what of it is left; < 0 and INT64_MAX: never. */
static inline int64_t ltnrp_deadline_ns(int32_t timeout_ms) {
  return timeout_ms < 0 ? INT64_MAX : ltnrp_mono_now_ns() + (int64_t)timeout_ms * 1000000;
}

static inline int32_t ltnrp_left_ms(int64_t deadline_ns) {
  if (deadline_ns == INT64_MAX) {
    return -1;
  }
  int64_t left_ms = (deadline_ns - ltnrp_mono_now_ns() + 999999) / 1000000;
  return left_ms < 0 ? 0 : (int32_t)left_ms; /* it was an int32_t when it began */
}

/**
 * Copies out of shared memory. What was copied is what is checked and then used: the barrier keeps the compiler from
 * reading the shared bytes a second time, when they may be others. The copy races with the writer on purpose; the
 * caller validates it afterwards. ThreadSanitizer wants to see atomics.
 */
static inline void ltnrp_copy(void *to, const void *from, size_t bytes) {
#if defined(__SANITIZE_THREAD__)
  for (size_t i = 0; i < bytes; i++) {
    ((uint8_t *)to)[i] = __atomic_load_n((const uint8_t *)from + i, __ATOMIC_RELAXED); /* SYNC: the caller's fence */
  }
#else
  if (bytes > 0) { /* memcpy may not be given NULL even for no bytes */
    memcpy(to, from, bytes);
  }
#endif
  __atomic_signal_fence(__ATOMIC_SEQ_CST); /* SYNC: with nobody; a barrier for the compiler alone */
}

/* ------------------------------------------------------------------ what both shapes share ----------------------- */

/** A read-only mapping; its geometry was checked once, and is kept here, where no writer can change it. */
typedef struct {
  const uint8_t *bytes;
  uint64_t total_bytes;
  uint64_t incarnation;
  uint64_t slot_bytes;
  uint64_t capacity_bytes;
  uint64_t data_at;
  int64_t next_look_mono_ns;
  uint32_t slots;
  int is_gone;
  int fd;
  char name[LTNR_RING_NAME_MAX_BYTES + 1];
} ltnrp_view_t;

static inline const ltnrp_header_t *ltnrp_header(const ltnrp_view_t *v) {
  return (const ltnrp_header_t *)(const void *)v->bytes;
}

static inline int ltnrp_is_lease_name(const char *name, size_t length) {
  return length >= 7 && memcmp(name + length - 7, ".leases", 7) == 0;
}

static inline ltnr_status_e ltnrp_check_name(const char *name) {
  size_t length = 0;
  while (name != NULL && length <= LTNR_RING_NAME_MAX_BYTES && name[length] != '\0') {
    length++;
  }
  int fits = length > 0 && length <= LTNR_RING_NAME_MAX_BYTES && name[0] != '.' && !ltnrp_is_lease_name(name, length);
  for (size_t i = 0; fits && i < length; i++) {
    char c = name[i];
    fits =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  }
  if (!fits) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT,
                      "Expected a ring name of 1 to %d characters of [A-Za-z0-9._-], without a leading dot and not "
                      "ending in .leases, but received \"%.*s\"",
                      (int)LTNR_RING_NAME_MAX_BYTES, (int)length, name == NULL ? "" : name);
  }
  return LTNR_OK;
}

/** Opens /dev/shm/<name><suffix> and says how large it is. Owner: *fd is the caller's. */
static inline ltnr_status_e ltnrp_open_object(const char *name, const char *suffix, int mode, int *fd,
                                              uint64_t *size_bytes) {
  char path[sizeof "/dev/shm/" + LTNR_RING_NAME_MAX_BYTES + sizeof ".leases"];
  snprintf(path, sizeof path, "/dev/shm/%s%s", name, suffix);
  /* O_NONBLOCK: a FIFO put at the name must not hang us. */
  int opened = open(path, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (opened < 0) {
    return ltnrp_fail_errno(errno, name, "cannot open it");
  }
  struct stat facts;
  if (fstat(opened, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size < 0) {
    close(opened);
    return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: %s is no regular file", name, path);
  }
  *fd = opened;
  *size_bytes = (uint64_t)facts.st_size;
  return LTNR_OK;
}

/** The first bytes of a header, read by pread: private at once, and no SIGBUS whatever happens to the object. */
static inline ltnr_status_e ltnrp_read_header(int fd, const char *name, ltnrp_header_t *out) {
  if (pread(fd, out, sizeof *out, 0) != (ssize_t)sizeof *out || memcmp(out->magic, "LTNRING", 8) != 0) {
    return ltnrp_fail(LTNR_E_CORRUPT, "/dev/shm/%s is not a ring (no magic); remove it", name);
  }
  return LTNR_OK;
}

/** Whether a writer of this version could have made it. *data_at and *data_bytes then bound every later offset. */
static inline int ltnrp_is_geometry(const ltnrp_header_t *h, uint64_t *data_at, uint64_t *data_bytes) {
  int fits;
  *data_at = LTNRP_TABLE_AT;
  if (h->kind == LTNR_RING_SLOTS) {
    fits = h->slots >= LTNRP_MIN_SLOTS && h->slots <= LTNRP_MAX_SLOTS && h->slot_bytes > 0 &&
           h->slot_bytes % LTNRP_PAGE_BYTES == 0 && h->slot_bytes <= LTNRP_MAX_OBJECT_BYTES / LTNRP_MAX_SLOTS &&
           h->capacity_bytes == 0;
    uint64_t table_bytes = fits ? h->slots * sizeof(ltnrp_slot_entry_t) : 0;
    *data_at += (table_bytes + LTNRP_PAGE_BYTES - 1) / LTNRP_PAGE_BYTES * LTNRP_PAGE_BYTES;
    *data_bytes = fits ? h->slots * h->slot_bytes : 0; /* at most 2^40 */
    return fits;
  }
  fits = h->kind == LTNR_RING_BYTES && h->slots == 0 && h->slot_bytes == 0 &&
         h->capacity_bytes >= LTNRP_MIN_CAPACITY_BYTES && h->capacity_bytes <= LTNRP_MAX_OBJECT_BYTES &&
         (h->capacity_bytes & (h->capacity_bytes - 1)) == 0;
  *data_bytes = fits ? h->capacity_bytes : 0;
  return fits;
}

/** Checks a header, already private, against the object's true size, and takes its geometry over into v. */
static inline ltnr_status_e ltnrp_check_header(const ltnrp_header_t *h, uint32_t kind, uint64_t size_bytes,
                                               ltnrp_view_t *v) {
  if (h->version != LTNRP_VERSION) {
    return ltnrp_fail(LTNR_E_CORRUPT,
                      "Ring %s has layout version %u; this reader knows %d. Update the older of the two programs",
                      v->name, h->version, (int)LTNRP_VERSION);
  }
  uint64_t data_at = 0;
  uint64_t data_bytes = 0;
  if (!ltnrp_is_geometry(h, &data_at, &data_bytes) || data_at + data_bytes != size_bytes ||
      h->total_bytes != size_bytes || h->table_offset_bytes != LTNRP_TABLE_AT || h->data_offset_bytes != data_at) {
    return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: its header does not fit its size of %" PRIu64 " bytes", v->name,
                      size_bytes);
  }
  if (h->kind != kind) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "Ring %s is a %s ring; open it as one", v->name,
                      h->kind == LTNR_RING_SLOTS ? "slot" : "byte");
  }
  v->total_bytes = size_bytes;
  v->incarnation = h->incarnation;
  v->slots = h->slots;
  v->slot_bytes = h->slot_bytes;
  v->capacity_bytes = h->capacity_bytes;
  v->data_at = data_at;
  return LTNR_OK;
}

static inline void ltnrp_view_close(ltnrp_view_t *v) {
  if (v->bytes != NULL) {
    munmap((void *)(uintptr_t)v->bytes, v->total_bytes);
    v->bytes = NULL;
  }
  if (v->fd >= 0) {
    close(v->fd);
    v->fd = -1;
  }
}

static inline ltnr_status_e ltnrp_view_open(ltnrp_view_t *v, const char *name, uint32_t kind) {
  memset(v, 0, sizeof *v);
  v->fd = -1;
  ltnr_status_e status = ltnrp_check_name(name);
  if (status != LTNR_OK) {
    return status;
  }
  memcpy(v->name, name, strlen(name));
  uint64_t size_bytes = 0;
  ltnrp_header_t header;
  if ((status = ltnrp_open_object(name, "", O_RDONLY, &v->fd, &size_bytes)) != LTNR_OK) {
    return status;
  }
  status = ltnrp_read_header(v->fd, v->name, &header);
  if (status == LTNR_OK) {
    status = ltnrp_check_header(&header, kind, size_bytes, v);
  }
  if (status == LTNR_OK) {
    void *mapped = mmap(NULL, v->total_bytes, PROT_READ, MAP_SHARED, v->fd, 0);
    if (mapped == MAP_FAILED) {
      status = ltnrp_fail_errno(errno, v->name, "cannot map it");
    } else {
      v->bytes = (const uint8_t *)mapped;
    }
  }
  if (status != LTNR_OK) {
    ltnrp_view_close(v);
  }
  return status;
}

/** Whether nothing more will be published: closed, replaced, or the writer died. Asks the kernel 4 times a second. */
static inline int ltnrp_is_gone(ltnrp_view_t *v) {
  if (v->is_gone) {
    return 1;
  }
  /* SYNC: pairs with the release stores of the closed state in ring_owner.cpp: who sees it closed sees all that was
   * published. */
  if (__atomic_load_n(&ltnrp_header(v)->state, __ATOMIC_ACQUIRE) != LTNRP_STATE_LIVE) {
    v->is_gone = 1;
    return 1;
  }
  int64_t now = ltnrp_mono_now_ns();
  if (now >= v->next_look_mono_ns) {
    v->next_look_mono_ns = now + LTNRP_HEARTBEAT_NS / 4;
    v->is_gone = !ltnrp_is_byte_locked(v->fd, 0);
    /* SYNC: pairs with the kernel's release of the dead writer's lock, which comes after all its stores; the fence
     * keeps our later loads behind our look at that lock. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  }
  return v->is_gone;
}

static inline ltnr_status_e ltnrp_say_gone(void) {
  return ltnrp_say(LTNR_E_GONE, "The writer of the ring has ended or was replaced; reopen the ring by its name");
}

/** Sleeps until ready(handle, after) or the ring is gone; ready is asked once more then. */
static inline ltnr_status_e ltnrp_wait(ltnrp_view_t *v, int (*ready)(void *handle, uint64_t after), void *handle,
                                       uint64_t after, int32_t timeout_ms) {
  const int64_t deadline = ltnrp_deadline_ns(timeout_ms);
  for (;;) {
    /* SYNC: pairs with the release add in RingOwner::wake. Loaded before ready() looks: what is published after that
     * look has moved the word, and FUTEX_WAIT returns at once. */
    uint32_t seen = __atomic_load_n(&ltnrp_header(v)->wake, __ATOMIC_ACQUIRE);
    if (ready(handle, after)) {
      return LTNR_OK;
    }
    if (ltnrp_is_gone(v)) {
      return ready(handle, after) ? LTNR_OK : ltnrp_say_gone();
    }
    int64_t left_ns = deadline - ltnrp_mono_now_ns();
    if (left_ns <= 0) {
      return ltnrp_say(LTNR_E_TIMEOUT, "Nothing new came to the ring within the time given");
    }
    /* Half a heartbeat: a writer that was killed wakes nobody, so sleepers look for themselves. */
    ltnrp_futex_wait(&ltnrp_header(v)->wake, seen, left_ns < LTNRP_HEARTBEAT_NS / 2 ? left_ns : LTNRP_HEARTBEAT_NS / 2);
  }
}

static inline ltnr_status_e ltnrp_description(const ltnrp_view_t *v, char *buffer, size_t capacity_bytes,
                                              size_t *json_bytes, uint32_t *version) {
  const ltnrp_header_t *h = ltnrp_header(v);
  for (int i = 0; i < 100; i++) { /* 10 ms: a change takes microseconds, unless its writer lost the processor */
    /* SYNC: pairs with the release store at the end of write_description: an even stamp brings the whole text. */
    uint32_t before = __atomic_load_n(&h->description_stamp, __ATOMIC_ACQUIRE);
    if (before % 2 == 1) {
      ltnrp_sleep_ns(100000);
      continue;
    }
    uint32_t bytes = __atomic_load_n(&h->description_bytes, __ATOMIC_RELAXED); /* SYNC: the fence below */
    int fits = buffer != NULL && bytes <= capacity_bytes && bytes <= LTNR_DESCRIPTION_MAX_BYTES;
    if (fits) {
      ltnrp_copy(buffer, v->bytes + LTNRP_DESCRIPTION_AT, bytes);
    }
    /* SYNC: pairs with the release fence in write_description: who saw a byte of a newer text sees its odd stamp. */
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&h->description_stamp, __ATOMIC_RELAXED) != before) {
      continue;
    }
    if (bytes > LTNR_DESCRIPTION_MAX_BYTES) {
      return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: its description claims %u bytes; at most %d fit", v->name, bytes,
                        (int)LTNR_DESCRIPTION_MAX_BYTES);
    }
    *json_bytes = bytes;
    if (version != NULL) {
      *version = before / 2;
    }
    return fits ? LTNR_OK
                : ltnrp_fail(LTNR_E_BUFFER_TOO_SMALL, "Ring %s: its description needs %u bytes, %zu were given",
                             v->name, bytes, capacity_bytes);
  }
  return ltnrp_fail(LTNR_E_TORN, "Ring %s: its description changed all the time, or its writer died while changing it",
                    v->name);
}

/* ------------------------------------------------------------------ pixel formats -------------------------------- */

typedef struct {
  const char *name;
  uint32_t planes;
  uint32_t first_bytes; /* of a pixel in plane 0 */
  uint32_t other_bytes; /* of a sample in the other planes: nv12 has two numbers there, U and V */
  uint32_t shift_x;     /* how much narrower and lower the other planes are, as powers of two */
  uint32_t shift_y;
  uint32_t sample_bytes; /* of one number */
} ltnrp_format_t;

static inline const ltnrp_format_t *ltnrp_format(const char *name) {
  static const ltnrp_format_t formats[] = {
      {"nv12", 2, 1, 2, 1, 1, 1},        {"nv21", 2, 1, 2, 1, 1, 1},     {"p010le", 2, 2, 4, 1, 1, 2},
      {"yuv420p", 3, 1, 1, 1, 1, 1},     {"yuvj420p", 3, 1, 1, 1, 1, 1}, {"yuv422p", 3, 1, 1, 1, 0, 1},
      {"yuvj422p", 3, 1, 1, 1, 0, 1},    {"yuv444p", 3, 1, 1, 0, 0, 1},  {"yuvj444p", 3, 1, 1, 0, 0, 1},
      {"yuv420p10le", 3, 2, 2, 1, 1, 2}, {"gray", 1, 1, 0, 0, 0, 1},     {"gray16le", 1, 2, 0, 0, 0, 2},
      {"grayf32le", 1, 4, 0, 0, 0, 4},   {"rgb24", 1, 3, 0, 0, 0, 1},    {"bgr24", 1, 3, 0, 0, 0, 1},
      {"rgba", 1, 4, 0, 0, 0, 1},        {"bgra", 1, 4, 0, 0, 0, 1},
  };
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    if (strcmp(formats[i].name, name) == 0) {
      return &formats[i];
    }
  }
  return NULL;
}

static inline int ltnrp_is_terminated(const char *name) { return memchr(name, 0, LTNR_NAME_BYTES) != NULL; }

/** Where a plane of a known format lies; nothing is checked but the format. */
static inline void ltnrp_plane(const ltnr_frame_t *frame, const ltnrp_format_t *format, uint32_t plane,
                               ltnr_plane_t *out) {
  uint32_t group_bytes = plane == 0 ? format->first_bytes : format->other_bytes;
  uint32_t shift_x = plane == 0 ? 0 : format->shift_x;
  uint32_t shift_y = plane == 0 ? 0 : format->shift_y;
  out->offset_bytes = frame->plane_offset_bytes[plane];
  out->stride_bytes = frame->plane_stride_bytes[plane];
  out->columns = ((uint64_t)frame->width_px + (UINT64_C(1) << shift_x) - 1) >> shift_x;
  out->rows = ((uint64_t)frame->height_px + (UINT64_C(1) << shift_y) - 1) >> shift_y;
  out->row_bytes = out->columns * group_bytes;
  out->channels = group_bytes / format->sample_bytes;
  out->sample_bytes = format->sample_bytes;
}

/** What about a frame's description cannot be believed; NULL: every plane lies inside the frame, and it in its slot. */
static inline const char *ltnrp_frame_fault(const ltnr_frame_t *frame, uint64_t slot_bytes) {
  if (frame->bytes > slot_bytes) {
    return "bytes is larger than the slot";
  }
  if (frame->planes > LTNR_MAX_PLANES) {
    return "there are more than 4 planes";
  }
  if (!ltnrp_is_terminated(frame->pixel_format) || !ltnrp_is_terminated(frame->color_space) ||
      !ltnrp_is_terminated(frame->color_range)) {
    return "a name is not terminated";
  }
  const ltnrp_format_t *format = ltnrp_format(frame->pixel_format);
  if (format != NULL && frame->planes != format->planes) {
    return "the number of planes is not that of the pixel format";
  }
  for (uint32_t i = 0; i < frame->planes; i++) {
    uint64_t end = frame->plane_offset_bytes[i];
    if (format != NULL) {
      ltnr_plane_t plane;
      ltnrp_plane(frame, format, i, &plane);
      if (plane.row_bytes > 0 && plane.rows > 0) {
        if (plane.stride_bytes < plane.row_bytes) {
          return "a plane's stride is shorter than its row";
        }
        end += plane.stride_bytes * (plane.rows - 1) + plane.row_bytes; /* below 2^64: each factor is below 2^32 */
      }
    }
    if (end > frame->bytes) {
      return "a plane reaches beyond the frame's bytes";
    }
  }
  return NULL;
}

static inline ltnr_status_e ltnr_frame_plane(const ltnr_frame_t *frame, uint32_t plane, ltnr_plane_t *out) {
  const ltnrp_format_t *format = ltnrp_is_terminated(frame->pixel_format) ? ltnrp_format(frame->pixel_format) : NULL;
  if (format == NULL) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "Pixel format %.*s is not known here; use plane_offset_bytes",
                      (int)LTNR_NAME_BYTES, frame->pixel_format);
  }
  if (plane >= format->planes) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "Pixel format %s has %u planes; there is no plane %u", format->name,
                      format->planes, plane);
  }
  ltnrp_plane(frame, format, plane, out);
  return LTNR_OK;
}

/* ------------------------------------------------------------------ frames ---------------------------------------- */

struct ltnr_slot_reader {
  ltnrp_view_t view;
  uint32_t uses; /* 1 for the open handle, 1 for each lease: the mapping and the seat stay until the last has ended */
  int lease_fd;
  uint8_t *lease_page;
  ltnrp_seat_t *seat;        /* NULL: none */
  ltnr_status_e why_no_seat; /* LTNR_OK: there is one */
  uint64_t last_taken;       /* sequence of the newest frame this reader took */
  uint32_t leases_of_slot[LTNRP_MAX_SLOTS];
  char why_no_seat_words[sizeof(((ltnrp_error_t *)0)->text)];
};

static inline const ltnrp_slot_entry_t *ltnrp_slot_entry(const ltnr_slot_reader_h *r, uint32_t slot) {
  return (const ltnrp_slot_entry_t *)(const void *)(r->view.bytes + LTNRP_TABLE_AT) + slot;
}

/* Field 22 of /proc/self/stat: when this process began, in clock ticks after boot; 0: hidden. */
static inline uint64_t ltnrp_own_start_ticks(void) {
  char text[1024];
  int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return 0;
  }
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) {
    return 0;
  }
  text[length] = '\0';
  const char *at = strrchr(text, ')'); /* field 2 is the program's name and may hold spaces and parentheses */
  for (int field = 2; at != NULL && field < 22; field++) {
    at = strchr(at + 1, ' ');
  }
  return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

static inline void ltnrp_sit_down(ltnr_slot_reader_h *r, uint32_t reader) {
  ltnrp_seat_t *seat = (ltnrp_seat_t *)(void *)(r->lease_page + sizeof(ltnrp_lease_header_t)) + reader;
  /* SYNC: none for all five: whoever sat here is dead or has left, and the writer takes any bits for leases. */
  __atomic_store_n(&seat->leased_slots, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&seat->taken, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&seat->missed, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&seat->last_asked_mono_ns, ltnrp_mono_now_ns(), __ATOMIC_RELAXED);
  seat->start_ticks = ltnrp_own_start_ticks();
  seat->pid = (uint32_t)getpid();
  memset(seat->program, 0, sizeof seat->program);
  snprintf(seat->program, sizeof seat->program, "%s", program_invocation_short_name);
  r->seat = seat;
}

/** Takes the first seat whose lock is to be had; the kernel drops that lock when we die. */
static inline ltnr_status_e ltnrp_take_seat(ltnr_slot_reader_h *r) {
  const char *name = r->view.name;
  uint64_t size_bytes = 0;
  ltnrp_lease_header_t header;
  ltnr_status_e status = ltnrp_open_object(name, ".leases", O_RDWR, &r->lease_fd, &size_bytes);
  if (status == LTNR_E_NOT_FOUND) {
    return ltnrp_fail(status, "Ring %s has no lease object: it is being replaced, or somebody removed it", name);
  }
  if (status != LTNR_OK) {
    return status;
  }
  if (size_bytes != LTNRP_PAGE_BYTES || pread(r->lease_fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
      memcmp(header.magic, "LTNLEASE", 8) != 0 || header.version != LTNRP_VERSION) {
    return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: its lease object is not one of version %d", name, (int)LTNRP_VERSION);
  }
  if (header.incarnation != r->view.incarnation) {
    return ltnrp_fail(LTNR_E_NOT_FOUND, "Ring %s is just being replaced; open it again", name);
  }
  for (uint32_t i = 0; i < LTNRP_MAX_READERS; i++) {
    if (!ltnrp_try_lock_byte(r->lease_fd, (off_t)(sizeof(ltnrp_lease_header_t) + i * sizeof(ltnrp_seat_t)))) {
      continue;
    }
    void *page = mmap(NULL, LTNRP_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, r->lease_fd, 0);
    if (page == MAP_FAILED) {
      return ltnrp_fail_errno(errno, name, "cannot map its leases");
    }
    r->lease_page = (uint8_t *)page;
    ltnrp_sit_down(r, i);
    return LTNR_OK;
  }
  return ltnrp_fail(LTNR_E_BUSY, "Ring %s: all %d reader seats are taken; close a reader, or copy instead of leasing",
                    name, (int)LTNRP_MAX_READERS);
}

static inline void ltnrp_leave_seat(ltnr_slot_reader_h *r) {
  if (r->seat != NULL) {
    /* SYNC: release: our loads from leased slots are done before the writer can see them free; pairs with the fence
     * after pread in SlotWriter::reserve. */
    __atomic_store_n(&r->seat->leased_slots, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&r->seat->last_asked_mono_ns, 0, __ATOMIC_RELAXED); /* SYNC: none, a statistic */
    r->seat = NULL;
  }
  if (r->lease_page != NULL) {
    munmap(r->lease_page, LTNRP_PAGE_BYTES);
    r->lease_page = NULL;
  }
  if (r->lease_fd >= 0) {
    close(r->lease_fd); /* drops the lock */
    r->lease_fd = -1;
  }
}

static inline void ltnrp_slot_reader_let_go(ltnr_slot_reader_h *r) {
  if (--r->uses == 0) {
    ltnrp_leave_seat(r);
    ltnrp_view_close(&r->view);
    munmap(r, sizeof *r);
  }
}

static inline ltnr_status_e ltnrp_slot_reader_try_open(ltnr_slot_reader_h *r, const char *name) {
  memset(r, 0, sizeof *r);
  r->uses = 1;
  r->lease_fd = -1;
  ltnr_status_e status = ltnrp_view_open(&r->view, name, LTNR_RING_SLOTS);
  if (status != LTNR_OK) {
    return status;
  }
  r->why_no_seat = ltnrp_take_seat(r);
  if (r->why_no_seat != LTNR_OK) {
    memcpy(r->why_no_seat_words, ltnrp_error()->text, sizeof r->why_no_seat_words);
    ltnrp_leave_seat(r);
  }
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_slot_reader_open(const char *name, ltnr_slot_reader_h **out) {
  ltnr_slot_reader_h *r = (ltnr_slot_reader_h *)ltnrp_allocate(sizeof *r);
  if (r == NULL) {
    return ltnrp_say(LTNR_E_SYSTEM, "There is no memory for a reader");
  }
  for (int i = 0;; i++) {
    ltnr_status_e status = ltnrp_slot_reader_try_open(r, name);
    if (status != LTNR_OK) {
      munmap(r, sizeof *r);
      return status;
    }
    /* A writer names its ring and its lease object one after the other: who comes between looks again for 20 ms. */
    if (r->why_no_seat != LTNR_E_NOT_FOUND || i == 20 || ltnrp_is_gone(&r->view)) {
      *out = r;
      return LTNR_OK;
    }
    ltnrp_view_close(&r->view);
    ltnrp_sleep_ns(1000000);
  }
}

static inline void ltnr_slot_reader_close(ltnr_slot_reader_h *r) {
  if (r != NULL) {
    ltnrp_slot_reader_let_go(r);
  }
}

static inline uint64_t ltnr_slot_reader_incarnation(const ltnr_slot_reader_h *r) { return r->view.incarnation; }

static inline ltnr_status_e ltnr_slot_reader_description(ltnr_slot_reader_h *r, char *buffer, size_t capacity_bytes,
                                                         size_t *json_bytes) {
  return ltnrp_description(&r->view, buffer, capacity_bytes, json_bytes, NULL);
}

static inline uint64_t ltnrp_newest(const ltnr_slot_reader_h *r) {
  /* SYNC: pairs with the release store of newest in SlotWriter::publish. */
  return __atomic_load_n(&ltnrp_header(&r->view)->newest, __ATOMIC_ACQUIRE);
}

static inline void ltnrp_note_asked(ltnr_slot_reader_h *r) {
  if (r->seat != NULL) {
    /* SYNC: none, a statistic. */
    __atomic_store_n(&r->seat->last_asked_mono_ns, ltnrp_mono_now_ns(), __ATOMIC_RELAXED);
  }
}

/** Counts a frame that was given to the caller, for `lanthorn-rings ls`. */
static inline void ltnrp_note_taken(ltnr_slot_reader_h *r, uint64_t sequence) {
  if (r->seat != NULL && sequence > r->last_taken) {
    /* SYNC: none, statistics; nobody else writes them while we sit here. */
    __atomic_fetch_add(&r->seat->taken, 1, __ATOMIC_RELAXED);
    if (r->last_taken > 0) {
      __atomic_fetch_add(&r->seat->missed, sequence - r->last_taken - 1, __ATOMIC_RELAXED);
    }
    r->last_taken = sequence;
  }
}

static inline int ltnrp_has_newer_frame(void *handle, uint64_t after_sequence) {
  ltnr_slot_reader_h *r = (ltnr_slot_reader_h *)handle;
  ltnrp_note_asked(r);
  return ltnrp_newest(r) >> LTNRP_SLOT_BITS > after_sequence;
}

static inline ltnr_status_e ltnr_slot_reader_wait(ltnr_slot_reader_h *r, uint64_t after_sequence, int32_t timeout_ms) {
  return ltnrp_wait(&r->view, ltnrp_has_newer_frame, r, after_sequence, timeout_ms);
}

static inline ltnr_status_e ltnrp_find_newer(ltnr_slot_reader_h *r, uint64_t after_sequence, uint64_t *newest) {
  *newest = ltnrp_newest(r);
  if (*newest >> LTNRP_SLOT_BITS > after_sequence) {
    return LTNR_OK;
  }
  if (!ltnrp_is_gone(&r->view)) {
    return ltnrp_say(LTNR_E_AGAIN, "There is no newer frame in the ring");
  }
  *newest = ltnrp_newest(r); /* is_gone acquired the last publish */
  return *newest >> LTNRP_SLOT_BITS > after_sequence ? LTNR_OK : ltnrp_say_gone();
}

static inline int ltnr_slot_reader_is_whole(const ltnr_slot_reader_h *r, const ltnr_sight_t *sight) {
  if (sight->slot >= r->view.slots) {
    return 0;
  }
  /* SYNC: pairs with the last fence in SlotWriter::try_begin_writing: had any load before this fence seen a byte
   * written after that one, the load below would see the writing bit or a later generation. A claim alone changed
   * nothing. */
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  uint64_t stamp = __atomic_load_n(&ltnrp_slot_entry(r, sight->slot)->stamp, __ATOMIC_RELAXED);
  return (stamp & ~LTNRP_STAMP_CLAIMED) == sight->stamp;
}

/** Takes the description of the frame that `newest` names. Errors: TORN (look for the newest again), CORRUPT. */
static inline ltnr_status_e ltnrp_look_at(const ltnr_slot_reader_h *r, uint64_t newest, ltnr_frame_t *frame,
                                          ltnr_sight_t *sight) {
  const uint64_t announced = newest >> LTNRP_SLOT_BITS;
  sight->slot = (uint32_t)(newest & (LTNRP_MAX_SLOTS - 1));
  sight->reserved = 0;
  if (sight->slot >= r->view.slots) {
    return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: its header names slot %u of %u", r->view.name, sight->slot,
                      r->view.slots);
  }
  const ltnrp_slot_entry_t *entry = ltnrp_slot_entry(r, sight->slot);
  /* SYNC: pairs with the release store of the stamp in SlotWriter::publish: it brings the whole frame. */
  uint64_t stamp = __atomic_load_n(&entry->stamp, __ATOMIC_ACQUIRE);
  sight->stamp = stamp & ~LTNRP_STAMP_CLAIMED;
  ltnrp_copy(frame, &entry->frame, sizeof *frame);
  if ((stamp & LTNRP_STAMP_WRITING) != 0 || !ltnr_slot_reader_is_whole(r, sight)) {
    return LTNR_E_TORN;
  }
  if (frame->sequence != announced) {
    /* The slot may hold a newer frame, or none since the writer took it and gave it back. */
    return ltnrp_newest(r) != newest
               ? LTNR_E_TORN
               : ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: slot %u holds frame %" PRIu64 " where %" PRIu64 " was announced",
                            r->view.name, sight->slot, frame->sequence, announced);
  }
  const char *fault = ltnrp_frame_fault(frame, r->view.slot_bytes);
  if (fault != NULL) {
    return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: frame %" PRIu64 ": %s", r->view.name, frame->sequence, fault);
  }
  return LTNR_OK;
}

enum { LTNRP_FRAME_TRIES = 16 }; /* losing twice in a row takes a writer that laps us meanwhile */

static inline ltnr_status_e ltnrp_peek(ltnr_slot_reader_h *r, uint64_t after_sequence, ltnr_frame_t *frame,
                                       const uint8_t **bytes, ltnr_sight_t *sight) {
  ltnr_status_e status = LTNR_E_TORN;
  for (int i = 0; i < LTNRP_FRAME_TRIES && status == LTNR_E_TORN; i++) {
    uint64_t newest = 0;
    status = ltnrp_find_newer(r, after_sequence, &newest);
    if (status == LTNR_OK) {
      status = ltnrp_look_at(r, newest, frame, sight);
    }
  }
  if (status == LTNR_E_TORN) {
    return ltnrp_say(status, "The writer overtook every look at the ring's newest frame");
  }
  if (status == LTNR_OK) {
    *bytes = r->view.bytes + r->view.data_at + sight->slot * r->view.slot_bytes;
  }
  return status;
}

static inline ltnr_status_e ltnr_slot_reader_peek_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                         ltnr_frame_t *frame, const uint8_t **bytes,
                                                         ltnr_sight_t *sight) {
  ltnr_frame_t found;
  *bytes = NULL;
  ltnrp_note_asked(r);
  ltnr_status_e status = ltnrp_peek(r, after_sequence, &found, bytes, sight);
  if (status == LTNR_OK) {
    *frame = found;
    ltnrp_note_taken(r, found.sequence);
  }
  return status;
}

static inline ltnr_status_e ltnr_slot_reader_copy_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                         ltnr_frame_t *frame, uint8_t *buffer, size_t capacity_bytes) {
  ltnrp_note_asked(r);
  for (int i = 0; i < LTNRP_FRAME_TRIES; i++) {
    ltnr_frame_t found;
    const uint8_t *bytes = NULL;
    ltnr_sight_t sight;
    ltnr_status_e status = ltnrp_peek(r, after_sequence, &found, &bytes, &sight);
    if (status != LTNR_OK) {
      return status;
    }
    if (found.bytes > capacity_bytes) {
      *frame = found;
      return ltnrp_fail(LTNR_E_BUFFER_TOO_SMALL, "Ring %s: the frame needs %u bytes, %zu were given", r->view.name,
                        found.bytes, capacity_bytes);
    }
    ltnrp_copy(buffer, bytes, found.bytes);
    if (ltnr_slot_reader_is_whole(r, &sight)) {
      *frame = found;
      ltnrp_note_taken(r, found.sequence);
      return LTNR_OK;
    }
  }
  return ltnrp_say(LTNR_E_TORN, "The frame was overwritten during each copy; this reader is too slow, lease instead");
}

static inline void ltnrp_mark(ltnr_slot_reader_h *r, uint32_t slot) {
  if (r->leases_of_slot[slot]++ == 0) { /* one reader may lease the same frame twice */
    /* SYNC: pairs with SlotWriter::try_begin_writing (Dekker): the bit is set before the stamp is looked at again. The
     * fence keeps that load, from another object, behind this store on every processor. */
    __atomic_fetch_or(&r->seat->leased_slots, UINT64_C(1) << slot, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
  }
}

static inline void ltnrp_clear(ltnr_slot_reader_h *r, uint32_t slot) {
  if (--r->leases_of_slot[slot] == 0) {
    /* SYNC: release: our loads from the slot are done before the writer can see it free; pairs with the fence after
     * pread in SlotWriter::try_begin_writing. */
    __atomic_fetch_and(&r->seat->leased_slots, ~(UINT64_C(1) << slot), __ATOMIC_RELEASE);
  }
}

static inline ltnr_status_e ltnr_slot_reader_lease_newest(ltnr_slot_reader_h *r, uint64_t after_sequence,
                                                          ltnr_frame_t *frame, const uint8_t **bytes,
                                                          ltnr_lease_t *lease) {
  *bytes = NULL;
  memset(lease, 0, sizeof *lease);
  ltnrp_note_asked(r);
  for (int i = 0; i < LTNRP_FRAME_TRIES; i++) {
    ltnr_frame_t found;
    const uint8_t *at = NULL;
    ltnr_sight_t sight;
    ltnr_status_e status = ltnrp_peek(r, after_sequence, &found, &at, &sight);
    if (status != LTNR_OK) {
      return status;
    }
    if (r->why_no_seat != LTNR_OK) {
      return ltnrp_fail(r->why_no_seat, "%s", r->why_no_seat_words);
    }
    ltnrp_mark(r, sight.slot);
    /* SYNC: pairs with SlotWriter::try_begin_writing (Dekker): the lease is set, now the stamp again. Unchanged and
     * unclaimed: the writer has not looked at the leases yet, and will see ours. Else it may have missed it: void. */
    if (__atomic_load_n(&ltnrp_slot_entry(r, sight.slot)->stamp, __ATOMIC_SEQ_CST) == sight.stamp) {
      *frame = found;
      *bytes = at;
      lease->reader = r;
      lease->sight = sight;
      r->uses++;
      ltnrp_note_taken(r, found.sequence);
      return LTNR_OK;
    }
    ltnrp_clear(r, sight.slot);
  }
  return ltnrp_say(LTNR_E_TORN, "The writer overtook every attempt to lease the ring's newest frame");
}

static inline int ltnr_lease_is_whole(const ltnr_lease_t *lease) {
  return lease->reader != NULL && ltnr_slot_reader_is_whole(lease->reader, &lease->sight);
}

static inline void ltnr_lease_release(ltnr_lease_t *lease) {
  if (lease->reader != NULL) {
    ltnr_slot_reader_h *r = lease->reader;
    lease->reader = NULL;
    ltnrp_clear(r, lease->sight.slot);
    ltnrp_slot_reader_let_go(r);
  }
}

/* ------------------------------------------------------------------ records --------------------------------------- */

struct ltnr_byte_reader {
  ltnrp_view_t view;
  uint64_t cursor;
  uint64_t expected_sequence; /* of the record at the cursor; 0: not known */
  uint64_t dropped;           /* lost and not yet told */
};

/** head and tail of one look: tail <= head, both multiples of 64. */
typedef struct {
  uint64_t tail;
  uint64_t head;
} ltnrp_bounds_t;

enum { LTNRP_RECORD_TRIES = 64 }; /* a hostile writer must not hold us for ever */

static inline ltnr_status_e ltnrp_corrupt_at(const ltnr_byte_reader_h *r, const char *what, uint64_t position) {
  return ltnrp_fail(LTNR_E_CORRUPT, "Ring %s: %s at position %" PRIu64, r->view.name, what, position);
}

static inline ltnr_status_e ltnrp_say_lapped(void) {
  return ltnrp_say(LTNR_E_TORN, "The writer lapped this reader again and again; make the ring larger");
}

static inline ltnr_status_e ltnrp_bounds(const ltnr_byte_reader_h *r, ltnrp_bounds_t *out) {
  const ltnrp_header_t *h = ltnrp_header(&r->view);
  /* SYNC: pairs with the release store of head in ByteWriter::append. tail is loaded first: tail <= head then holds for
   * every pair of loads, because head never moves back. */
  out->tail = __atomic_load_n(&h->tail, __ATOMIC_ACQUIRE);
  out->head = __atomic_load_n(&h->head, __ATOMIC_ACQUIRE);
  if (out->tail > out->head || (out->tail | out->head) % LTNRP_RECORD_ALIGN_BYTES != 0) {
    return ltnrp_corrupt_at(r, "head and tail contradict each other", out->head);
  }
  return LTNR_OK;
}

static inline int ltnrp_is_overwritten(const ltnr_byte_reader_h *r, uint64_t position) {
  /* SYNC: pairs with the release fence in ByteWriter::give_up_oldest_until: who read one byte written after that fence
   * sees the moved tail below. */
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return __atomic_load_n(&ltnrp_header(&r->view)->tail, __ATOMIC_RELAXED) > position;
}

/** Where a position lies; capacity is a power of two, so that this is inside the ring whatever the position. */
static inline const uint8_t *ltnrp_at(const ltnr_byte_reader_h *r, uint64_t position) {
  return r->view.bytes + r->view.data_at + (position & (r->view.capacity_bytes - 1));
}

/**
 * Takes and checks the head at a position that is a multiple of 64 and below end. After OK, total_bytes reaches neither
 * beyond end nor beyond the ring's end, and the payload lies within. Errors: TORN (overwritten meanwhile), CORRUPT.
 */
static inline ltnr_status_e ltnrp_head_at(const ltnr_byte_reader_h *r, uint64_t position, uint64_t end,
                                          ltnrp_record_head_t *out) {
  const uint64_t left = r->view.capacity_bytes - (position & (r->view.capacity_bytes - 1));
  memset(out, 0, sizeof *out);
  ltnrp_copy(out, ltnrp_at(r, position), left < sizeof *out ? left : sizeof *out);
  if (ltnrp_is_overwritten(r, position)) {
    return LTNR_E_TORN;
  }
  if (out->position != position || out->total_bytes % LTNRP_RECORD_ALIGN_BYTES != 0 || out->total_bytes == 0 ||
      out->total_bytes > left || out->total_bytes > end - position) {
    return ltnrp_corrupt_at(r, "no record begins", position);
  }
  if (out->kind == LTNRP_RECORD_PADDING) {
    /* It ends where the ring ends, or ended before it grew. */
    return (position + out->total_bytes) % LTNRP_MIN_CAPACITY_BYTES == 0
               ? LTNR_OK
               : ltnrp_corrupt_at(r, "padding does not end where a ring may end", position);
  }
  int fits = out->kind == LTNRP_RECORD_DATA && out->total_bytes >= sizeof *out &&
             out->record.payload_bytes <= out->total_bytes - sizeof *out && out->record.sequence != 0;
  return fits ? LTNR_OK : ltnrp_corrupt_at(r, "the record's sizes contradict each other", position);
}

/** Goes past padding to the next record. Errors: AGAIN when there is none before end, TORN, CORRUPT. */
static inline ltnr_status_e ltnrp_record_from(const ltnr_byte_reader_h *r, uint64_t *position, uint64_t end,
                                              ltnrp_record_head_t *out) {
  for (int paddings = 0; *position < end; paddings++) {
    ltnr_status_e status = ltnrp_head_at(r, *position, end, out);
    if (status != LTNR_OK || out->kind == LTNRP_RECORD_DATA) {
      return status;
    }
    if (paddings > 0) {
      return ltnrp_corrupt_at(r, "padding follows padding", *position);
    }
    *position += out->total_bytes;
  }
  return LTNR_E_AGAIN;
}

static inline void ltnrp_stand_at(ltnr_byte_reader_h *r, uint64_t position, uint64_t sequence) {
  r->cursor = position;
  r->expected_sequence = sequence;
}

static inline ltnr_status_e ltnrp_seek_end(ltnr_byte_reader_h *r) {
  const ltnrp_header_t *h = ltnrp_header(&r->view);
  for (int i = 0; i < LTNRP_RECORD_TRIES; i++) {
    /* SYNC: pairs with the three stores of ByteWriter::append (last_sequence, head, writing_sequence): equal sequences
     * around the load of head mean that no append was under way, so head is the end of record `last`. */
    uint64_t last = __atomic_load_n(&h->last_sequence, __ATOMIC_ACQUIRE);
    uint64_t head = __atomic_load_n(&h->head, __ATOMIC_ACQUIRE);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&h->writing_sequence, __ATOMIC_RELAXED) == last) {
      if (head % LTNRP_RECORD_ALIGN_BYTES != 0) {
        return ltnrp_corrupt_at(r, "head is not aligned", head);
      }
      ltnrp_stand_at(r, head, last + 1);
      return LTNR_OK;
    }
  }
  /* The writer died in the middle of an append, or appends without pause: the place is right, the count of losses
   * unknown. */
  ltnrp_bounds_t range;
  ltnr_status_e status = ltnrp_bounds(r, &range);
  if (status == LTNR_OK) {
    ltnrp_stand_at(r, range.head, 0);
  }
  return status;
}

static inline ltnr_status_e ltnrp_seek_oldest(ltnr_byte_reader_h *r) {
  for (int i = 0; i < LTNRP_RECORD_TRIES; i++) {
    ltnrp_bounds_t range;
    ltnrp_record_head_t head;
    ltnr_status_e status = ltnrp_bounds(r, &range);
    if (status != LTNR_OK) {
      return status;
    }
    uint64_t position = range.tail;
    status = ltnrp_record_from(r, &position, range.head, &head);
    if (status == LTNR_E_AGAIN) {
      return ltnrp_seek_end(r); /* the ring is empty */
    }
    if (status == LTNR_OK) {
      ltnrp_stand_at(r, position, head.record.sequence);
    }
    if (status != LTNR_E_TORN) {
      return status;
    }
  }
  return ltnrp_say_lapped();
}

static inline ltnr_status_e ltnrp_seek_newest_key(ltnr_byte_reader_h *r) {
  for (int i = 0; i < LTNRP_RECORD_TRIES; i++) {
    /* SYNC: pairs with the release store of newest_key in ByteWriter::append, which follows that of head. */
    uint64_t position = __atomic_load_n(&ltnrp_header(&r->view)->newest_key, __ATOMIC_ACQUIRE);
    ltnrp_bounds_t range;
    ltnr_status_e status = ltnrp_bounds(r, &range);
    if (status != LTNR_OK) {
      return status;
    }
    if (position == LTNRP_NO_POSITION || position < range.tail) {
      break;
    }
    if (position >= range.head || position % LTNRP_RECORD_ALIGN_BYTES != 0) {
      return ltnrp_corrupt_at(r, "the newest key record lies outside the ring", position);
    }
    ltnrp_record_head_t head;
    status = ltnrp_head_at(r, position, range.head, &head);
    if (status == LTNR_OK && head.kind != LTNRP_RECORD_DATA) {
      return ltnrp_corrupt_at(r, "the newest key record is padding", position);
    }
    if (status == LTNR_OK) {
      ltnrp_stand_at(r, position, head.record.sequence);
    }
    if (status != LTNR_E_TORN) {
      return status;
    }
  }
  return ltnrp_seek_end(r);
}

static inline ltnr_status_e ltnrp_seek_sequence(ltnr_byte_reader_h *r, uint64_t sequence) {
  ltnr_status_e status = ltnrp_seek_oldest(r);
  /* A ring holds no more records than this; the rest is for being lapped while walking. */
  uint64_t steps = r->view.capacity_bytes / sizeof(ltnrp_record_head_t) * 2 + LTNRP_RECORD_TRIES;
  while (status == LTNR_OK && r->expected_sequence != 0 && r->expected_sequence < sequence) {
    ltnrp_bounds_t range;
    ltnrp_record_head_t head;
    if (steps-- == 0) {
      return ltnrp_say_lapped();
    }
    if ((status = ltnrp_bounds(r, &range)) != LTNR_OK) {
      return status;
    }
    uint64_t position = r->cursor;
    status = position < range.tail ? LTNR_E_TORN : ltnrp_record_from(r, &position, range.head, &head);
    if (status == LTNR_E_AGAIN) {
      return LTNR_OK; /* not written yet: stand at the end */
    }
    if (status == LTNR_E_TORN) {
      status = ltnrp_seek_oldest(r); /* the oldest is later now */
    } else if (status == LTNR_OK && head.record.sequence != r->expected_sequence) {
      return ltnrp_corrupt_at(r, "a record is out of sequence", position);
    } else if (status == LTNR_OK) {
      ltnrp_stand_at(r, position + head.total_bytes, head.record.sequence + 1);
    }
  }
  return status;
}

/** A ring that grew is the same ring in a larger object: positions and sequences mean the same there. */
static inline int ltnrp_go_over_if_grown(ltnr_byte_reader_h *r) {
  ltnrp_view_t grown;
  if (ltnrp_view_open(&grown, r->view.name, LTNR_RING_BYTES) != LTNR_OK) {
    return 0;
  }
  if (grown.incarnation != r->view.incarnation || grown.capacity_bytes <= r->view.capacity_bytes) {
    ltnrp_view_close(&grown);
    return 0;
  }
  ltnrp_view_close(&r->view);
  r->view = grown;
  return 1;
}

static inline ltnr_status_e ltnr_byte_reader_seek(ltnr_byte_reader_h *r, int whence, uint64_t sequence) {
  if (ltnrp_is_gone(&r->view)) {
    ltnrp_go_over_if_grown(r); /* else the newest of a ring that grew would be what was newest then */
  }
  r->dropped = 0;
  switch (whence) {
    case LTNR_SEEK_OLDEST:
      return ltnrp_seek_oldest(r);
    case LTNR_SEEK_NEWEST_KEY:
      return ltnrp_seek_newest_key(r);
    case LTNR_SEEK_END:
      return ltnrp_seek_end(r);
    case LTNR_SEEK_SEQUENCE:
      return ltnrp_seek_sequence(r, sequence);
    default:
      return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "Expected a place to seek of 0 to 3 but received %d", whence);
  }
}

static inline void ltnr_byte_reader_close(ltnr_byte_reader_h *r) {
  if (r != NULL) {
    ltnrp_view_close(&r->view);
    munmap(r, sizeof *r);
  }
}

static inline ltnr_status_e ltnr_byte_reader_open(const char *name, ltnr_byte_reader_h **out) {
  ltnr_byte_reader_h *r = (ltnr_byte_reader_h *)ltnrp_allocate(sizeof *r);
  if (r == NULL) {
    return ltnrp_say(LTNR_E_SYSTEM, "There is no memory for a reader");
  }
  ltnr_status_e status = ltnrp_view_open(&r->view, name, LTNR_RING_BYTES);
  if (status == LTNR_OK) {
    status = ltnrp_seek_oldest(r);
  }
  if (status != LTNR_OK) {
    ltnr_byte_reader_close(r);
    return status;
  }
  *out = r;
  return LTNR_OK;
}

static inline uint64_t ltnr_byte_reader_incarnation(const ltnr_byte_reader_h *r) { return r->view.incarnation; }

static inline ltnr_status_e ltnr_byte_reader_description(ltnr_byte_reader_h *r, char *buffer, size_t capacity_bytes,
                                                         size_t *json_bytes, uint32_t *version) {
  return ltnrp_description(&r->view, buffer, capacity_bytes, json_bytes, version);
}

/** The cursor was lapped: goes on at the oldest whole record. Errors: TORN, AGAIN (lapped again), CORRUPT. */
static inline ltnr_status_e ltnrp_recover(ltnr_byte_reader_h *r, const ltnrp_bounds_t *range) {
  uint64_t position = range->tail;
  ltnrp_record_head_t head;
  ltnr_status_e status = ltnrp_record_from(r, &position, range->head, &head);
  if (status != LTNR_OK) {
    return status;
  }
  if (head.record.sequence < r->expected_sequence) {
    return ltnrp_corrupt_at(r, "sequences run backwards", position);
  }
  if (r->expected_sequence != 0) {
    r->dropped += head.record.sequence - r->expected_sequence; /* sequences have no holes */
  }
  ltnrp_stand_at(r, position, head.record.sequence);
  return LTNR_OK;
}

/** Takes the record at the cursor. Errors: TORN (look again), BUFFER_TOO_SMALL (*record is set), CORRUPT. */
static inline ltnr_status_e ltnrp_take_record(ltnr_byte_reader_h *r, uint64_t end, ltnr_record_t *record,
                                              uint8_t *buffer, size_t capacity_bytes) {
  const uint64_t position = r->cursor;
  ltnrp_record_head_t head;
  ltnr_status_e status = ltnrp_head_at(r, position, end, &head);
  if (status != LTNR_OK) {
    return status;
  }
  if (head.kind == LTNRP_RECORD_PADDING) {
    ltnrp_stand_at(r, position + head.total_bytes, r->expected_sequence);
    return LTNR_E_TORN; /* look again, behind it */
  }
  if (r->expected_sequence != 0 && head.record.sequence != r->expected_sequence) {
    return ltnrp_corrupt_at(r, "a record is out of sequence", position);
  }
  if (head.record.payload_bytes > capacity_bytes) {
    *record = head.record;
    return ltnrp_fail(LTNR_E_BUFFER_TOO_SMALL, "Ring %s: the record needs %u bytes, %zu were given", r->view.name,
                      head.record.payload_bytes, capacity_bytes);
  }
  ltnrp_copy(buffer, ltnrp_at(r, position) + sizeof head, head.record.payload_bytes);
  if (ltnrp_is_overwritten(r, position)) {
    return LTNR_E_TORN;
  }
  *record = head.record;
  ltnrp_stand_at(r, position + head.total_bytes, head.record.sequence + 1);
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_byte_reader_next(ltnr_byte_reader_h *r, ltnr_record_t *record, uint8_t *buffer,
                                                  size_t capacity_bytes, uint64_t *dropped) {
  for (int i = 0; i < LTNRP_RECORD_TRIES; i++) {
    ltnrp_bounds_t range;
    ltnr_status_e status = ltnrp_bounds(r, &range);
    if (status != LTNR_OK) {
      return status;
    }
    if (r->cursor > range.head) {
      return ltnrp_corrupt_at(r, "head moved back", range.head);
    }
    if (r->cursor < range.tail) {
      status = ltnrp_recover(r, &range);
      if (status == LTNR_E_CORRUPT) {
        return status;
      }
      continue;
    }
    if (r->cursor == range.head) {
      if (!ltnrp_is_gone(&r->view)) {
        return ltnrp_say(LTNR_E_AGAIN, "There is no further record in the ring");
      }
      /* SYNC: pairs with the release store of head in ByteWriter::append; is_gone acquired the last one. */
      if (__atomic_load_n(&ltnrp_header(&r->view)->head, __ATOMIC_ACQUIRE) == r->cursor && !ltnrp_go_over_if_grown(r)) {
        return ltnrp_say_gone();
      }
      continue;
    }
    status = ltnrp_take_record(r, range.head, record, buffer, capacity_bytes);
    if (status == LTNR_OK) {
      *dropped = r->dropped;
      r->dropped = 0;
    }
    if (status != LTNR_E_TORN) {
      return status;
    }
  }
  return ltnrp_say_lapped();
}

static inline int ltnrp_has_next_record(void *handle, uint64_t unused) {
  (void)unused;
  const ltnr_byte_reader_h *r = (const ltnr_byte_reader_h *)handle;
  /* SYNC: pairs with the release store of head in ByteWriter::append. */
  return __atomic_load_n(&ltnrp_header(&r->view)->head, __ATOMIC_ACQUIRE) != r->cursor;
}

static inline ltnr_status_e ltnr_byte_reader_wait(ltnr_byte_reader_h *r, int32_t timeout_ms) {
  ltnr_status_e status = ltnrp_wait(&r->view, ltnrp_has_next_record, r, 0, timeout_ms);
  return status == LTNR_E_GONE && ltnrp_go_over_if_grown(r) ? LTNR_OK : status;
}

/* ------------------------------------------------------------------ following ------------------------------------- */

#define LTNRP_REOPEN_NS INT64_C(100000000) /* how soon a new writer is found; a look at the name is one system call */

/** Naps until the name is looked at again. Errors: TIMEOUT. */
static inline ltnr_status_e ltnrp_nap(int64_t deadline_ns) {
  int64_t left_ns = deadline_ns - ltnrp_mono_now_ns();
  if (left_ns <= 0) {
    return ltnrp_say(LTNR_E_TIMEOUT, "No writer, or nothing new of it, within the time given");
  }
  ltnrp_sleep_ns(left_ns < LTNRP_REOPEN_NS ? left_ns : LTNRP_REOPEN_NS);
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_frame_follower_begin(ltnr_frame_follower_t *f, const char *name) {
  memset(f, 0, sizeof *f);
  ltnr_status_e status = ltnrp_check_name(name);
  if (status == LTNR_OK) {
    memcpy(f->name, name, strlen(name));
  }
  return status;
}

static inline void ltnr_frame_follower_end(ltnr_frame_follower_t *f) {
  ltnr_slot_reader_close(f->reader);
  f->reader = NULL;
}

/** Sees to it that there is a ring to read, one that was not read before. Errors: TIMEOUT and those of open. */
static inline ltnr_status_e ltnrp_frame_follower_attach(ltnr_frame_follower_t *f, int64_t deadline_ns) {
  while (f->reader == NULL) {
    ltnr_slot_reader_h *reader = NULL;
    ltnr_status_e status = ltnr_slot_reader_open(f->name, &reader);
    if (status == LTNR_OK && (f->rings == 0 || reader->view.incarnation != f->incarnation)) {
      f->reader = reader;
      f->incarnation = reader->view.incarnation;
      f->after_sequence = 0;
      f->rings++;
      return LTNR_OK;
    }
    ltnr_slot_reader_close(reader);
    if (status == LTNR_OK || status == LTNR_E_NOT_FOUND) {
      status = ltnrp_nap(deadline_ns);
    }
    if (status != LTNR_OK) {
      return status;
    }
  }
  return LTNR_OK;
}

/** Decides what follows a try that took nothing: LTNR_OK to try again, else what to tell the caller. */
static inline ltnr_status_e ltnrp_frame_follower_after(ltnr_frame_follower_t *f, ltnr_status_e status,
                                                       int64_t deadline_ns) {
  if (status == LTNR_E_AGAIN) {
    status = ltnr_slot_reader_wait(f->reader, f->after_sequence, ltnrp_left_ms(deadline_ns));
  }
  if (status == LTNR_E_TORN && ltnrp_mono_now_ns() < deadline_ns) {
    return LTNR_OK; /* what overtook us is newer, and may be whole */
  }
  if (status == LTNR_E_NOT_FOUND && ltnrp_is_gone(&f->reader->view)) {
    status = LTNR_E_GONE; /* its leases went first: it is just being replaced */
  }
  if (status == LTNR_E_GONE || status == LTNR_E_CORRUPT) {
    ltnr_frame_follower_end(f);
  }
  return status == LTNR_E_GONE ? LTNR_OK : status;
}

static inline ltnr_status_e ltnr_frame_follower_copy(ltnr_frame_follower_t *f, int32_t timeout_ms, ltnr_frame_t *frame,
                                                     uint8_t *buffer, size_t capacity_bytes) {
  const int64_t deadline_ns = ltnrp_deadline_ns(timeout_ms);
  for (;;) {
    ltnr_status_e status = ltnrp_frame_follower_attach(f, deadline_ns);
    if (status != LTNR_OK) {
      return status;
    }
    status = ltnr_slot_reader_copy_newest(f->reader, f->after_sequence, frame, buffer, capacity_bytes);
    if (status == LTNR_OK) {
      f->after_sequence = frame->sequence;
      return LTNR_OK;
    }
    if ((status = ltnrp_frame_follower_after(f, status, deadline_ns)) != LTNR_OK) {
      return status;
    }
  }
}

static inline ltnr_status_e ltnr_frame_follower_lease(ltnr_frame_follower_t *f, int32_t timeout_ms, ltnr_frame_t *frame,
                                                      const uint8_t **bytes, ltnr_lease_t *lease) {
  *bytes = NULL;
  memset(lease, 0, sizeof *lease);
  const int64_t deadline_ns = ltnrp_deadline_ns(timeout_ms);
  for (;;) {
    ltnr_status_e status = ltnrp_frame_follower_attach(f, deadline_ns);
    if (status != LTNR_OK) {
      return status;
    }
    status = ltnr_slot_reader_lease_newest(f->reader, f->after_sequence, frame, bytes, lease);
    if (status == LTNR_OK) {
      f->after_sequence = frame->sequence;
      return LTNR_OK;
    }
    if ((status = ltnrp_frame_follower_after(f, status, deadline_ns)) != LTNR_OK) {
      return status;
    }
  }
}

static inline ltnr_status_e ltnr_record_follower_begin(ltnr_record_follower_t *f, const char *name, int whence) {
  memset(f, 0, sizeof *f);
  if (whence < LTNR_SEEK_OLDEST || whence > LTNR_SEEK_END) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "Expected a place to begin of 0 to 2 but received %d", whence);
  }
  f->whence = whence;
  ltnr_status_e status = ltnrp_check_name(name);
  if (status == LTNR_OK) {
    memcpy(f->name, name, strlen(name));
  }
  return status;
}

static inline void ltnr_record_follower_end(ltnr_record_follower_t *f) {
  ltnr_byte_reader_close(f->reader);
  f->reader = NULL;
}

static inline ltnr_status_e ltnrp_record_follower_attach(ltnr_record_follower_t *f, int64_t deadline_ns) {
  while (f->reader == NULL) {
    ltnr_byte_reader_h *reader = NULL;
    ltnr_status_e status = ltnr_byte_reader_open(f->name, &reader);
    if (status == LTNR_OK && f->rings == 0) {
      status = ltnr_byte_reader_seek(reader, f->whence, 0);
    }
    if (status == LTNR_OK && (f->rings == 0 || reader->view.incarnation != f->incarnation)) {
      f->reader = reader;
      f->incarnation = reader->view.incarnation;
      f->rings++;
      return LTNR_OK;
    }
    ltnr_byte_reader_close(reader);
    if (status == LTNR_OK || status == LTNR_E_NOT_FOUND || status == LTNR_E_TORN) {
      status = ltnrp_nap(deadline_ns);
    }
    if (status != LTNR_OK) {
      return status;
    }
  }
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_record_follower_next(ltnr_record_follower_t *f, int32_t timeout_ms,
                                                      ltnr_record_t *record, uint8_t *buffer, size_t capacity_bytes,
                                                      uint64_t *dropped) {
  const int64_t deadline_ns = ltnrp_deadline_ns(timeout_ms);
  for (;;) {
    ltnr_status_e status = ltnrp_record_follower_attach(f, deadline_ns);
    if (status != LTNR_OK) {
      return status;
    }
    status = ltnr_byte_reader_next(f->reader, record, buffer, capacity_bytes, dropped);
    if (status == LTNR_E_AGAIN) {
      status = ltnr_byte_reader_wait(f->reader, ltnrp_left_ms(deadline_ns));
      if (status == LTNR_OK) {
        continue;
      }
    }
    if (status == LTNR_E_TORN && ltnrp_mono_now_ns() < deadline_ns) {
      continue;
    }
    if (status == LTNR_E_GONE || status == LTNR_E_CORRUPT) {
      ltnr_record_follower_end(f);
    }
    if (status != LTNR_E_GONE) {
      return status;
    }
  }
}

/* ------------------------------------------------------------------ JSON ------------------------------------------ */

static inline void ltnrp_json_space(ltnr_json_t *t) {
  while (t->at < t->end && (*t->at == ' ' || *t->at == '\t' || *t->at == '\n' || *t->at == '\r')) {
    t->at++;
  }
}

/** Whether the next character is c; goes past it then. */
static inline int ltnrp_json_take(ltnr_json_t *t, char c) {
  ltnrp_json_space(t);
  if (t->at < t->end && *t->at == c) {
    t->at++;
    return 1;
  }
  return 0;
}

/** Goes past a string; *inside is what is between its quotes. */
static inline int ltnrp_json_string(ltnr_json_t *t, ltnr_json_t *inside) {
  if (!ltnrp_json_take(t, '"')) {
    return 0;
  }
  inside->at = t->at;
  for (; t->at < t->end; t->at++) {
    if (*t->at == '"') {
      inside->end = t->at++;
      return 1;
    }
    if (*t->at == '\\' && ++t->at == t->end) {
      return 0;
    }
  }
  return 0;
}

/** Goes past one value. Counts brackets instead of recursing: text of any depth needs no more stack. */
static inline int ltnrp_json_skip(ltnr_json_t *t) {
  size_t depth = 0;
  do {
    ltnr_json_t inside;
    ltnrp_json_space(t);
    if (t->at == t->end) {
      return 0;
    }
    switch (*t->at) {
      case '"':
        if (!ltnrp_json_string(t, &inside)) {
          return 0;
        }
        break;
      case '{':
      case '[':
        depth++;
        t->at++;
        break;
      case '}':
      case ']':
      case ',':
      case ':':
        if (depth == 0) {
          return 0;
        }
        depth -= *t->at == '}' || *t->at == ']';
        t->at++;
        break;
      default: /* a number, true, false, null */
        while (t->at < t->end && strchr(",:]}\" \t\n\r", *t->at) == NULL) {
          t->at++;
        }
        if (t->at < t->end && *t->at == '\0') { /* strchr finds the terminator too */
          return 0;
        }
    }
  } while (depth > 0);
  return 1;
}

static inline int ltnr_json_find(ltnr_json_t value, const char *key, size_t item, ltnr_json_t *out) {
  ltnr_json_t t = value;
  if (!ltnrp_json_take(&t, key != NULL ? '{' : '[')) {
    return 0;
  }
  for (size_t i = 0;; i++) {
    ltnr_json_t name = {t.at, t.at};
    if (key != NULL && !(ltnrp_json_string(&t, &name) && ltnrp_json_take(&t, ':'))) {
      return 0;
    }
    ltnrp_json_space(&t);
    out->at = t.at;
    if (!ltnrp_json_skip(&t)) {
      return 0;
    }
    out->end = t.at;
    size_t name_bytes = (size_t)(name.end - name.at);
    if (key == NULL ? i == item : strlen(key) == name_bytes && memcmp(key, name.at, name_bytes) == 0) {
      return 1;
    }
    if (!ltnrp_json_take(&t, ',')) {
      return 0;
    }
  }
}

static inline int ltnr_json_number(ltnr_json_t value, double *out) {
  char text[40]; /* our own reading: strtod would take the user's decimal comma */
  size_t length = (size_t)(value.end - value.at);
  if (length == 0 || length >= sizeof text) {
    return 0;
  }
  memcpy(text, value.at, length);
  text[length] = '\0';
  const char *at = text;
  double number = 0, divisor = 1, sign = 1;
  if (*at == '-') {
    sign = -1;
    at++;
  }
  const char *digits = at;
  for (; *at >= '0' && *at <= '9'; at++) {
    number = number * 10 + (*at - '0');
  }
  if (at == digits) {
    return 0;
  }
  if (*at == '.') {
    for (at++; *at >= '0' && *at <= '9'; at++) {
      number = number * 10 + (*at - '0');
      divisor *= 10;
    }
  }
  if (*at == 'e' || *at == 'E') {
    at++;
    int is_negative = *at == '-';
    at += *at == '-' || *at == '+';
    int exponent = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
      exponent = exponent < 400 ? exponent * 10 + (*at - '0') : exponent; /* beyond 308 all is 0 or infinite */
    }
    for (; exponent > 0; exponent--) {
      *(is_negative ? &divisor : &number) *= 10;
    }
  }
  *out = sign * number / divisor;
  return *at == '\0';
}

static inline int ltnr_json_text(ltnr_json_t value, char *out, size_t capacity_bytes) {
  ltnr_json_t inside;
  if (!ltnrp_json_string(&value, &inside)) {
    return 0;
  }
  size_t length = (size_t)(inside.end - inside.at);
  if (length >= capacity_bytes || memchr(inside.at, '\\', length) != NULL) {
    return 0;
  }
  memcpy(out, inside.at, length);
  out[length] = '\0';
  return 1;
}

/** A member that is a whole number from 0 to 2^32 - 1. */
static inline int ltnrp_json_u32(ltnr_json_t object, const char *key, uint32_t *out) {
  ltnr_json_t value;
  double number = 0;
  if (!ltnr_json_find(object, key, 0, &value) || !ltnr_json_number(value, &number) ||
      !(number >= 0 && number <= UINT32_MAX)) {
    return 0;
  }
  *out = (uint32_t)number;
  return *out == number;
}

/* ------------------------------------------------------------------ depth, sound, motion -------------------------- */

static inline ltnr_status_e ltnr_depth_of(const char *json, size_t json_bytes, ltnr_depth_t *out) {
  ltnr_json_t text = {json, json + json_bytes};
  ltnr_json_t depth, scale, invalid;
  ltnr_depth_t found = {0, 0};
  if (!ltnr_json_find(text, "depth", 0, &depth) || !ltnr_json_find(depth, "metresPerUnit", 0, &scale) ||
      !ltnr_json_number(scale, &found.metres_per_unit) || !ltnr_json_find(depth, "invalid", 0, &invalid) ||
      !ltnr_json_number(invalid, &found.invalid)) {
    return ltnrp_say(LTNR_E_NOT_FOUND, "The ring's description has no depth.metresPerUnit and depth.invalid");
  }
  *out = found;
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_pcm_format_of(const char *json, size_t json_bytes, uint32_t stream_index,
                                               ltnr_pcm_format_t *out) {
  ltnr_json_t text = {json, json + json_bytes};
  ltnr_json_t streams, stream, codec;
  int has_streams = ltnr_json_find(text, "streams", 0, &streams);
  for (size_t i = 0; has_streams && ltnr_json_find(streams, NULL, i, &stream); i++) {
    uint32_t index = 0;
    char name[16];
    ltnr_pcm_format_t found = {LTNR_PCM_S16LE, 0, 0};
    if (!ltnrp_json_u32(stream, "index", &index) || index != stream_index) {
      continue;
    }
    if (!ltnr_json_find(stream, "codec", 0, &codec) || !ltnr_json_text(codec, name, sizeof name) ||
        !ltnrp_json_u32(stream, "sampleRateHz", &found.sample_rate_hz) ||
        !ltnrp_json_u32(stream, "channels", &found.channels) || found.channels == 0) {
      break;
    }
    if (strcmp(name, "pcm_f32le") == 0) {
      found.codec = LTNR_PCM_F32LE;
    } else if (strcmp(name, "pcm_s16le") != 0) {
      break;
    }
    *out = found;
    return LTNR_OK;
  }
  return ltnrp_fail(LTNR_E_NOT_FOUND, "The ring's description has no pcm_s16le or pcm_f32le stream of index %u",
                    stream_index);
}

static inline ltnr_status_e ltnr_byte_reader_pcm_format(ltnr_byte_reader_h *r, const ltnr_record_t *record,
                                                        ltnr_pcm_format_t *out) {
  char json[LTNR_DESCRIPTION_MAX_BYTES];
  size_t json_bytes = 0;
  uint32_t version = 0;
  ltnr_status_e status = ltnr_byte_reader_description(r, json, sizeof json, &json_bytes, &version);
  if (status != LTNR_OK) {
    return status;
  }
  if (version != record->description_version) {
    return ltnrp_say(LTNR_E_NOT_FOUND, "The description that the record was written under is gone");
  }
  return ltnr_pcm_format_of(json, json_bytes, record->stream_index, out);
}

/** Checks a PCM payload, and says how many samples it holds. */
static inline ltnr_status_e ltnrp_pcm_samples(const ltnr_pcm_format_t *format, size_t payload_bytes,
                                              size_t capacity_samples, size_t *samples) {
  if ((format->codec != LTNR_PCM_S16LE && format->codec != LTNR_PCM_F32LE) || format->channels == 0) {
    return ltnrp_say(LTNR_E_INVALID_ARGUMENT, "Expected a PCM format of pcm_s16le or pcm_f32le with channels");
  }
  size_t sample_bytes = format->codec == LTNR_PCM_S16LE ? 2 : 4;
  if (payload_bytes % (sample_bytes * format->channels) != 0) {
    return ltnrp_fail(LTNR_E_CORRUPT, "A PCM payload of %zu bytes holds no whole samples of %u channels", payload_bytes,
                      format->channels);
  }
  *samples = payload_bytes / sample_bytes;
  if (*samples > capacity_samples) {
    return ltnrp_fail(LTNR_E_BUFFER_TOO_SMALL, "The payload holds %zu samples, there is room for %zu", *samples,
                      capacity_samples);
  }
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_pcm_to_float(const ltnr_pcm_format_t *format, const uint8_t *payload,
                                              size_t payload_bytes, float *out, size_t capacity_samples,
                                              size_t *samples) {
  ltnr_status_e status = ltnrp_pcm_samples(format, payload_bytes, capacity_samples, samples);
  if (status != LTNR_OK) {
    return status;
  }
  if (format->codec == LTNR_PCM_F32LE) {
    ltnrp_copy(out, payload, *samples * sizeof *out);
    return LTNR_OK;
  }
  for (size_t i = 0; i < *samples; i++) {
    int16_t sample;
    memcpy(&sample, payload + i * sizeof sample, sizeof sample); /* a payload may lie at any address */
    out[i] = (float)sample / 32768.0f;
  }
  return LTNR_OK;
}

static inline ltnr_status_e ltnr_pcm_to_int16(const ltnr_pcm_format_t *format, const uint8_t *payload,
                                              size_t payload_bytes, int16_t *out, size_t capacity_samples,
                                              size_t *samples) {
  ltnr_status_e status = ltnrp_pcm_samples(format, payload_bytes, capacity_samples, samples);
  if (status != LTNR_OK) {
    return status;
  }
  if (format->codec == LTNR_PCM_S16LE) {
    ltnrp_copy(out, payload, *samples * sizeof *out);
    return LTNR_OK;
  }
  for (size_t i = 0; i < *samples; i++) {
    float sample;
    memcpy(&sample, payload + i * sizeof sample, sizeof sample);
    float scaled = sample * 32768.0f;
    /* In this order NaN ends as 0 and not as undefined behaviour. */
    out[i] = scaled >= 32767.0f    ? (int16_t)32767
             : scaled <= -32768.0f ? (int16_t)-32768
             : scaled == scaled    ? (int16_t)(scaled < 0 ? scaled - 0.5f : scaled + 0.5f)
                                   : (int16_t)0;
  }
  return LTNR_OK;
}

static inline size_t ltnr_imu_samples(size_t payload_bytes) { return payload_bytes / LTNR_IMU_SAMPLE_BYTES; }

static inline ltnr_status_e ltnr_imu_sample(const uint8_t *payload, size_t payload_bytes, size_t index,
                                            ltnr_imu_sample_t *out) {
  if (payload_bytes == 0 || payload_bytes % LTNR_IMU_SAMPLE_BYTES != 0) {
    return ltnrp_fail(LTNR_E_CORRUPT, "An IMU payload of %zu bytes holds no whole samples of %d bytes", payload_bytes,
                      (int)LTNR_IMU_SAMPLE_BYTES);
  }
  if (index >= ltnr_imu_samples(payload_bytes)) {
    return ltnrp_fail(LTNR_E_INVALID_ARGUMENT, "The payload holds %zu IMU samples; there is no sample %zu",
                      ltnr_imu_samples(payload_bytes), index);
  }
  ltnr_imu_sample_t found;
  memcpy(&found, payload + index * LTNR_IMU_SAMPLE_BYTES, sizeof found); /* a payload may lie at any address */
  if (found.sensor < LTNR_IMU_ACCELEROMETER || found.sensor > LTNR_IMU_MAGNETOMETER) {
    return ltnrp_fail(LTNR_E_CORRUPT, "IMU sample %zu names sensor %u; 1 to 3 are known", index, found.sensor);
  }
  *out = found;
  return LTNR_OK;
}

/* ------------------------------------------------------------------ which rings exist ----------------------------- */

static inline ltnr_status_e ltnr_ring_inspect(const char *name, ltnr_ring_info_t *out) {
  ltnr_status_e status = ltnrp_check_name(name);
  int fd = -1;
  uint64_t size_bytes = 0;
  ltnrp_header_t header; /* a copy: plain loads will do */
  if (status != LTNR_OK || (status = ltnrp_open_object(name, "", O_RDONLY, &fd, &size_bytes)) != LTNR_OK) {
    return status;
  }
  status = ltnrp_read_header(fd, name, &header);
  if (status == LTNR_OK) {
    memset(out, 0, sizeof *out);
    out->kind = header.kind;
    out->version = header.version;
    out->writer_pid = header.writer_pid;
    out->alive = header.state == LTNRP_STATE_LIVE && ltnrp_is_byte_locked(fd, 0);
    out->slots = header.slots;
    out->total_bytes = size_bytes;
    out->incarnation = header.incarnation;
    out->slot_bytes = header.slot_bytes;
    out->capacity_bytes = header.capacity_bytes;
    out->last_sequence = header.kind == LTNR_RING_SLOTS ? header.newest >> LTNRP_SLOT_BITS : header.last_sequence;
    out->created_wall_us = header.created_wall_us;
  }
  close(fd);
  return status;
}

static inline ltnr_status_e ltnr_ring_list(const char *prefix,
                                           void (*each)(const char *name, const ltnr_ring_info_t *info, void *context),
                                           void *context) {
  DIR *folder = opendir("/dev/shm");
  if (folder == NULL) {
    return ltnrp_fail(LTNR_E_SYSTEM, "Cannot list /dev/shm: errno %d", errno);
  }
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    ltnr_ring_info_t info;
    if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && ltnr_ring_inspect(entry->d_name, &info) == LTNR_OK) {
      each(entry->d_name, &info, context);
    }
  }
  closedir(folder);
  return LTNR_OK;
}

#endif
