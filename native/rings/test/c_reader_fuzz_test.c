/*
 * A writer that writes anything anywhere: the C reader answers with a status, and never leaves its mapping. Every
 * mapping of the reader lies between guard pages, so that one byte beyond ends this program; the sanitizers watch the
 * rest. Prints how often each answer came; a count of nothing is a failure, because then nothing was tried.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { GUARD_BYTES = 1 << 20 };

static size_t pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/* mmap between two stretches of address space that nobody may touch. */
static void *guarded_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  (void)at;
  uint8_t *room = (uint8_t *)mmap(NULL, pages(bytes) + 2 * GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) {
    return MAP_FAILED;
  }
  return mmap(room + GUARD_BYTES, bytes, protection, flags | MAP_FIXED, fd, offset);
}

static int guarded_munmap(void *at, size_t bytes) {
  return munmap((uint8_t *)at - GUARD_BYTES, pages(bytes) + 2 * GUARD_BYTES);
}

#define mmap guarded_mmap
#define munmap guarded_munmap
#include "lanthorn_rings.h"
#undef mmap
#undef munmap

#include <lanthorn/rings.h>
#include <signal.h>

enum {
  ROUNDS = 4000,
  SLOTS = 4,
  SLOT_BYTES = 4096,
  CAPACITY_BYTES = 8192,
  LIVE_WORDS_FROM = 128,
  LIVE_WORDS_TO = 448,
  TABLE_AT = 20480
};
enum { STATUSES = LTNR_E_SYSTEM + 1 };

static unsigned long answers[STATUSES];
static unsigned long opened, refused, bytes_read, samples_read;
static uint64_t seed = UINT64_C(20260103);

static void expect(int condition, const char *what) {
  if (!condition) {
    fprintf(stderr, "expected: %s; the last error was: %s, %s\n", what, ltnr_last_error(), ltn_last_error());
    exit(1);
  }
}

static uint64_t any(void) { /* xorshift64*: https://vigna.di.unimi.it/ftp/papers/xorshift.pdf */
  seed ^= seed >> 12;
  seed ^= seed << 25;
  seed ^= seed >> 27;
  return seed * UINT64_C(2685821657736338717);
}

static size_t below(size_t limit) { return (size_t)(any() >> 11) % limit; }

/* Values that break naive arithmetic more often than random ones. */
static uint64_t nasty(void) {
  static const uint64_t values[] = {0,    1,     63,        64,         127,       128,        4095,
                                    4096, 65536, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 63};
  return below(2) == 0 ? values[below(sizeof values / sizeof values[0])] : any() >> below(64);
}

/* ------------------------------------------------------------------ the vandal's hold on a ring
 * ----------------------- */

typedef struct {
  uint8_t *memory;
  uint8_t *original;
  size_t bytes;
} vandal_t;

static vandal_t vandal_of(const char *name, const char *suffix) {
  char path[300];
  struct stat facts;
  vandal_t v;
  snprintf(path, sizeof path, "/dev/shm/%s%s", name, suffix);
  int fd = open(path, O_RDWR);
  expect(fd >= 0 && fstat(fd, &facts) == 0, "a ring to damage");
  v.bytes = (size_t)facts.st_size;
  v.memory = (uint8_t *)mmap(NULL, v.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  v.original = (uint8_t *)malloc(v.bytes);
  expect(v.memory != MAP_FAILED && v.original != NULL, "memory");
  memcpy(v.original, v.memory, v.bytes);
  close(fd);
  return v;
}

static void repair(const vandal_t *v) { memcpy(v->memory, v->original, v->bytes); }

static void damage(const vandal_t *v, size_t from, size_t to) {
  for (size_t changes = 1 + below(4); changes > 0; changes--) {
    uint64_t value = nasty();
    size_t at = from + below(to - from - 8);
    memcpy(v->memory + (below(4) == 0 ? at : at / 8 * 8), &value, sizeof value);
  }
}

static void leave(vandal_t *v) {
  repair(v);
  munmap(v->memory, v->bytes);
  free(v->original);
}

/* A child that damages without pause while the reader reads: what was checked must be what is used. */
static pid_t scribble(const vandal_t *v, size_t from, size_t to) {
  pid_t parent = getpid();
  pid_t child = fork();
  expect(child >= 0, "a child");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) {
      damage(v, from, to);
      if (below(8) == 0) {
        memcpy(v->memory + from, v->original + from, to - from);
      }
    }
    _exit(0);
  }
  return child;
}

static void stop(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

/* ------------------------------------------------------------------ what a reader does
 * --------------------------------- */

static ltnr_status_e count(ltnr_status_e status) {
  expect((int)status >= 0 && (int)status < STATUSES, "a status that exists");
  answers[status]++;
  return status;
}

static void touch(const uint8_t *bytes, size_t size) {
  static volatile uint8_t sink;
  for (size_t i = 0; i < size; i += 16) {
    sink ^= bytes[i];
  }
  sink ^= size > 0 ? bytes[size - 1] : 0;
  bytes_read += size;
}

/* Reads every plane as a program would that trusts ltnr_frame_plane. */
static void touch_planes(const ltnr_frame_t *frame, const uint8_t *bytes) {
  expect(frame->planes <= LTNR_MAX_PLANES && frame->bytes <= SLOT_BYTES, "a frame within its slot");
  for (uint32_t i = 0; i < frame->planes; i++) {
    ltnr_plane_t plane;
    if (ltnr_frame_plane(frame, i, &plane) != LTNR_OK) {
      continue;
    }
    expect(plane.rows == 0 || plane.row_bytes == 0 ||
               plane.offset_bytes + plane.stride_bytes * (plane.rows - 1) + plane.row_bytes <= frame->bytes,
           "a plane within its frame");
    for (uint64_t row = 0; plane.row_bytes > 0 && row < plane.rows; row++) {
      touch(bytes + plane.offset_bytes + row * plane.stride_bytes, (size_t)plane.row_bytes);
    }
  }
}

static void touch_description(const char *text, size_t size) {
  ltnr_pcm_format_t format;
  ltnr_depth_t depth;
  char *exact = (char *)malloc(size + 1); /* so that AddressSanitizer knows its end */
  expect(exact != NULL, "memory");
  memmove(exact + 1, text, size);
  count(ltnr_pcm_format_of(exact + 1, size, 0, &format));
  count(ltnr_depth_of(exact + 1, size, &depth));
  free(exact);
}

static void read_frames(ltnr_slot_reader_h *reader) {
  static uint8_t copy[SLOT_BYTES];
  static char text[LTNR_DESCRIPTION_MAX_BYTES];
  ltnr_frame_t frame;
  const uint8_t *bytes = NULL;
  ltnr_sight_t sight;
  ltnr_lease_t lease;
  size_t size = 0;
  if (count(ltnr_slot_reader_copy_newest(reader, 0, &frame, copy, sizeof copy)) == LTNR_OK) {
    touch_planes(&frame, copy);
  }
  if (count(ltnr_slot_reader_peek_newest(reader, 0, &frame, &bytes, &sight)) == LTNR_OK) {
    touch_planes(&frame, bytes);
    touch(bytes, frame.bytes);
    ltnr_slot_reader_is_whole(reader, &sight);
  }
  if (count(ltnr_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease)) == LTNR_OK) {
    touch(bytes, frame.bytes);
    ltnr_lease_is_whole(&lease);
    ltnr_lease_release(&lease);
  }
  count(ltnr_slot_reader_wait(reader, nasty(), 0));
  if (count(ltnr_slot_reader_description(reader, text, sizeof text, &size)) == LTNR_OK) {
    touch_description(text, size);
  }
}

static void decode(const ltnr_record_t *record, const uint8_t *payload) {
  static float floats[CAPACITY_BYTES];
  static int16_t shorts[CAPACITY_BYTES];
  ltnr_pcm_format_t format = {below(2) == 0 ? LTNR_PCM_S16LE : LTNR_PCM_F32LE, 48000, 1 + (uint32_t)below(3)};
  size_t size = record->payload_bytes;
  size_t samples = 0;
  ltnr_imu_sample_t sample;
  if (ltnr_pcm_to_float(&format, payload, size, floats, CAPACITY_BYTES, &samples) == LTNR_OK &&
      ltnr_pcm_to_int16(&format, payload, size, shorts, CAPACITY_BYTES, &samples) == LTNR_OK) {
    samples_read += samples;
  }
  for (size_t i = 0; i <= ltnr_imu_samples(size); i++) {
    ltnr_imu_sample(payload, size, i, &sample);
  }
}

static void read_records(ltnr_byte_reader_h *reader) {
  static uint8_t buffer[CAPACITY_BYTES];
  static char text[LTNR_DESCRIPTION_MAX_BYTES];
  size_t size = 0;
  for (int whence = LTNR_SEEK_OLDEST; whence <= LTNR_SEEK_SEQUENCE; whence++) {
    count(ltnr_byte_reader_seek(reader, whence, below(4) == 0 ? nasty() : below(50)));
    for (int i = 0; i < 200; i++) {
      ltnr_record_t record;
      uint64_t dropped = 0;
      if (count(ltnr_byte_reader_next(reader, &record, buffer, sizeof buffer, &dropped)) != LTNR_OK) {
        break;
      }
      expect(record.payload_bytes <= sizeof buffer, "a payload within the ring");
      touch(buffer, record.payload_bytes);
      decode(&record, buffer);
    }
  }
  count(ltnr_byte_reader_wait(reader, 0));
  if (count(ltnr_byte_reader_description(reader, text, sizeof text, &size, NULL)) == LTNR_OK) {
    touch_description(text, size);
  }
}

static void reopen_frames(const char *name) {
  ltnr_slot_reader_h *reader = NULL;
  if (count(ltnr_slot_reader_open(name, &reader)) == LTNR_OK) {
    opened++;
    read_frames(reader);
  } else {
    refused++;
  }
  ltnr_slot_reader_close(reader);
}

static void reopen_records(const char *name) {
  ltnr_byte_reader_h *reader = NULL;
  if (count(ltnr_byte_reader_open(name, &reader)) == LTNR_OK) {
    opened++;
    read_records(reader);
  } else {
    refused++;
  }
  ltnr_byte_reader_close(reader);
}

/* Prints and clears the counts; every status named must have come. */
static void report(const char *what, const int *expected, size_t expected_count) {
  printf("%s: opened %lu, refused %lu, %lu bytes, %lu samples;", what, opened, refused, bytes_read, samples_read);
  for (int i = 0; i < STATUSES; i++) {
    if (answers[i] > 0) {
      printf(" %s %lu", ltnr_status_name((ltnr_status_e)i), answers[i]);
    }
  }
  puts("");
  fflush(stdout);
  for (size_t i = 0; i < expected_count; i++) {
    expect(answers[expected[i]] > 0, ltnr_status_name((ltnr_status_e)expected[i]));
  }
  expect(bytes_read > 0, "bytes that were read");
  memset(answers, 0, sizeof answers);
  opened = refused = bytes_read = samples_read = 0;
}

/* Against a child that damages meanwhile: enough rounds, and until it had its turn on a busy machine. */
static int is_another_round(int round) {
  if (round % 64 == 63) {
    ltnrp_sleep_ns(1000);
  }
  return round < ROUNDS || (answers[LTNR_E_CORRUPT] == 0 && round < 100 * ROUNDS);
}

/* ------------------------------------------------------------------ the trials
 * ------------------------------------------ */

static const char description[] =
    "{\"depth\":{\"metresPerUnit\":1e-3,\"invalid\":0},\"streams\":[{\"index\":0,\"type\":\"audio\",\"codec\":"
    "\"pcm_s16le\",\"sampleRateHz\":48000,\"channels\":2,\"x\":[1,{\"y\":null}]}]}";

static void publish(ltn_slot_writer_h *writer) {
  uint32_t slot = 0;
  uint8_t *bytes = NULL;
  ltn_frame_t frame = {0};
  expect(ltn_slot_writer_reserve(writer, &slot, &bytes) == LTN_OK, "a slot");
  memset(bytes, 7, SLOT_BYTES);
  frame.width_px = 40;
  frame.height_px = 30;
  frame.planes = 2;
  frame.plane_stride_bytes[0] = frame.plane_stride_bytes[1] = 64;
  frame.plane_offset_bytes[1] = 64 * 30;
  frame.bytes = 64 * 45;
  strcpy(frame.pixel_format, "nv12");
  strcpy(frame.color_space, "bt709");
  strcpy(frame.color_range, "tv");
  expect(ltn_slot_writer_publish(writer, slot, &frame, 0) == LTN_OK, "a frame");
}

static void try_slot_ring(const char *name) {
  /* The first two always come; the others only from damage that stays while a reader looks. */
  static const int expected[] = {LTNR_OK,        LTNR_E_CORRUPT, LTNR_E_AGAIN,    LTNR_E_TORN,
                                 LTNR_E_TIMEOUT, LTNR_E_GONE,    LTNR_E_NOT_FOUND};
  ltn_slot_writer_h *writer = NULL;
  ltnr_slot_reader_h *before = NULL;
  expect(ltn_slot_writer_open(name, SLOTS, SLOT_BYTES, &writer) == LTN_OK, "a ring");
  expect(ltn_slot_writer_describe(writer, description, sizeof description - 1) == LTN_OK, "a description");
  publish(writer);
  expect(ltnr_slot_reader_open(name, &before) == LTNR_OK, "a reader");
  vandal_t ring = vandal_of(name, "");
  vandal_t leases = vandal_of(name, ".leases");
  const size_t table_end = TABLE_AT + SLOTS * 256;
  for (int i = 0; i < ROUNDS; i++) {
    /* Most rounds hit the live words or the table, which a reader looks at again and again. */
    size_t kind = below(8);
    if (kind == 7) {
      damage(&leases, 0, leases.bytes);
    } else if (kind == 6) {
      damage(&ring, 0, LIVE_WORDS_FROM); /* what is read at open only */
    } else if (kind >= 3) {
      damage(&ring, LIVE_WORDS_FROM, LIVE_WORDS_TO);
    } else {
      damage(&ring, kind == 0 ? 0 : TABLE_AT, table_end);
    }
    before->view.is_gone = 0; /* a fact that never turns back; the vandal turns it back */
    read_frames(before);
    reopen_frames(name);
    repair(&ring);
    repair(&leases);
  }
  report("slot ring, damaged between reads", expected, sizeof expected / sizeof expected[0]);
  before->view.is_gone = 0;
  pid_t child = scribble(&ring, 128, table_end);
  for (int i = 0; is_another_round(i); i++) {
    before->view.is_gone = 0;
    read_frames(before);
  }
  stop(child);
  repair(&ring);
  report("slot ring, damaged while it is read", expected, 2);
  before->view.is_gone = 0;
  ltnr_frame_t frame;
  static uint8_t copy[SLOT_BYTES];
  expect(ltnr_slot_reader_copy_newest(before, 0, &frame, copy, sizeof copy) == LTNR_OK, "a frame, once it is repaired");
  ltnr_slot_reader_close(before);
  leave(&leases);
  leave(&ring);
  ltn_slot_writer_close(writer);
}

static void try_byte_ring(const char *name) {
  static const int expected[] = {LTNR_OK, LTNR_E_CORRUPT, LTNR_E_AGAIN, LTNR_E_TORN, LTNR_E_TIMEOUT, LTNR_E_GONE};
  ltn_byte_writer_h *writer = NULL;
  ltnr_byte_reader_h *before = NULL;
  uint8_t payload[300];
  expect(ltn_byte_writer_open(name, CAPACITY_BYTES, &writer) == LTN_OK, "a ring");
  expect(ltn_byte_writer_describe(writer, description, sizeof description - 1) == LTN_OK, "a description");
  for (uint32_t i = 0; i < 60; i++) {
    ltn_record_t record = {0};
    record.type = 1 + i % 6;
    record.flags = i % 5 == 0 ? LTN_RECORD_KEY : 0;
    record.payload_bytes = i * 8 % 281;
    memset(payload, (int)i, sizeof payload);
    expect(ltn_byte_writer_append(writer, &record, payload) == LTN_OK, "a record");
  }
  expect(ltnr_byte_reader_open(name, &before) == LTNR_OK, "a reader");
  vandal_t ring = vandal_of(name, "");
  for (int i = 0; i < ROUNDS; i++) {
    size_t kind = below(4);
    damage(&ring, kind == 0 ? 0 : kind == 1 ? 256 : 20480, kind == 0 ? LIVE_WORDS_TO : kind == 1 ? 320 : ring.bytes);
    before->view.is_gone = 0;
    read_records(before);
    reopen_records(name);
    repair(&ring);
  }
  report("byte ring, damaged between reads", expected, sizeof expected / sizeof expected[0]);
  for (int part = 0; part < 2; part++) {
    pid_t child = scribble(&ring, part == 0 ? 128 : 20480, part == 0 ? LIVE_WORDS_TO : ring.bytes);
    for (int i = 0; is_another_round(i); i++) {
      before->view.is_gone = 0;
      read_records(before);
    }
    stop(child);
    repair(&ring);
    report(
        part == 0 ? "byte ring, its words damaged while it is read" : "byte ring, its records damaged while it is read",
        expected, 2);
  }
  ltnr_byte_reader_close(before);
  leave(&ring);
  ltn_byte_writer_close(writer);
}

/* Objects of any size and any first page under a ring's name. */
static void try_odd_objects(const char *name) {
  char path[300];
  snprintf(path, sizeof path, "/dev/shm/%s", name);
  unsigned long tried = 0;
  for (int i = 0; i < ROUNDS / 4; i++) {
    ltnrp_header_t header;
    memset(&header, 0, sizeof header);
    memcpy(header.magic, "LTNRING", 8);
    header.version = below(8) == 0 ? (uint32_t)nasty() : 1;
    header.kind = below(8) == 0 ? (uint32_t)nasty() : 1 + (uint32_t)below(2);
    header.slots = header.kind == 1 ? (uint32_t)below(70) : 0;
    header.slot_bytes = header.kind == 1 ? (below(2) == 0 ? nasty() : 4096 * below(9)) : 0;
    header.capacity_bytes = header.kind == 2 ? (below(2) == 0 ? nasty() : UINT64_C(1) << below(64)) : 0;
    header.table_offset_bytes = 20480;
    header.data_offset_bytes = header.kind == 1 ? (20480 + 256 * header.slots + 4095) / 4096 * 4096 : 20480;
    uint64_t size = header.data_offset_bytes + header.slots * header.slot_bytes + header.capacity_bytes;
    header.total_bytes = below(4) == 0 ? nasty() : size;
    header.state = 1;
    size_t real = below(2) == 0 && size < 1 << 20 ? (size_t)size : below(1 << 17);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    expect(fd >= 0 && ftruncate(fd, (off_t)real) == 0, "an object");
    expect(pwrite(fd, &header, real < sizeof header ? real : sizeof header, 0) >= 0, "its header");
    close(fd);
    reopen_frames(name);
    reopen_records(name);
    ltnr_ring_info_t info;
    count(ltnr_ring_inspect(name, &info));
    tried++;
  }
  unlink(path);
  expect(opened > 0 && refused > 0 && tried > 0, "objects that are rings, and objects that are none");
  printf("odd objects: %lu tried, opened %lu, refused %lu\n", tried, opened, refused);
}

static void try_descriptions(void) {
  unsigned long found = 0, tried = 0;
  ltnr_pcm_format_t format;
  ltnr_depth_t depth;
  char text[sizeof description];
  for (int i = 0; i < ROUNDS * 10; i++) {
    memcpy(text, description, sizeof text);
    for (size_t changes = below(4); changes > 0; changes--) {
      text[below(sizeof text - 1)] = below(2) == 0 ? "{}[]\",:\\0\x01 -e."[below(15)] : (char)any();
    }
    size_t size = below(3) == 0 ? below(sizeof text) : sizeof text - 1;
    touch_description(text, size);
    found += ltnr_pcm_format_of(text, size, 0, &format) == LTNR_OK && ltnr_depth_of(text, size, &depth) == LTNR_OK;
    tried++;
  }
  expect(found > 0 && found < tried, "descriptions that say something, and others");
  printf("descriptions: %lu tried, %lu understood\n", tried, found);
}

int main(int count_of_arguments, char **arguments) {
  char name[64];
  if (count_of_arguments > 1) {
    seed = strtoull(arguments[1], NULL, 10) | 1;
  }
  snprintf(name, sizeof name, "ltn-test-fuzz-%d", (int)getpid());
  try_slot_ring(name);
  try_byte_ring(name);
  try_odd_objects(name);
  try_descriptions();
  return 0;
}
