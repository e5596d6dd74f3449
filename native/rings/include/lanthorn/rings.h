/**
 * lanthorn/rings.h: shared-memory rings, one writer and any number of readers.
 *
 * Two shapes stand on one header: the slot ring (fixed, page-aligned slots: frames, depth, mattes) and the byte ring
 * (variable records: packets, PCM, IMU, results). Layout in bytes: docs/ref/rings.md. Why: docs/design/rings.md.
 *
 * Threads: a reader handle and its leases belong to one thread at a time, except that _wait may run in a second thread
 * and _interrupt be called from any. Functions of a writer handle may be called from any thread; _close from one, last.
 * Any number of handles may exist. Only 64-bit Linux, little-endian.
 * Errors: every function returns ltn_status_e; ltn_last_error() says in words what was expected, what came and what
 * to do next. No exception crosses this line.
 */
#ifndef LANTHORN_RINGS_H
#define LANTHORN_RINGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  LTN_OK = 0,
  LTN_E_INVALID_ARGUMENT = 1,
  LTN_E_NOT_FOUND = 2, /* no ring of that name: the writer has not started */
  LTN_E_EXISTS = 3,    /* a live writer already owns the name */
  LTN_E_NO_SPACE = 4,  /* /dev/shm cannot hold the ring; the message names ring and bytes missing */
  LTN_E_AGAIN = 5,     /* nothing newer than what this reader has seen */
  LTN_E_TORN = 6,      /* the record was overwritten while it was read; nothing was returned */
  LTN_E_OVERRUN = 7,   /* the reader was lapped; it stands at the oldest whole record now */
  LTN_E_GONE = 8,      /* the writer has exited or was replaced: reopen by name */
  LTN_E_CORRUPT = 9,   /* header or index hold values no writer of this version writes */
  LTN_E_TIMEOUT = 10,
  LTN_E_BUSY = 11, /* every slot is leased: nothing could be reserved */
  LTN_E_BUFFER_TOO_SMALL = 12,
  LTN_E_PERMISSION = 13,
  LTN_E_SYSTEM = 14 /* errno in the message */
} ltn_status_e;

/** Words for the last failure on this thread; valid until the next call on this thread. Never NULL. */
const char *ltn_last_error(void);

enum { LTN_MAX_PLANES = 4, LTN_NAME_BYTES = 16, LTN_RING_NAME_MAX_BYTES = 200, LTN_DESCRIPTION_MAX_BYTES = 16384 };

/** One frame's description. Fixed width; the same struct lies in shared memory beside each slot. */
typedef struct {
  uint64_t sequence;        /* 1, 2, 3 … within one incarnation of the ring; set by publish */
  int64_t capture_mono_ns;  /* CLOCK_MONOTONIC, nanoseconds */
  int64_t capture_wall_us;  /* Unix time, microseconds */
  int64_t arrival_mono_ns;  /* when the last byte of this frame reached the box; 0 when it was made here */
  int64_t publish_mono_ns;  /* set by publish */
  int64_t pts_90k;          /* presentation time of the source stream, 90 kHz, unwrapped */
  uint64_t source_sequence; /* sequence of the record (packet) or frame it was made from; 0 when none */
  uint32_t width_px;
  uint32_t height_px;
  uint32_t flags; /* LTN_FRAME_KEY */
  uint32_t planes;
  uint32_t plane_offset_bytes[LTN_MAX_PLANES]; /* from the start of the slot */
  uint32_t plane_stride_bytes[LTN_MAX_PLANES];
  uint32_t bytes; /* used bytes of the slot */
  uint32_t reserved;
  char pixel_format[LTN_NAME_BYTES]; /* FFmpeg's name: nv12, yuv420p, rgb24, gray, gray16le, grayf32le */
  char color_space[LTN_NAME_BYTES];  /* FFmpeg's name: bt709, smpte170m, unknown */
  char color_range[LTN_NAME_BYTES];  /* tv, pc, unknown */
} ltn_frame_t;

enum { LTN_FRAME_KEY = 1 };

/** One record's description in a byte ring. */
typedef struct {
  uint64_t sequence; /* set by append */
  int64_t capture_mono_ns;
  int64_t capture_wall_us;
  int64_t arrival_mono_ns;
  int64_t pts_90k; /* unwrapped; LTN_NO_PTS when unknown */
  int64_t dts_90k;
  uint32_t duration_90k;        /* 0 when unknown */
  uint32_t type;                /* LTN_RECORD_… */
  uint32_t flags;               /* LTN_RECORD_KEY, LTN_RECORD_DISCONTINUITY */
  uint32_t stream_index;        /* into the description's "streams" */
  uint32_t description_version; /* of the ring's description when this was written; set by append */
  uint32_t payload_bytes;
} ltn_record_t;

#define LTN_NO_PTS INT64_MIN

enum {
  LTN_RECORD_PACKET = 1,   /* one access unit: H.264/H.265 in Annex B, AAC raw (no ADTS), Opus packet */
  LTN_RECORD_PCM = 2,      /* interleaved samples; format, rate, channels in the description */
  LTN_RECORD_IMU = 3,      /* docs/ref/rings.md#imu */
  LTN_RECORD_RESULT = 4,   /* JSON, UTF-8: services/lib/contract result records */
  LTN_RECORD_SNAPSHOT = 5, /* u32 LE json bytes, JSON, then a JPEG */
  LTN_RECORD_DATA = 6      /* private data of the stream, as it came (KLV and others) */
};
/**
 * KEY: a reader may join at this record (LTN_SEEK_NEWEST_KEY goes to the newest of them): video key frames; never the
 * audio of a ring that has video. DISCONTINUITY: timestamps do not continue those of the record before.
 */
enum { LTN_RECORD_KEY = 1, LTN_RECORD_DISCONTINUITY = 2 };

/* ------------------------------------------------------------------ slot ring, writer ------------------------ */

typedef struct ltn_slot_writer ltn_slot_writer_h;

/**
 * Creates a slot ring and reserves all its memory. A ring of this name left by a dead writer is replaced.
 * name: without leading slash, [A-Za-z0-9._-], e.g. "lanthorn.porch.frames". slots: 3..64. slot_bytes: rounded up to
 * pages. Errors: EXISTS, NO_SPACE, INVALID_ARGUMENT, PERMISSION, SYSTEM.
 */
ltn_status_e ltn_slot_writer_open(const char *name, uint32_t slots, uint64_t slot_bytes, ltn_slot_writer_h **out);
/** Replaces the ring's description (JSON, UTF-8, at most LTN_DESCRIPTION_MAX_BYTES). */
ltn_status_e ltn_slot_writer_describe(ltn_slot_writer_h *w, const char *json, size_t json_bytes);
/**
 * Takes the oldest slot that nobody leases, for writing; never waits. Several slots may be reserved at once (a decoder
 * with reference frames); memory stays valid until close. Thread-safe with itself, publish, retain and release.
 * Errors: BUSY when every slot is leased or reserved.
 */
ltn_status_e ltn_slot_writer_reserve(ltn_slot_writer_h *w, uint32_t *slot_index, uint8_t **bytes);
/**
 * Makes a reserved slot the newest frame and wakes readers. The slot stays reserved against overwriting while `keep`
 * is non-zero, until ltn_slot_writer_release (a decoder still predicts from it: readers may read it, the writer must
 * not reuse it).
 */
ltn_status_e ltn_slot_writer_publish(ltn_slot_writer_h *w, uint32_t slot_index, ltn_frame_t *frame, int keep);
/** Gives a reserved (published or not) slot back. */
ltn_status_e ltn_slot_writer_release(ltn_slot_writer_h *w, uint32_t slot_index);
uint64_t ltn_slot_writer_slot_bytes(const ltn_slot_writer_h *w);
/** Number of readers that ask for frames now (attached within the last heartbeat), for demand-driven writers. */
ltn_status_e ltn_slot_writer_readers(ltn_slot_writer_h *w, uint32_t *readers);
/** Marks the ring gone, wakes readers, unlinks the name. NULL is allowed. */
void ltn_slot_writer_close(ltn_slot_writer_h *w);

/* ------------------------------------------------------------------ slot ring, reader ------------------------ */

typedef struct ltn_slot_reader ltn_slot_reader_h;
typedef struct ltn_lease ltn_lease_h;

/** Opens read-only. Errors: NOT_FOUND, CORRUPT, PERMISSION, SYSTEM. */
ltn_status_e ltn_slot_reader_open(const char *name, ltn_slot_reader_h **out);
/**
 * Opens a reader that takes no seat: it peeks, copies and waits, cannot lease (INVALID_ARGUMENT), and the writer does
 * not count it among its readers. For tools that must not change what they look at. Errors: as ltn_slot_reader_open.
 */
ltn_status_e ltn_slot_observer_open(const char *name, ltn_slot_reader_h **out);
/** A number that differs between two rings made under one name: tells a reopened ring from the dead one of before. */
uint64_t ltn_slot_reader_incarnation(const ltn_slot_reader_h *r);
/** Copies the description into buf; *json_bytes is set to its size even when BUFFER_TOO_SMALL. */
ltn_status_e ltn_slot_reader_description(ltn_slot_reader_h *r, char *buf, size_t capacity_bytes, size_t *json_bytes);
/**
 * Leases the newest frame after `after_sequence` (0: any) so that the writer will not overwrite it.
 * frame and bytes stay valid until ltn_lease_release. Errors: AGAIN, BUSY (all 63 reader seats taken),
 * PERMISSION (this user may read frames but not lease), TORN, GONE, CORRUPT.
 */
ltn_status_e ltn_slot_reader_lease_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                          const uint8_t **bytes, ltn_lease_h **lease);
/** Copies the newest frame after after_sequence into buf and validates afterwards. Errors: AGAIN, TORN,
 * BUFFER_TOO_SMALL, GONE, CORRUPT. */
ltn_status_e ltn_slot_reader_copy_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                         uint8_t *buf, size_t capacity_bytes);
/** Gives the slot back. A lease may outlive its reader: memory stays mapped until the last of them ends. NULL is
 * allowed. */
void ltn_lease_release(ltn_lease_h *lease);
/** 1 while the leased frame is as it was when leased; 0 only if somebody damaged the lease object. Ask after the last
 * load. */
int ltn_lease_is_whole(const ltn_lease_h *lease);

/** What a frame looked at in place was; for ltn_slot_reader_is_whole. */
typedef struct {
  uint64_t stamp;
  uint32_t slot;
  uint32_t reserved;
} ltn_sight_t;

/**
 * Looks at the newest frame in place, without lease and without copy: the writer may overwrite it at any moment.
 * Compute from it, then ask ltn_slot_reader_is_whole; believe the result only if that says 1. bytes stays mapped until
 * close. Errors: AGAIN, TORN, GONE, CORRUPT.
 */
ltn_status_e ltn_slot_reader_peek_newest(ltn_slot_reader_h *r, uint64_t after_sequence, ltn_frame_t *frame,
                                         const uint8_t **bytes, ltn_sight_t *sight);
int ltn_slot_reader_is_whole(const ltn_slot_reader_h *r, const ltn_sight_t *sight);
/** Waits on the ring's futex until a frame after after_sequence is there. Errors: TIMEOUT, GONE. timeout_ms < 0: for
 * ever. */
ltn_status_e ltn_slot_reader_wait(ltn_slot_reader_h *r, uint64_t after_sequence, int32_t timeout_ms);
/** Ends ltn_slot_reader_wait of this handle in another thread, or the next one if none is on the way; it returns
 * TIMEOUT. */
void ltn_slot_reader_interrupt(ltn_slot_reader_h *r);
void ltn_slot_reader_close(ltn_slot_reader_h *r);

/* ------------------------------------------------------------------ byte ring, writer ------------------------ */

typedef struct ltn_byte_writer ltn_byte_writer_h;

/** Creates a byte ring of capacity_bytes of payload (rounded up to a power of two). Errors as for slot rings. */
ltn_status_e ltn_byte_writer_open(const char *name, uint64_t capacity_bytes, ltn_byte_writer_h **out);
ltn_status_e ltn_byte_writer_describe(ltn_byte_writer_h *w, const char *json, size_t json_bytes);
/** Appends one record, overwriting the oldest; never waits. Errors: INVALID_ARGUMENT when larger than half the ring. */
ltn_status_e ltn_byte_writer_append(ltn_byte_writer_h *w, ltn_record_t *record, const uint8_t *payload);
/**
 * Makes the ring larger (capacity_bytes is rounded up to a power of two; not larger than it is: nothing happens). No
 * record is lost: what the ring holds is taken along, with sequences, description and incarnation, and readers go over
 * by themselves. Takes as long as reserving the memory takes; appends go on meanwhile. One call at a time.
 * Errors: NO_SPACE, INVALID_ARGUMENT, EXISTS (somebody took the name), PERMISSION, SYSTEM; the ring then stays as it
 * is.
 */
ltn_status_e ltn_byte_writer_grow(ltn_byte_writer_h *w, uint64_t capacity_bytes);

/** Where a byte ring's writer stands. */
typedef struct {
  uint64_t capacity_bytes;
  uint64_t head_bytes; /* appended so far, heads and padding included */
  uint64_t tail_bytes; /* where the oldest whole record lies; head - tail bytes are readable */
} ltn_extent_t;

void ltn_byte_writer_extent(ltn_byte_writer_h *w, ltn_extent_t *out);
void ltn_byte_writer_close(ltn_byte_writer_h *w);

/* ------------------------------------------------------------------ byte ring, reader ------------------------ */

typedef struct ltn_byte_reader ltn_byte_reader_h;

typedef enum {
  LTN_SEEK_OLDEST = 0,     /* the oldest whole record still in the ring */
  LTN_SEEK_NEWEST_KEY = 1, /* the newest record with LTN_RECORD_KEY; the end when there is none */
  LTN_SEEK_END = 2,        /* only what comes from now on */
  LTN_SEEK_SEQUENCE = 3    /* the record with this sequence, or the oldest after it */
} ltn_seek_e;

ltn_status_e ltn_byte_reader_open(const char *name, ltn_byte_reader_h **out);
/** Stays the same when the ring grows: then it is the same ring. */
uint64_t ltn_byte_reader_incarnation(const ltn_byte_reader_h *r);
ltn_status_e ltn_byte_reader_description(ltn_byte_reader_h *r, char *buf, size_t capacity_bytes, size_t *json_bytes,
                                         uint32_t *version);
/** whence: one of ltn_seek_e (an int, so that any value a caller may send is defined and answered). */
ltn_status_e ltn_byte_reader_seek(ltn_byte_reader_h *r, int whence, uint64_t sequence);
/**
 * Copies the next record into buf, validated after the copy; the cursor moves on only on OK.
 * Errors: AGAIN; BUFFER_TOO_SMALL (record->payload_bytes says how much); OVERRUN (lapped: *dropped says how many
 * records were lost, the cursor stands at the oldest whole record); GONE (after everything whole was read); CORRUPT;
 * TORN (lapped many times within this call: the ring is too small). buf may be NULL when capacity_bytes is 0.
 */
ltn_status_e ltn_byte_reader_next(ltn_byte_reader_h *r, ltn_record_t *record, uint8_t *buf, size_t capacity_bytes,
                                  uint64_t *dropped);
/** Waits until ltn_byte_reader_next has something. Errors: TIMEOUT, GONE. */
ltn_status_e ltn_byte_reader_wait(ltn_byte_reader_h *r, int32_t timeout_ms);
void ltn_byte_reader_interrupt(ltn_byte_reader_h *r);
void ltn_byte_reader_close(ltn_byte_reader_h *r);

/* ------------------------------------------------------------------ for tools -------------------------------- */

enum { LTN_RING_SLOTS = 1, LTN_RING_BYTES = 2 };

typedef struct {
  uint32_t kind; /* LTN_RING_SLOTS, LTN_RING_BYTES */
  uint32_t version;
  uint32_t writer_pid; /* for people: liveness is `alive` */
  uint32_t alive;      /* 1 while a writer holds the ring */
  uint32_t slots;
  uint32_t reserved;
  uint64_t total_bytes;
  uint64_t incarnation;
  uint64_t slot_bytes;
  uint64_t capacity_bytes;
  uint64_t last_sequence;
  int64_t created_wall_us;
  uint64_t busy;       /* slot ring: frames the writer dropped because every slot was leased, kept or being written */
  uint64_t head_bytes; /* byte ring: bytes appended so far, heads and padding included */
  uint64_t tail_bytes; /* byte ring: where the oldest whole record lies; head - tail bytes are readable */
} ltn_ring_info_t;

/** Reads a ring's header without becoming a reader. Errors: NOT_FOUND, CORRUPT (no ring), PERMISSION. */
ltn_status_e ltn_ring_inspect(const char *name, ltn_ring_info_t *out);

enum { LTN_MAX_READERS = 63 };

/** One reader's seat of a slot ring. Everything but `alive` and leased_slots is for people. */
typedef struct {
  uint32_t seat;  /* 0 to 62 */
  uint32_t alive; /* 1 while a reader sits in it */
  uint32_t pid;
  uint32_t reserved;
  uint64_t leased_slots; /* bit i: slot i */
  int64_t last_asked_mono_ns;
  uint64_t taken;  /* frames it took */
  uint64_t missed; /* frames published between two that it took */
  char program[LTN_NAME_BYTES];
} ltn_ring_reader_t;

/**
 * Lists the seats in which a reader sits, or whose dead reader still holds leases. *count is set to their number even
 * when BUFFER_TOO_SMALL; LTN_MAX_READERS entries always suffice. A byte ring has no seats, a reader that only copies
 * has none when all are taken. Also lists those of a lease object whose ring is gone. Errors: NOT_FOUND, CORRUPT,
 * PERMISSION.
 */
ltn_status_e ltn_ring_readers(const char *name, ltn_ring_reader_t *out, size_t capacity, size_t *count);
/** Clears the leases of readers that died, as the writer itself does once a second while it writes. */
ltn_status_e ltn_ring_free_dead_seats(const char *name, uint32_t *freed);
/**
 * Removes what a dead writer left under a name: its ring and lease object, or a lease object alone. Readers that still
 * map the ring keep it until they close, and are told GONE. *freed_bytes: size of what was unlinked. Errors: EXISTS
 * (somebody lives: nothing was touched), NOT_FOUND (nothing there), CORRUPT (not a ring of this version: left alone),
 * PERMISSION (made by another user), SYSTEM.
 */
ltn_status_e ltn_ring_remove_dead(const char *name, uint64_t *freed_bytes);

/** One field of the layout in shared memory, for the test that compares docs/ref/rings.md with the code. */
typedef struct {
  const char *object;
  const char *field;
  size_t offset_bytes;
  size_t size_bytes;
} ltn_layout_field_t;

const ltn_layout_field_t *ltn_layout_fields(size_t *count);

#ifdef __cplusplus
}
#endif
#endif
