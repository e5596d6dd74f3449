/*
 * A writer that writes anything anywhere: the C reader answers with a status, and never leaves its mapping. Every
 * mapping of the reader lies between guard pages, so that one byte beyond ends this program; the sanitizers watch the
 * rest. Prints how often each answer came; a count of nothing is a failure, because then nothing was tried.
 */
#include "support/c_reader_vandal.h"

enum {
  ROUNDS = 4000,
  SLOTS = 4,
  SLOT_BYTES = 4096,
  CAPACITY_BYTES = 8192,
  LIVE_WORDS_FROM = 128,
  LIVE_WORDS_TO = 448,
  TABLE_AT = 20480, /* and the data of a byte ring */
  LARGER_THAN_THE_RING = 1 << 17
};
enum { STATUSES = LTNR_E_SYSTEM + 1 };

static unsigned long answers[STATUSES];
static unsigned long opened, refused, bytes_read, samples_read;

/* ------------------------------------------------------------------ what a reader does */

static ltnr_status_e count(ltnr_status_e status) {
  expect((int)status >= 0 && (int)status < STATUSES, "a status that exists");
  answers[status]++;
  return status;
}

static volatile uint8_t sink;

static void touch(const uint8_t *bytes, size_t size) {
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
  static char text[LARGER_THAN_THE_RING];
  ltnr_frame_t frame = {0};
  const uint8_t *bytes = NULL;
  ltnr_sight_t sight = {0};
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
  ltnr_imu_sample_t sample = {0};
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
  static char text[LARGER_THAN_THE_RING];
  size_t size = 0;
  for (int whence = LTNR_SEEK_OLDEST; whence <= LTNR_SEEK_SEQUENCE; whence++) {
    count(ltnr_byte_reader_seek(reader, whence, below(4) == 0 ? nasty() : below(50)));
    for (int i = 0; i < 200; i++) {
      ltnr_record_t record = {0};
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

/* ------------------------------------------------------------------ the trials */

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

/* A frame with nothing wrong but its slot, which the ring does not have. */
static void forge_slot(const vandal_t *ring) {
  ltnrp_header_t *header = (ltnrp_header_t *)(void *)ring->memory;
  ltnrp_slot_entry_t *table = (ltnrp_slot_entry_t *)(void *)(ring->memory + TABLE_AT);
  uint64_t slot = SLOTS + below(LTNRP_MAX_SLOTS - SLOTS);
  table[slot] = table[header->newest % LTNRP_MAX_SLOTS];
  header->newest = table[slot].frame.sequence << LTNRP_SLOT_BITS | slot;
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
    } else if (kind == 6 && below(2) == 0) {
      forge_slot(&ring);
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

/* A record with nothing wrong but its place or size: it reaches beyond the ring's end. */
static void forge_record(const vandal_t *ring) {
  ltnrp_header_t *header = (ltnrp_header_t *)(void *)ring->memory;
  if (below(2) == 0) {
    header->tail = header->head / CAPACITY_BYTES * CAPACITY_BYTES - 64 * (1 + below(2)); /* heads take 128 bytes */
  }
  ltnrp_record_head_t head;
  memset(&head, 0, sizeof head);
  head.position = header->tail;
  head.kind = LTNRP_RECORD_DATA;
  head.total_bytes = (uint32_t)(header->head - header->tail);
  head.record.sequence = header->last_sequence;
  head.record.payload_bytes = head.total_bytes - (uint32_t)sizeof head;
  size_t at = TABLE_AT + (size_t)(header->tail % CAPACITY_BYTES);
  memcpy(ring->memory + at, &head, ring->bytes - at < sizeof head ? ring->bytes - at : sizeof head);
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
    size_t kind = below(5);
    if (kind == 4) {
      forge_record(&ring);
    } else {
      damage(&ring,
             kind == 0   ? 0
             : kind == 1 ? 256
                         : TABLE_AT,
             kind == 0   ? LIVE_WORDS_TO
             : kind == 1 ? 320
                         : ring.bytes);
    }
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
    header.table_offset_bytes = TABLE_AT;
    header.data_offset_bytes = header.kind == 1 ? (20480 + 256 * header.slots + 4095) / 4096 * 4096 : 20480;
    uint64_t size = header.data_offset_bytes + header.slots * header.slot_bytes + header.capacity_bytes;
    size_t real = below(2) == 0 && size < 1 << 20 ? (size_t)size : below(1 << 17);
    header.total_bytes = below(4) == 0 ? nasty() : below(2) == 0 ? real : size;
    header.state = 1;
    header.head = header.capacity_bytes; /* a record at the very end of what it claims to be */
    header.tail = header.head - 128;
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
