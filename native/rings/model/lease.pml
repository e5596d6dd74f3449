/*
 * Reserve and Lease (docs/design/rings.md): SlotWriter::reserve, try_begin_writing, publish; SlotReader::lease_newest;
 * LeaseSeat::mark, clear. Three slots, one reader on its seat. The writer reads leases by pread(2): relaxed loads here.
 * Seats, death and reclaim: reclaim.pml. The seqlock of copies: publish_copy.pml.
 *
 * Claims: a slot is not overwritten while leased; the lessee finds its frame whole at each load; no claim outlives reserve;
 * reserve ends after at most as many tries as there are slots. (It may say BUSY although one reader leases one slot: when that
 * reader gives one back and takes another while reserve looks. The frame is dropped, as after any BUSY.)
 */
#define NO_CLAIM 1             // mutation: step 2 of Reserve does not store the claim
#define NO_FENCE_AFTER_CLAIM 2 // mutation: no fence between claim and leases
#define LEASES_BEFORE_CLAIM 3  // mutation: the leases are read before the claim is stored
#define LEASES_NOT_READ 4      // mutation: the writer does not look at the leases
#define NO_FENCE_AFTER_MARK 5  // mutation: no fence between the lease and the second load of the stamp
#define STAMP_BEFORE_MARK 6    // mutation: the second load of the stamp comes before the lease is set
#define NO_SECOND_STAMP 7      // mutation: the lease is believed without a second load of the stamp
#define CLAIM_IGNORED 8        // mutation: the second load of the stamp does not mind the claim
#define CLEAR_PASSES_LOADS 9   // mutation: clear() without release: it passes the lessee's last load
#define CLAIM_KEPT 10          // mutation: the claim of a slot found leased is not taken back
#define NOT_EXCLUDED 11        // mutation: a slot found leased is not excluded from the next choice
#define LEASES_A_FRAME 12      // mutation: none; shows that frames are leased at all
#define LEASE_IS_VOID 13       // mutation: none; shows that the second load of the stamp refuses leases
#define GOES_ROUND 14          // mutation: none; shows that the writer goes round a leased slot

#ifndef TURNS
#define TURNS 4 /* of the writer, after two frames that are there when the model begins */
#define LOOKS 2
#endif
#define SLOTS 3

#define NEWEST 0
#define STAMP(slot) (1 + slot)
#define BYTES(slot) (4 + slot)
#define LEASES 7
#define LOCATIONS 8
#define HISTORY 14
#define THREADS 2
#define LOCKS 1
#define WRITER 0
#define READER 1
#include "weak_memory.pml"

#define kStampWriting 1
#define kStampClaimed 2
#define kStampStep 4
#define kSlotBits 2
#define NOTHING 255

byte held = NOTHING; /* for the claims only: the slot that the reader has been told it leases */
#define latest(where) memory[where].message[memory[where].count - 1].value

proctype Writer() {
  byte sequence = 2, newest_slot = 1;
  byte stamp[SLOTS], frame[SLOTS];
  byte excluded, leased, slot, i, turns, tries;
  d_step {
    stamp[0] = kStampStep;
    stamp[1] = kStampStep;
    frame[0] = 1;
    frame[1] = 2
  }
  do
  :: turns < TURNS ->
    /* reserve */
    turns++;
choose:
    skip;
    d_step { /* oldest_free */
      slot = SLOTS;
      for (i : 0 .. SLOTS - 1) {
        if
        :: i != newest_slot && !(excluded >> i & 1) ->
          if
          :: slot == SLOTS -> slot = i
          :: slot != SLOTS && frame[i] < frame[slot] -> slot = i
          :: else
          fi
        :: else
        fi
      }
      i = 0;
      tries++;
      assert(tries <= SLOTS)
    }
    if
    :: slot == SLOTS -> goto turn_over /* BUSY */
    :: else
    fi;
    /* try_begin_writing */
    if
    :: mutation == LEASES_BEFORE_CLAIM -> load(WRITER, LEASES, 0, leased)
    :: else
    fi;
    if
    :: mutation != NO_CLAIM -> store(WRITER, STAMP(slot), 1, stamp[slot] | kStampClaimed)
    :: else
    fi;
    if
    :: mutation != NO_FENCE_AFTER_CLAIM -> fence_seq_cst(WRITER)
    :: else
    fi;
    if
    :: mutation != LEASES_BEFORE_CLAIM && mutation != LEASES_NOT_READ -> load(WRITER, LEASES, 0, leased)
    :: else
    fi;
    if
    :: leased >> slot & 1 ->
      assert(mutation != GOES_ROUND);
      if
      :: mutation != CLAIM_KEPT -> store(WRITER, STAMP(slot), 1, stamp[slot])
      :: else
      fi;
      excluded = (mutation == NOT_EXCLUDED -> excluded : excluded | leased);
      leased = 0;
      goto choose
    :: else -> leased = 0
    fi;
    store(WRITER, STAMP(slot), 0, stamp[slot] | kStampWriting);
    fence_seq_cst(WRITER);
    /* the memory is the writer's */
    atomic {
      assert(held != slot);
      store(WRITER, BYTES(slot), 0, sequence + 1)
    }
    /* publish */
    d_step {
      sequence++;
      frame[slot] = sequence;
      stamp[slot] = stamp[slot] + kStampStep
    }
    store(WRITER, STAMP(slot), 1, stamp[slot]);
    store(WRITER, NEWEST, 1, sequence << kSlotBits | slot);
    newest_slot = slot;
turn_over:
    skip;
    d_step {
      for (i : 0 .. SLOTS - 1) {
        assert(latest(STAMP(i)) == stamp[i]) /* no claim outlives reserve */
      }
      i = 0;
      slot = 0;
      excluded = 0;
      tries = 0
    }
  :: else -> break
  od;
  end(WRITER)
}

proctype Reader() {
  byte newest, slot, stamp, again, bytes, looks;
  do
  :: looks < LOOKS ->
    looks++;
    /* find_newer, look_at */
    load(READER, NEWEST, 1, newest);
    slot = newest & 3;
    load(READER, STAMP(slot), 1, stamp);
    if
    :: stamp & kStampWriting -> goto next_look
    :: else -> stamp = stamp & 253
    fi;
    load(READER, BYTES(slot), 0, bytes); /* the frame's sequence */
    fence_acquire(READER);
    load(READER, STAMP(slot), 0, again);
    if
    :: (again & 253) != stamp || bytes != newest >> kSlotBits -> goto next_look
    :: else
    fi;
    /* lease_newest */
    if
    :: mutation == STAMP_BEFORE_MARK -> load(READER, STAMP(slot), 1, again)
    :: else
    fi;
    add(READER, LEASES, 1, (1 << slot)); /* mark */
    if
    :: mutation != NO_FENCE_AFTER_MARK -> fence_seq_cst(READER)
    :: else
    fi;
    if
    :: mutation == NO_SECOND_STAMP -> again = stamp
    :: mutation == STAMP_BEFORE_MARK
    :: else ->
      load(READER, STAMP(slot), 1, again);
      again = (mutation == CLAIM_IGNORED -> again & 253 : again)
    fi;
    if
    :: atomic {
         again == stamp ->
         assert(mutation != LEASES_A_FRAME);
         held = slot
       }
       load(READER, BYTES(slot), 0, bytes);
       assert(bytes == newest >> kSlotBits);
       if
       :: mutation == CLEAR_PASSES_LOADS
       :: else ->
         load(READER, BYTES(slot), 0, bytes);
         assert(bytes == newest >> kSlotBits)
       fi
    :: else -> assert(mutation != LEASE_IS_VOID)
    fi;
    atomic { /* clear */
      again = held;
      held = NOTHING;
      add(READER, LEASES, 1, -(1 << slot))
    }
    if
    :: mutation == CLEAR_PASSES_LOADS && again == slot ->
      load(READER, BYTES(slot), 0, bytes);
      assert(bytes == newest >> kSlotBits)
    :: else
    fi;
next_look:
    newest = 0; slot = 0; stamp = 0; again = 0; bytes = 0
  :: else -> break
  od;
  end(READER)
}

init {
  atomic {
    choose_mutation();
    first_values();
    memory[NEWEST].message[0].value = 2 << kSlotBits | 1;
    memory[STAMP(0)].message[0].value = kStampStep;
    memory[STAMP(1)].message[0].value = kStampStep;
    memory[BYTES(0)].message[0].value = 1;
    memory[BYTES(1)].message[0].value = 2;
    run Writer();
    run Reader()
  }
}
