/* The C ABI must be plain C11: this file is the proof, and is called by a test so that it is linked too. */
#include <lanthorn/rings.h>

int lanthorn_c_can_read_a_ring(const char *name, uint64_t *sequence) {
  ltn_slot_reader_h *reader = NULL;
  ltn_lease_h *lease = NULL;
  ltn_frame_t frame;
  const uint8_t *bytes = NULL;
  if (ltn_slot_reader_open(name, &reader) != LTN_OK) {
    return 1;
  }
  ltn_status_e status = ltn_slot_reader_lease_newest(reader, 0, &frame, &bytes, &lease);
  if (status == LTN_OK) {
    *sequence = frame.sequence;
    ltn_lease_release(lease);
  }
  ltn_slot_reader_close(reader);
  return status == LTN_OK && bytes != NULL ? 0 : 2;
}
