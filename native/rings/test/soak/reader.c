/** Soak: as reader.ts, in C. Arguments: prefix, frames or records. Prints a JSON tally five times a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lanthorn_rings.h"

enum { COPY_BYTES = 8 * 1024 * 1024, TIMEOUT_MS = 1000 };

static unsigned long copies, leases, records, dropped, refused, torn, reopened;
static uint8_t copy[COPY_BYTES];

static int is_of(const uint8_t *bytes, size_t count, uint64_t sequence) {
  for (size_t i = 0; i + 8 <= count; i += 8) {
    if (memcmp(bytes + i, &sequence, 8) != 0) {
      return 0;
    }
  }
  return 1;
}

static void tell(void) {
  static double told;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
  if (seconds > told + 0.2) {
    told = seconds;
    printf(
        "{\"copies\":%lu,\"leases\":%lu,\"records\":%lu,\"dropped\":%lu,\"refused\":%lu,\"torn\":%lu,\"reopened\":%lu}"
        "\n",
        copies, leases, records, dropped, refused, torn, reopened);
    fflush(stdout);
  }
}

static void look(ltnr_frame_follower_t *follower) {
  ltnr_frame_t frame = {0};
  const uint8_t *bytes = NULL;
  ltnr_lease_t lease = {0};
  if (ltnr_frame_follower_lease(follower, TIMEOUT_MS, &frame, &bytes, &lease) != LTNR_OK) {
    refused++;
    return;
  }
  leases++;
  torn += is_of(bytes, frame.bytes, frame.sequence) ? 0 : 1;
  if (leases % 16 == 0) {
    struct timespec pause = {0, 5000000};
    nanosleep(&pause, NULL);
    torn += is_of(bytes, frame.bytes, frame.sequence) ? 0 : 1;
  }
  if (leases % 3 == 0 && follower->reader != NULL) {
    if (ltnr_slot_reader_copy_newest(follower->reader, 0, &frame, copy, sizeof copy) == LTNR_OK) {
      copies++;
      torn += is_of(copy, frame.bytes, frame.sequence) ? 0 : 1;
    } else {
      refused++;
    }
  }
  if (leases % 5 == 0 && follower->reader != NULL) {
    ltnr_sight_t sight;
    if (ltnr_slot_reader_peek_newest(follower->reader, 0, &frame, &bytes, &sight) == LTNR_OK) {
      int good = is_of(bytes, frame.bytes, frame.sequence);
      torn += ltnr_slot_reader_is_whole(follower->reader, &sight) && !good ? 1 : 0;
    }
  }
  ltnr_lease_release(&lease);
}

int main(int argc, char **argv) {
  char name[LTNR_RING_NAME_MAX_BYTES + 1];
  if (argc != 3) {
    return 2;
  }
  snprintf(name, sizeof name, "%s.%s", argv[1], argv[2]);
  ltnr_frame_follower_t frames;
  ltnr_record_follower_t packets;
  int is_frames = strcmp(argv[2], "frames") == 0;
  if ((is_frames ? ltnr_frame_follower_begin(&frames, name)
                 : ltnr_record_follower_begin(&packets, name, LTNR_SEEK_OLDEST)) != LTNR_OK) {
    return 1;
  }
  for (;;) {
    if (is_frames) {
      look(&frames);
      reopened = frames.rings > 0 ? frames.rings - 1 : 0;
    } else {
      ltnr_record_t record = {0};
      uint64_t lost = 0;
      if (ltnr_record_follower_next(&packets, TIMEOUT_MS, &record, copy, sizeof copy, &lost) == LTNR_OK) {
        records++;
        torn += is_of(copy, record.payload_bytes, record.sequence) ? 0 : 1;
      } else {
        refused++;
      }
      dropped += lost;
      reopened = packets.rings > 0 ? packets.rings - 1 : 0;
    }
    tell();
  }
}
