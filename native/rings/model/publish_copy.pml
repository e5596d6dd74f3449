/*
 * Reserve, Publish and Copy (docs/design/rings.md): SlotWriter::try_begin_writing, publish, release; SlotReader::find_newer,
 * look_at, is_whole, copy_newest. Two slots, so that a reader is lapped as soon as can be; a frame is its sequence and one
 * word of bytes. Leases: lease.pml.
 *
 * Claims: a frame that is returned is whole and the one announced; an honest writer is never called corrupt; a frame is
 * refused only when the writer has taken its slot for another one.
 */
#define NO_WRITING_BIT 1         // mutation: step 4 of Reserve does not store the writing bit
#define NO_FENCE_AFTER_WRITING 2 // mutation: no fence between the writing bit and the first byte
#define STAMP_RELAXED 3          // mutation: publish stores the stamp without release
#define NEWEST_RELAXED 4         // mutation: publish stores newest without release
#define NEWEST_FIRST 5           // mutation: publish stores newest before the stamp
#define LOOK_RELAXED 6           // mutation: the first load of the stamp does not acquire
#define FIND_RELAXED 7           // mutation: the load of newest does not acquire
#define NO_ACQUIRE_FENCE 8       // mutation: no fence between the copy and the second load of the stamp
#define NO_SECOND_STAMP 9        // mutation: the copy is believed without looking at the stamp again
#define WRITING_IGNORED 10       // mutation: a stamp with the writing bit is taken for a frame's
#define SEQUENCE_IGNORED 11      // mutation: the frame found is not compared with the one announced
#define OVERWRITES_NEWEST 12     // mutation: the writer takes the newest slot, too
#define SAME_GENERATION 13       // mutation: publish restores the old stamp instead of the next generation
#define CLAIM_IS_A_CHANGE 14     // mutation: a claim alone makes a reader throw its copy away
#define RETURNS_A_FRAME 15       // mutation: none; shows that frames are returned at all
#define RETURNS_LAPPED 16        // mutation: none; shows that the reader is lapped while it copies

#define SLOTS 2
#ifndef PUBLISHES
#define PUBLISHES 4
#define TRIES 2
#endif

#define NEWEST 0
#define STAMP(slot) (1 + slot)
#define FRAME(slot) (3 + slot)
#define BYTES(slot) (5 + slot)
#define LOCATIONS 7
#define HISTORY 16
#define THREADS 2
#define LOCKS 1
#define WRITER 0
#define READER 1
#include "weak_memory.pml"

#define kStampWriting 1
#define kStampClaimed 2
#define kStampStep 4
#define kSlotBits 1

byte stamp_of[PUBLISHES + 1]; /* for the claims only: the stamp that each frame was published with */
#define latest(where) memory[where].message[memory[where].count - 1].value
#define unclaimed(stamp) (mutation == CLAIM_IS_A_CHANGE -> stamp : stamp & 253)

proctype Writer() {
  byte sequence, slot, whole, next;
  byte stamp[SLOTS];
  bool gave_back;
  do
  :: sequence < PUBLISHES ->
    /* Reserve: the slot that is not the newest; with two slots that is also the oldest. */
    whole = stamp[slot];
    store(WRITER, STAMP(slot), 1, whole | kStampClaimed);
    fence_seq_cst(WRITER);
    if
    :: mutation != NO_WRITING_BIT -> store(WRITER, STAMP(slot), 0, whole | kStampWriting)
    :: else
    fi;
    if
    :: mutation != NO_FENCE_AFTER_WRITING -> fence_seq_cst(WRITER)
    :: else
    fi;
    store(WRITER, BYTES(slot), 0, sequence + 1);
    next = whole + (mutation == SAME_GENERATION -> 0 : kStampStep);
    if
    :: /* Publish */
      d_step {
        sequence++;
        stamp_of[sequence] = next
      };
      store(WRITER, FRAME(slot), 0, sequence);
      if
      :: mutation == NEWEST_FIRST ->
        store(WRITER, NEWEST, 1, sequence << kSlotBits | slot);
        store(WRITER, STAMP(slot), 1, next)
      :: else ->
        store(WRITER, STAMP(slot), (mutation != STAMP_RELAXED), next);
        store(WRITER, NEWEST, (mutation != NEWEST_RELAXED), sequence << kSlotBits | slot)
      fi;
      stamp[slot] = next;
      slot = (mutation == OVERWRITES_NEWEST -> slot : 1 - slot)
    :: !gave_back -> /* Release of what was reserved and not published */
      gave_back = true;
      store(WRITER, FRAME(slot), 0, 0);
      store(WRITER, STAMP(slot), 1, next);
      stamp[slot] = next
    fi
  :: else -> break
  od;
  end(WRITER)
}

proctype Reader() {
  byte newest, again, slot, stamp, frame, bytes, tries;
  do
  :: tries < TRIES ->
    tries++;
    /* find_newer */
    load(READER, NEWEST, (mutation != FIND_RELAXED), newest);
    if
    :: newest == 0 -> goto next_try
    :: else -> slot = newest & 1
    fi;
    /* look_at */
    load(READER, STAMP(slot), (mutation != LOOK_RELAXED), stamp);
    load(READER, FRAME(slot), 0, frame);
    if
    :: (stamp & kStampWriting) && mutation != WRITING_IGNORED -> goto refused
    :: else -> stamp = stamp & 253
    fi;
    if
    :: mutation != NO_ACQUIRE_FENCE -> fence_acquire(READER)
    :: else
    fi;
    load(READER, STAMP(slot), 0, again);
    if
    :: unclaimed(again) != stamp && mutation != NO_SECOND_STAMP -> goto refused
    :: else
    fi;
    if
    :: frame != newest >> kSlotBits && mutation != SEQUENCE_IGNORED ->
      load(READER, NEWEST, 1, again);
      assert(again != newest); /* CORRUPT, of an honest writer */
      goto refused
    :: else
    fi;
    /* copy_newest */
    load(READER, BYTES(slot), 0, bytes);
    if
    :: mutation != NO_ACQUIRE_FENCE -> fence_acquire(READER)
    :: else
    fi;
    load(READER, STAMP(slot), 0, again);
    if
    :: unclaimed(again) != stamp && mutation != NO_SECOND_STAMP ->
      assert(mutation != RETURNS_LAPPED);
      goto refused
    :: else
    fi;
    assert(mutation != RETURNS_A_FRAME);
    assert(frame == newest >> kSlotBits);
    assert(bytes == frame);
    goto next_try;
refused: /* TORN: look for the newest again */
    assert((latest(STAMP(slot)) & 253) > stamp_of[newest >> kSlotBits]);
next_try:
    slot = 0; stamp = 0; frame = 0; bytes = 0; newest = 0; again = 0
  :: else -> break
  od;
  end(READER)
}

init {
  atomic {
    choose_mutation();
    first_values();
    run Writer();
    run Reader()
  }
}
