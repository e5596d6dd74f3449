/**
 * lanthorn/srt.h: encrypted SRT streams in: a listener with an access table, a caller, statistics.
 *
 * One thread of ours receives for every socket of the process and pushes what arrives into byte sinks
 * (lanthorn/byte_sink.h). Why and what was measured: docs/design/ingest.md.
 *
 * Threads: every function may be called from any thread; calls on one handle must not overlap its close.
 * Errors: functions return ltn_srt_status_e; ltn_srt_last_error() says in words what was expected, what came and what
 * to do next. No exception crosses this line. No message, event or log line holds a passphrase.
 */
#ifndef LANTHORN_SRT_H
#define LANTHORN_SRT_H

#include <stddef.h>
#include <stdint.h>

#include "lanthorn/byte_sink.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  LTN_SRT_OK = 0,
  LTN_SRT_E_INVALID_ARGUMENT = 1,
  LTN_SRT_E_PORT_TAKEN = 2, /* another program, or another listener of ours, has the UDP port */
  LTN_SRT_E_ADDRESS = 3,    /* no numeric IP address, or none of this machine */
  LTN_SRT_E_PERMISSION = 4, /* the port needs a privilege (below 1024) */
  LTN_SRT_E_NOT_FOUND = 5,  /* no connection of that camera now */
  LTN_SRT_E_SYSTEM = 6      /* libsrt's own words are in the message */
} ltn_srt_status_e;

/** Words for the last failure on this thread; valid until the next call on this thread. Never NULL. */
const char *ltn_srt_last_error(void);

enum {
  LTN_SRT_CAMERA_ID_BYTES = 64,
  LTN_SRT_PEER_BYTES = 64,
  LTN_SRT_STREAM_ID_BYTES = 132, /* 128 shown of at most 512 on the wire */
  LTN_SRT_REASON_BYTES = 160
};

typedef enum {
  LTN_SRT_CONNECTED = 1,
  LTN_SRT_DISCONNECTED = 2,
  LTN_SRT_REJECTED = 3 /* by us (listener) or by the peer (caller) */
} ltn_srt_event_e;

/** Something that happened since the last poll. */
typedef struct {
  ltn_srt_event_e kind;
  int32_t code; /* REJECTED: libsrt's reject code, 10 wrong passphrase, 11 not encrypted, 14xx as in access_control.h */
  uint32_t count;                          /* REJECTED: equal attempts since the last poll; else 1 */
  uint32_t key_length_bits;                /* CONNECTED */
  uint32_t latency_ms;                     /* CONNECTED: as negotiated */
  uint32_t next_key;                       /* CONNECTED: 1 when the camera used its next passphrase */
  int64_t mono_ns;                         /* CLOCK_MONOTONIC, nanoseconds; of the last attempt when count > 1 */
  char camera_id[LTN_SRT_CAMERA_ID_BYTES]; /* empty when the caller named none of ours */
  char peer[LTN_SRT_PEER_BYTES];           /* address:port */
  uint16_t call_port;                      /* rejected: the port that this camera must call; 0: this one */
  char stream_id[LTN_SRT_STREAM_ID_BYTES]; /* control characters replaced; cut */
  char reason[LTN_SRT_REASON_BYTES];       /* in words */
} ltn_srt_event_t;

/** Statistics of one connection, by libsrt's names; fields without Total count since the previous call. */
typedef struct {
  int64_t msTimeStamp;
  int64_t pktRecvTotal;
  int32_t pktRcvLossTotal;
  int32_t pktRcvDropTotal;
  int32_t pktRcvUndecryptTotal;
  uint64_t byteRecvTotal;
  int64_t pktRecv;
  int64_t pktRecvUnique; /* without those that came twice or too late */
  int32_t pktRcvLoss;
  int32_t pktRcvDrop;
  int32_t pktRcvRetrans;
  int64_t pktRcvBelated;
  int32_t pktRcvUndecrypt;
  int32_t pktReorderDistance;  /* packets; libsrt lets it shrink again when they come in order */
  int32_t pktReorderTolerance; /* packets that a gap may be filled late before it is asked for */
  int32_t pktSentNAK;          /* requests for missing packets that we sent */
  double pktRcvAvgBelatedTime;
  double mbpsRecvRate;
  double mbpsBandwidth;
  double msRTT;
  int32_t pktRcvBuf;
  int32_t msRcvBuf;
  int32_t msRcvTsbPdDelay;
  uint32_t pbkeylen;      /* bytes: 16, 24 or 32 */
  int64_t messages;       /* handed to the sink since connection */
  int64_t lastDataMonoNs; /* when the newest message was read */
} ltn_srt_statistics_t;

/** Receive-loop turns of this process since start: moves as long as the one receiving thread is alive. */
uint64_t ltn_srt_turns(void);
/** Lines of level warning or worse that libsrt logged in this process: malformed handshakes, undecryptable packets,
 * late ones. */
uint64_t ltn_srt_library_warnings(void);
/** Times that an address was shut out for ten seconds because it called more than 200 times in one. */
uint64_t ltn_srt_floods(void);

/* ------------------------------------------------------------------ listener -------------------------------- */

typedef struct ltn_srt_listener ltn_srt_listener_h;

typedef struct {
  const char *host; /* numeric IP address */
  uint16_t port;    /* 0: any free one */
  uint32_t latency_ms;
  uint32_t takeover_after_ms; /* a second caller of a camera is refused while the first sent data within this time */
  const char *camera_id;      /* every caller of this port is this camera, whatever its stream id says; NULL or "": the
                                 stream      id tells which */
} ltn_srt_listen_t;

/** One camera that may call. Strings are copied. */
typedef struct {
  const char *camera_id;
  const char *const *stream_ids; /* exact spellings accepted besides the two standard forms */
  size_t stream_id_count;
  const char *passphrase;      /* 10..79 bytes */
  const char *next_passphrase; /* or NULL */
  int enabled;                 /* 0: refused with 1403 */
  uint16_t call_port; /* not 0: it must call that port; here it is refused as unknown (1404), and the event says why */
} ltn_srt_access_t;

/** Listens. Errors: INVALID_ARGUMENT, PORT_TAKEN, ADDRESS, PERMISSION, SYSTEM. */
ltn_srt_status_e ltn_srt_listener_open(const ltn_srt_listen_t *options, ltn_srt_listener_h **out);
uint16_t ltn_srt_listener_port(const ltn_srt_listener_h *listener);
/** Replaces the access table; connections that it no longer allows are dropped. The handshake never waits for the
 * caller of this. */
ltn_srt_status_e ltn_srt_listener_set_access(ltn_srt_listener_h *listener, const ltn_srt_access_t *entries,
                                             size_t count);
/** Gives a camera's bytes to a sink from now on (retained until detach or close). Without one they are counted and
 * dropped. */
ltn_srt_status_e ltn_srt_listener_attach(ltn_srt_listener_h *listener, const char *camera_id, ltn_byte_sink_t *sink);
/** The sink is not called any more when this returns. */
void ltn_srt_listener_detach(ltn_srt_listener_h *listener, const char *camera_id);
/** Ends the camera's connection, if there is one, within 50 ms. */
void ltn_srt_listener_drop(ltn_srt_listener_h *listener, const char *camera_id);
/** Takes up to capacity events, oldest first; the rest stays for the next call. */
size_t ltn_srt_listener_poll(ltn_srt_listener_h *listener, ltn_srt_event_t *events, size_t capacity);
/** Events that were dropped because nobody polled (oldest first, 512 kept). */
uint64_t ltn_srt_listener_lost_events(const ltn_srt_listener_h *listener);
/** The listener's UDP socket, which all its connections share, as the kernel tells (SO_MEMINFO). */
typedef struct {
  uint32_t buffer_bytes; /* what it may hold, in the kernel's count: 2,304 for a packet of 1,360 */
  uint32_t queued_bytes; /* what lies in it now */
  uint32_t dropped;      /* packets that found it full since it was opened; wraps */
  int32_t thread_nice;   /* -10: the thread that empties it runs before others; 0: this process may not ask for that */
} ltn_srt_udp_t;

/** All zero when the listener is closed. */
void ltn_srt_listener_udp(const ltn_srt_listener_h *listener, ltn_srt_udp_t *out);
/** Errors: NOT_FOUND. */
ltn_srt_status_e ltn_srt_listener_statistics(ltn_srt_listener_h *listener, const char *camera_id,
                                             ltn_srt_statistics_t *out);
/** Ends every connection and gives the port back. NULL is allowed. */
void ltn_srt_listener_close(ltn_srt_listener_h *listener);

/* ------------------------------------------------------------------ caller ---------------------------------- */

typedef struct ltn_srt_caller ltn_srt_caller_h;

typedef struct {
  const char *host; /* numeric IP address */
  uint16_t port;
  const char *stream_id;  /* or NULL */
  const char *passphrase; /* 10..79 bytes, or NULL: then the stream is not encrypted and must not be */
  uint32_t latency_ms;
  uint32_t connect_timeout_ms;
  ltn_byte_sink_t *sink; /* retained until close */
} ltn_srt_call_t;

/** Begins one attempt to call a camera; events say what became of it. Errors: INVALID_ARGUMENT, ADDRESS, SYSTEM. */
ltn_srt_status_e ltn_srt_caller_open(const ltn_srt_call_t *options, ltn_srt_caller_h **out);
size_t ltn_srt_caller_poll(ltn_srt_caller_h *caller, ltn_srt_event_t *events, size_t capacity);
ltn_srt_status_e ltn_srt_caller_statistics(ltn_srt_caller_h *caller, ltn_srt_statistics_t *out);
void ltn_srt_caller_close(ltn_srt_caller_h *caller);

/* ------------------------------------------------------------------ sender ---------------------------------- */

/** What a camera does: calls a listener and sends. One thread at a time; nothing here blocks. */
typedef struct ltn_srt_sender ltn_srt_sender_h;

typedef struct {
  const char *host; /* numeric IP address */
  uint16_t port;
  const char *stream_id;
  const char *passphrase; /* 10..79 bytes; AES-256 is used */
  uint32_t latency_ms;
  uint32_t connect_timeout_ms;
} ltn_srt_send_t;

typedef enum {
  LTN_SRT_SENDER_CONNECTING = 0,
  LTN_SRT_SENDER_CONNECTED = 1,
  LTN_SRT_SENDER_CLOSED = 2
} ltn_srt_sender_state_e;

typedef struct {
  ltn_srt_sender_state_e kind;
  int32_t code;                      /* CLOSED before it was connected: libsrt's reject code; else 0 */
  char reason[LTN_SRT_REASON_BYTES]; /* CLOSED: in words */
} ltn_srt_sender_state_t;

/** Statistics since the connection began, by libsrt's names. */
typedef struct {
  int64_t pktSentTotal;
  int32_t pktSndLossTotal;
  int32_t pktSndDropTotal;
  int32_t pktRetransTotal;
  int32_t pktRecvACKTotal; /* grows every 10 ms while the peer takes what is sent */
  uint64_t byteSentTotal;
  double mbpsSendRate;
  double msRTT;
  int32_t pktSndBuf;
  uint32_t pbkeylen; /* bytes: 32 */
} ltn_srt_sender_statistics_t;

/** Begins one attempt. Errors: INVALID_ARGUMENT, ADDRESS, SYSTEM. */
ltn_srt_status_e ltn_srt_sender_open(const ltn_srt_send_t *options, ltn_srt_sender_h **out);
/** Says what became of the attempt so far. */
void ltn_srt_sender_state(ltn_srt_sender_h *sender, ltn_srt_sender_state_t *out);
/** Copies MPEG-TS packets (a multiple of 188 bytes) into libsrt's buffer; returns how many bytes it took. */
size_t ltn_srt_sender_send(ltn_srt_sender_h *sender, const uint8_t *bytes, size_t count);
/** Errors: NOT_FOUND when not connected. */
ltn_srt_status_e ltn_srt_sender_statistics(const ltn_srt_sender_h *sender, ltn_srt_sender_statistics_t *out);
/** Ends the connection. NULL is allowed. */
void ltn_srt_sender_close(ltn_srt_sender_h *sender);

/* ------------------------------------------------------------------ byte counter ---------------------------- */

/** A sink that only counts: for tests, and for measuring the receive path alone. */
typedef struct ltn_srt_byte_counter ltn_srt_byte_counter_h;

typedef struct {
  uint64_t bytes;
  uint64_t pushes;
  uint64_t discontinuities;
  uint64_t foreign_pushes; /* pushes that are not whole MPEG-TS packets beginning with 0x47 */
} ltn_srt_byte_count_t;

ltn_srt_byte_counter_h *ltn_srt_byte_counter_open(void);
/** Valid until the counter is closed and everyone who retained it has released it. */
ltn_byte_sink_t *ltn_srt_byte_counter_sink(ltn_srt_byte_counter_h *counter);
void ltn_srt_byte_counter_read(const ltn_srt_byte_counter_h *counter, ltn_srt_byte_count_t *out);
void ltn_srt_byte_counter_close(ltn_srt_byte_counter_h *counter);

#ifdef __cplusplus
}
#endif
#endif
