/* Reads the next frame or record of each ring named, by the C header alone, and prints a line for each. */
#include "lanthorn_rings.h"

enum { WAIT_MS = 5000, PAYLOAD_BYTES = 1 << 20 };

static int fail(const char *name) {
  printf("%s failed: %s\n", name, ltnr_last_error());
  return 1;
}

static int read_frame(const char *name) {
  ltnr_slot_reader_h *ring = NULL;
  ltnr_frame_t frame;
  const uint8_t *bytes = NULL;
  ltnr_lease_t lease;
  if (ltnr_slot_reader_open(name, &ring) != LTNR_OK || ltnr_slot_reader_wait(ring, 0, WAIT_MS) != LTNR_OK ||
      ltnr_slot_reader_lease_newest(ring, 0, &frame, &bytes, &lease) != LTNR_OK) {
    return fail(name);
  }
  uint64_t sum = 0;
  for (uint32_t i = 0; i < frame.bytes; i++) {
    sum += bytes[i];
  }
  printf("%s frame %s %ux%u sum %d\n", name, frame.pixel_format, frame.width_px, frame.height_px, sum > 0);
  ltnr_lease_release(&lease);
  ltnr_slot_reader_close(ring);
  return 0;
}

static int read_record(const char *name) {
  static uint8_t payload[PAYLOAD_BYTES];
  ltnr_byte_reader_h *ring = NULL;
  ltnr_record_t record;
  uint64_t dropped = 0;
  if (ltnr_byte_reader_open(name, &ring) != LTNR_OK || ltnr_byte_reader_wait(ring, WAIT_MS) != LTNR_OK ||
      ltnr_byte_reader_next(ring, &record, payload, sizeof payload, &dropped) != LTNR_OK) {
    return fail(name);
  }
  double squared = 0;
  ltnr_imu_sample_t sample;
  if (record.type == LTNR_RECORD_IMU && ltnr_imu_sample(payload, record.payload_bytes, 0, &sample) == LTNR_OK) {
    squared = sample.x * sample.x + sample.y * sample.y + sample.z * sample.z;
  }
  printf("%s record %u %u bytes squared %.2f\n", name, record.type, record.payload_bytes, squared);
  ltnr_byte_reader_close(ring);
  return 0;
}

int main(int count, char **names) {
  int faults = 0;
  for (int i = 1; i < count; i++) {
    const char *what = strrchr(names[i], '.');
    faults += what != NULL && strcmp(what, ".frames") == 0 ? read_frame(names[i]) : read_record(names[i]);
  }
  return faults == 0 ? 0 : 1;
}
