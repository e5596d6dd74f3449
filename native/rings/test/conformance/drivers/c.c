/* Driver of the C reader. Protocol: ../README.md. */
#include "lanthorn_rings.h"

enum { MAX_LINE_BYTES = 4096, MAX_WORDS = 4, MAX_LEASES = 65536, MAX_FOLLOWED = 4096 };

static ltnr_slot_reader_h *slots;
static ltnr_byte_reader_h *records;

static ltnr_frame_t seen_frame; /* of the last peek */
static const uint8_t *seen_bytes;
static ltnr_sight_t sight;

static struct {
  ltnr_lease_t lease;
  const uint8_t *bytes;
  uint32_t size;
} leases[MAX_LEASES];
static size_t leases_made;

static ltnr_record_t record; /* the last one taken, and its payload in `buffer` */
static int has_record;
static uint8_t *buffer;
static size_t buffer_bytes;

/* ------------------------------------------------------------------ what is said -----------------------------------
 */

static uint64_t fnv1a(const uint8_t *bytes, size_t count) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < count; i++) {
    hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  }
  return hash;
}

static void say_text(const char *key, const char *text) {
  printf(",\"%s\":\"", key);
  for (; *text != '\0'; text++) {
    unsigned c = (unsigned char)*text;
    printf(c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? "\\u%04x" : "%c", c);
  }
  putchar('"');
}

static void say_error(ltnr_status_e status) {
  printf("{\"error\":\"%s\"", ltnr_status_name(status));
  say_text("words", ltnr_last_error());
  puts("}");
}

/* A number of so many digits; null: not one that JSON has. */
static void say_number(const char *before, int digits, double value) {
  if (value - value == 0) {
    printf("%s%.*g", before, digits, value);
  } else {
    printf("%snull", before);
  }
}

static void say_hex(const char *key, const uint8_t *bytes, size_t count) {
  printf("{\"%s\":\"", key);
  for (size_t i = 0; i < count; i++) {
    printf("%02x", bytes[i]);
  }
  puts("\"}");
}

static void say_frame(const ltnr_frame_t *f) {
  printf("\"frame\":{\"sequence\":\"%" PRIu64 "\",\"capture_mono_ns\":\"%" PRId64 "\",\"capture_wall_us\":\"%" PRId64
         "\",\"arrival_mono_ns\":\"%" PRId64 "\",\"publish_mono_ns\":\"%" PRId64 "\",\"pts_90k\":\"%" PRId64
         "\",\"source_sequence\":\"%" PRIu64
         "\",\"width_px\":%u,\"height_px\":%u,\"flags\":%u,\"bytes\":%u,\"planes\":[",
         f->sequence, f->capture_mono_ns, f->capture_wall_us, f->arrival_mono_ns, f->publish_mono_ns, f->pts_90k,
         f->source_sequence, f->width_px, f->height_px, f->flags, f->bytes);
  for (uint32_t i = 0; i < f->planes; i++) {
    printf("%s[%u,%u]", i == 0 ? "" : ",", f->plane_offset_bytes[i], f->plane_stride_bytes[i]);
  }
  putchar(']');
  say_text("pixel_format", f->pixel_format);
  say_text("color_space", f->color_space);
  say_text("color_range", f->color_range);
  putchar('}');
}

static void say_time(const char *key, int64_t value_90k) {
  if (value_90k == LTNR_NO_PTS) {
    printf("\"%s\":\"none\",", key);
  } else {
    printf("\"%s\":\"%" PRId64 "\",", key, value_90k);
  }
}

static void say_record(const ltnr_record_t *r) {
  printf("\"record\":{\"sequence\":\"%" PRIu64 "\",\"capture_mono_ns\":\"%" PRId64 "\",\"capture_wall_us\":\"%" PRId64
         "\",\"arrival_mono_ns\":\"%" PRId64 "\",",
         r->sequence, r->capture_mono_ns, r->capture_wall_us, r->arrival_mono_ns);
  say_time("pts_90k", r->pts_90k);
  say_time("dts_90k", r->dts_90k);
  printf(
      "\"duration_90k\":%u,\"type\":%u,\"flags\":%u,\"stream_index\":%u,\"description_version\":%u,"
      "\"payload_bytes\":%u}",
      r->duration_90k, r->type, r->flags, r->stream_index, r->description_version, r->payload_bytes);
}

/* ------------------------------------------------------------------ frames ------------------------------------------
 */

/* Makes the buffer at least so large. 0: no memory. */
static int grow(size_t bytes) {
  if (bytes > buffer_bytes) {
    uint8_t *larger = (uint8_t *)realloc(buffer, bytes);
    if (larger == NULL) {
      return 0;
    }
    buffer = larger;
    buffer_bytes = bytes;
  }
  return 1;
}

static void close_all(void) {
  ltnr_slot_reader_close(slots);
  ltnr_byte_reader_close(records);
  slots = NULL;
  records = NULL;
  seen_bytes = NULL;
  has_record = 0;
}

static ltnr_status_e run_open(char **word) {
  close_all();
  int wants_slots = strcmp(word[1], "slots") == 0;
  ltnr_status_e status =
      wants_slots ? ltnr_slot_reader_open(word[2], &slots) : ltnr_byte_reader_open(word[2], &records);
  if (status == LTNR_OK) {
    printf("{\"incarnation\":\"%" PRIu64 "\"}\n",
           wants_slots ? ltnr_slot_reader_incarnation(slots) : ltnr_byte_reader_incarnation(records));
  }
  return status;
}

static ltnr_status_e run_description(void) {
  char text[LTNR_DESCRIPTION_MAX_BYTES];
  size_t bytes = 0;
  ltnr_status_e status = slots != NULL ? ltnr_slot_reader_description(slots, text, sizeof text, &bytes)
                                       : ltnr_byte_reader_description(records, text, sizeof text, &bytes, NULL);
  if (status == LTNR_OK) {
    say_hex("hex", (const uint8_t *)text, bytes);
  }
  return status;
}

static ltnr_status_e run_copy(uint64_t after) {
  ltnr_frame_t frame = {0};
  ltnr_status_e status;
  has_record = 0; /* the buffer is used for this now */
  while ((status = ltnr_slot_reader_copy_newest(slots, after, &frame, buffer, buffer_bytes)) ==
             LTNR_E_BUFFER_TOO_SMALL &&
         grow(frame.bytes)) {
  }
  if (status == LTNR_OK) {
    putchar('{');
    say_frame(&frame);
    printf(",\"hash\":\"%" PRIu64 "\"}\n", fnv1a(buffer, frame.bytes));
  }
  return status;
}

static ltnr_status_e run_peek(uint64_t after) {
  seen_bytes = NULL;
  ltnr_status_e status = ltnr_slot_reader_peek_newest(slots, after, &seen_frame, &seen_bytes, &sight);
  if (status == LTNR_OK) {
    putchar('{');
    say_frame(&seen_frame);
    puts("}");
  }
  return status;
}

static ltnr_status_e run_whole(void) {
  if (seen_bytes == NULL) {
    return LTNR_E_INVALID_ARGUMENT;
  }
  uint64_t hash = fnv1a(seen_bytes, seen_frame.bytes);
  int is_whole = ltnr_slot_reader_is_whole(slots, &sight);
  printf("{\"whole\":%s,\"hash\":\"%" PRIu64 "\"}\n", is_whole ? "true" : "false", hash);
  return LTNR_OK;
}

static ltnr_status_e run_lease(uint64_t after) {
  ltnr_frame_t frame = {0};
  if (leases_made == MAX_LEASES) {
    return LTNR_E_INVALID_ARGUMENT;
  }
  ltnr_status_e status =
      ltnr_slot_reader_lease_newest(slots, after, &frame, &leases[leases_made].bytes, &leases[leases_made].lease);
  if (status == LTNR_OK) {
    leases[leases_made].size = frame.bytes;
    printf("{\"lease\":%zu,", leases_made + 1);
    say_frame(&frame);
    printf(",\"hash\":\"%" PRIu64 "\"}\n", fnv1a(leases[leases_made].bytes, frame.bytes));
    leases_made++;
  }
  return status;
}

static ltnr_status_e run_on_lease(const char *command, uint64_t number) {
  if (number == 0 || number > leases_made || leases[number - 1].lease.reader == NULL) {
    return LTNR_E_INVALID_ARGUMENT;
  }
  if (strcmp(command, "release") == 0) {
    ltnr_lease_release(&leases[number - 1].lease);
    puts("{}");
  } else {
    printf("{\"hash\":\"%" PRIu64 "\"}\n", fnv1a(leases[number - 1].bytes, leases[number - 1].size));
  }
  return LTNR_OK;
}

/* ------------------------------------------------------------------ records -----------------------------------------
 */

static ltnr_status_e run_seek(const char *place) {
  int whence = strcmp(place, "oldest") == 0       ? LTNR_SEEK_OLDEST
               : strcmp(place, "newest-key") == 0 ? LTNR_SEEK_NEWEST_KEY
               : strcmp(place, "end") == 0        ? LTNR_SEEK_END
                                                  : LTNR_SEEK_SEQUENCE;
  ltnr_status_e status = ltnr_byte_reader_seek(records, whence, strtoull(place, NULL, 10));
  if (status == LTNR_OK) {
    puts("{}");
  }
  return status;
}

static ltnr_status_e run_next(void) {
  uint64_t dropped = 0;
  ltnr_status_e status;
  has_record = 0;
  while ((status = ltnr_byte_reader_next(records, &record, buffer, buffer_bytes, &dropped)) ==
             LTNR_E_BUFFER_TOO_SMALL &&
         grow(record.payload_bytes)) {
  }
  if (status == LTNR_OK) {
    has_record = 1;
    putchar('{');
    say_record(&record);
    printf(",\"dropped\":\"%" PRIu64 "\",\"hash\":\"%" PRIu64 "\"}\n", dropped, fnv1a(buffer, record.payload_bytes));
  }
  return status;
}

static ltnr_status_e say_pcm(void) {
  size_t count = 0;
  ltnr_pcm_format_t format;
  ltnr_status_e status = ltnr_byte_reader_pcm_format(records, &record, &format);
  if (status != LTNR_OK) {
    return status;
  }
  float *floats = (float *)calloc(record.payload_bytes + 1, sizeof *floats);
  int16_t *shorts = (int16_t *)calloc(record.payload_bytes + 1, sizeof *shorts);
  int is_short = format.codec == LTNR_PCM_S16LE;
  if (floats == NULL || shorts == NULL) {
    status = LTNR_E_SYSTEM;
  } else if (is_short) {
    status = ltnr_pcm_to_int16(&format, buffer, record.payload_bytes, shorts, record.payload_bytes, &count);
  } else {
    status = ltnr_pcm_to_float(&format, buffer, record.payload_bytes, floats, record.payload_bytes, &count);
  }
  if (status == LTNR_OK) {
    printf("{\"pcm\":[");
    for (size_t i = 0; i < count; i++) {
      printf("%s%s", i == 0 ? "" : ",", i % format.channels == 0 ? "[" : "");
      if (is_short) {
        printf("%d", shorts[i]);
      } else {
        say_number("", 9, (double)floats[i]);
      }
      printf("%s", i % format.channels == format.channels - 1 ? "]" : "");
    }
    puts("]}");
  }
  free(floats);
  free(shorts);
  return status;
}

static ltnr_status_e say_imu(void) {
  static const char *const names[] = {"", "accelerometer", "gyroscope", "magnetometer"};
  ltnr_imu_sample_t sample = {0};
  size_t count = ltnr_imu_samples(record.payload_bytes);
  for (size_t i = 0; i == 0 || i < count; i++) { /* all are checked before anything is said */
    ltnr_status_e status = ltnr_imu_sample(buffer, record.payload_bytes, i, &sample);
    if (status != LTNR_OK) {
      return status;
    }
  }
  printf("{\"imu\":[");
  for (size_t i = 0; i < count && ltnr_imu_sample(buffer, record.payload_bytes, i, &sample) == LTNR_OK; i++) {
    printf("%s{\"mono_ns\":\"%" PRId64 "\",\"sensor\":\"%s\"", i == 0 ? "" : ",", sample.mono_ns, names[sample.sensor]);
    say_number(",\"x\":", 17, sample.x);
    say_number(",\"y\":", 17, sample.y);
    say_number(",\"z\":", 17, sample.z);
    putchar('}');
  }
  puts("]}");
  return LTNR_OK;
}

static ltnr_status_e run_samples(void) {
  if (!has_record) {
    return LTNR_E_INVALID_ARGUMENT;
  }
  switch (record.type) {
    case LTNR_RECORD_PCM:
      return say_pcm();
    case LTNR_RECORD_IMU:
      return say_imu();
    case LTNR_RECORD_RESULT:
      say_hex("json_hex", buffer, record.payload_bytes);
      return LTNR_OK;
    default:
      return LTNR_E_INVALID_ARGUMENT;
  }
}

/* ------------------------------------------------------------------ following ----------------------------------------
 */

static void say_followed(const uint64_t *sequences, size_t count, uint32_t rings, unsigned torn) {
  printf("{\"sequences\":[");
  for (size_t i = 0; i < count; i++) {
    printf("%s\"%" PRIu64 "\"", i == 0 ? "" : ",", sequences[i]);
  }
  printf("],\"reopened\":%u,\"torn\":%u}\n", rings - 1, torn);
}

/* Takes one frame or record, whichever follower is given. */
static ltnr_status_e follow_one(ltnr_frame_follower_t *frames, ltnr_record_follower_t *f, int32_t left_ms,
                                uint64_t *sequence) {
  ltnr_status_e status;
  ltnr_frame_t frame = {0};
  uint64_t dropped = 0;
  do {
    status = frames != NULL ? ltnr_frame_follower_copy(frames, left_ms, &frame, buffer, buffer_bytes)
                            : ltnr_record_follower_next(f, left_ms, &record, buffer, buffer_bytes, &dropped);
  } while (status == LTNR_E_BUFFER_TOO_SMALL && grow(frames != NULL ? frame.bytes : record.payload_bytes));
  if (status == LTNR_OK) {
    *sequence = frames != NULL ? frame.sequence : record.sequence;
  }
  return status;
}

static ltnr_status_e run_follow(int wants_frames, const char *name, uint64_t count, int32_t timeout_ms) {
  static uint64_t sequences[MAX_FOLLOWED];
  ltnr_frame_follower_t frames;
  ltnr_record_follower_t f;
  memset(&frames, 0, sizeof frames);
  memset(&f, 0, sizeof f);
  unsigned torn = 0;
  ltnr_status_e status =
      wants_frames ? ltnr_frame_follower_begin(&frames, name) : ltnr_record_follower_begin(&f, name, LTNR_SEEK_OLDEST);
  const int64_t deadline_ns = ltnrp_deadline_ns(timeout_ms);
  size_t taken = 0;
  has_record = 0;
  while (status == LTNR_OK && taken < count && taken < MAX_FOLLOWED) {
    status = follow_one(wants_frames ? &frames : NULL, &f, ltnrp_left_ms(deadline_ns), &sequences[taken]);
    if (status == LTNR_OK) {
      taken++;
    } else if (status == LTNR_E_TORN && ltnrp_left_ms(deadline_ns) != 0) {
      torn++;
      status = LTNR_OK;
    }
  }
  if (status == LTNR_OK) {
    say_followed(sequences, taken, wants_frames ? frames.rings : f.rings, torn);
  }
  ltnr_frame_follower_end(&frames);
  ltnr_record_follower_end(&f);
  return status;
}

/* ------------------------------------------------------------------ commands -----------------------------------------
 */

static ltnr_status_e run_wait(ltnr_status_e status) {
  if (status == LTNR_OK) {
    puts("{}");
  }
  return status;
}

static ltnr_status_e run(char **word, int words) {
  const char *command = word[0];
  uint64_t first = words > 1 ? strtoull(word[1], NULL, 10) : 0;
  int32_t second = words > 2 ? (int32_t)strtol(word[2], NULL, 10) : 0;
  if (strcmp(command, "open") == 0 && words == 3) {
    return run_open(word);
  }
  if (strcmp(command, "close") == 0) {
    close_all();
    puts("{}");
    return LTNR_OK;
  }
  if ((strcmp(command, "follow-frames") == 0 || strcmp(command, "follow-records") == 0) && words == 4) {
    return run_follow(command[7] == 'f', word[1], (uint64_t)second, (int32_t)strtol(word[3], NULL, 10));
  }
  if (strcmp(command, "release") == 0 || strcmp(command, "lease-hash") == 0) {
    return run_on_lease(command, first);
  }
  if (strcmp(command, "description") == 0 && (slots != NULL || records != NULL)) {
    return run_description();
  }
  if (slots != NULL) {
    if (strcmp(command, "copy") == 0) {
      return run_copy(first);
    }
    if (strcmp(command, "peek") == 0) {
      return run_peek(first);
    }
    if (strcmp(command, "whole") == 0) {
      return run_whole();
    }
    if (strcmp(command, "lease") == 0) {
      return run_lease(first);
    }
    if (strcmp(command, "wait") == 0) {
      return run_wait(ltnr_slot_reader_wait(slots, first, second));
    }
  }
  if (records != NULL) {
    if (strcmp(command, "seek") == 0 && words == 2) {
      return run_seek(word[1]);
    }
    if (strcmp(command, "next") == 0) {
      return run_next();
    }
    if (strcmp(command, "samples") == 0) {
      return run_samples();
    }
    if (strcmp(command, "wait-record") == 0) {
      return run_wait(ltnr_byte_reader_wait(records, (int32_t)strtol(word[1] == NULL ? "0" : word[1], NULL, 10)));
    }
  }
  return LTNR_E_INVALID_ARGUMENT;
}

int main(void) {
  char line[MAX_LINE_BYTES];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *word[MAX_WORDS + 1] = {NULL};
    int words = 0;
    for (char *at = strtok(line, " \n"); at != NULL && words < MAX_WORDS; at = strtok(NULL, " \n")) {
      word[words++] = at;
    }
    if (words > 0) {
      ltnr_status_e status = run(word, words);
      if (status != LTNR_OK) {
        say_error(status);
      }
      fflush(stdout);
    }
  }
  for (size_t i = 0; i < leases_made; i++) {
    ltnr_lease_release(&leases[i].lease);
  }
  close_all();
  free(buffer);
  return 0;
}
