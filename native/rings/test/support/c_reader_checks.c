/* What the conformance suite does not ask of the C reader. Argument: which check, then its own. Prints what it found.
 */
#include "lanthorn_rings.h"

static void fail(const char *what) {
  printf("%s: %s\n", what, ltnr_last_error());
  exit(1);
}

/* Every plane of a format at 7 × 5 pixels: columns, rows, channels, bytes of a sample and of a row. */
static void check_planes(int count, char **formats) {
  for (int i = 0; i < count; i++) {
    ltnr_frame_t frame = {0};
    ltnr_plane_t plane = {0};
    frame.width_px = 7;
    frame.height_px = 5;
    snprintf(frame.pixel_format, sizeof frame.pixel_format, "%s", formats[i]);
    printf("%s", formats[i]);
    for (uint32_t p = 0; ltnr_frame_plane(&frame, p, &plane) == LTNR_OK; p++) {
      printf(" %" PRIu64 "x%" PRIu64 "x%u/%u/%" PRIu64, plane.columns, plane.rows, plane.channels, plane.sample_bytes,
             plane.row_bytes);
    }
    puts("");
  }
}

/* Takes each frame by lease through a follower; holds the first of each ring. Prints, and waits for a line each time.
 */
static void check_lease(const char *name, int turns) {
  ltnr_frame_follower_t f;
  ltnr_lease_t held[8];
  const uint8_t *bytes[8];
  ltnr_frame_t frame = {0};
  if (turns > 8 || ltnr_frame_follower_begin(&f, name) != LTNR_OK) {
    fail("begin");
  }
  for (int i = 0; i < turns; i++) {
    if (ltnr_frame_follower_lease(&f, 20000, &frame, &bytes[i], &held[i]) != LTNR_OK) {
      fail("lease");
    }
    printf("took %" PRIu64 " of ring %u, value %d\n", frame.sequence, f.rings, bytes[i][0]);
    fflush(stdout);
    if (getchar() == EOF) {
      break;
    }
  }
  ltnr_frame_follower_end(&f); /* the leases outlive it */
  for (int i = 0; i < turns; i++) {
    printf("still %d%s\n", bytes[i][0], ltnr_lease_is_whole(&held[i]) ? "" : " torn");
    ltnr_lease_release(&held[i]);
    ltnr_lease_release(&held[i]); /* may be called twice */
  }
}

static void print_ring(const char *name, const ltnr_ring_info_t *info, void *context) {
  (void)context;
  printf("%s kind %u alive %u last %" PRIu64 " slots %u pid %u\n", name, info->kind, info->alive, info->last_sequence,
         info->slots, info->writer_pid);
}

static void check_decoding(void) {
  const float floats[] = {0.5f, -0.5f, 2.0f, -2.0f, 0.0f / -1.0f, 1.0f / 65536};
  const int16_t shorts[] = {16384, -32768, 32767, 0};
  ltnr_pcm_format_t format = {LTNR_PCM_F32LE, 48000, 2};
  int16_t shorts_out[8];
  float floats_out[8];
  size_t samples = 0;
  uint8_t payload[sizeof floats + 1];
  memcpy(payload + 1, floats, sizeof floats); /* at an odd address */
  float nan = 0.0f;
  nan /= nan;
  memcpy(payload + 1 + 4 * sizeof nan, &nan, sizeof nan);
  if (ltnr_pcm_to_int16(&format, payload + 1, sizeof floats, shorts_out, 8, &samples) != LTNR_OK) {
    fail("to int16");
  }
  for (size_t i = 0; i < samples; i++) {
    printf("%d ", shorts_out[i]);
  }
  format.codec = LTNR_PCM_S16LE;
  memcpy(payload + 1, shorts, sizeof shorts);
  if (ltnr_pcm_to_float(&format, payload + 1, sizeof shorts, floats_out, 8, &samples) != LTNR_OK) {
    fail("to float");
  }
  for (size_t i = 0; i < samples; i++) {
    printf("%.9g ", (double)floats_out[i]);
  }
  printf("%s ", ltnr_status_name(ltnr_pcm_to_float(&format, payload, 6, floats_out, 8, &samples)));
  printf("%s %zu\n", ltnr_status_name(ltnr_pcm_to_float(&format, payload, 8, floats_out, 3, &samples)), samples);
}

static void check_description(const char *json) {
  ltnr_depth_t depth = {0};
  ltnr_pcm_format_t pcm = {LTNR_PCM_S16LE, 0, 0};
  size_t bytes = strlen(json);
  ltnr_status_e status = ltnr_depth_of(json, bytes, &depth);
  printf("depth %s %.17g %.17g; ", ltnr_status_name(status), depth.metres_per_unit, depth.invalid);
  status = ltnr_pcm_format_of(json, bytes, 1, &pcm);
  printf("pcm %s %d %u %u\n", ltnr_status_name(status), (int)pcm.codec, pcm.sample_rate_hz, pcm.channels);
}

int main(int count, char **arguments) {
  const char *check = count > 1 ? arguments[1] : "";
  if (strcmp(check, "planes") == 0) {
    check_planes(count - 2, arguments + 2);
  } else if (strcmp(check, "lease") == 0 && count == 4) {
    check_lease(arguments[2], (int)strtol(arguments[3], NULL, 10));
  } else if (strcmp(check, "list") == 0 && count == 3) {
    return ltnr_ring_list(arguments[2], print_ring, NULL) == LTNR_OK ? 0 : 1;
  } else if (strcmp(check, "decoding") == 0) {
    check_decoding();
  } else if (strcmp(check, "description") == 0 && count == 3) {
    check_description(arguments[2]);
  } else {
    return 64;
  }
  return 0;
}
