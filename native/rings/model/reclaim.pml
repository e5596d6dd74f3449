/*
 * Seats and Reclaim (docs/design/rings.md): LeaseSeat::try_take, mark, clear, leave; LeaseTable::leased_slots, reclaim_dead as
 * SlotWriter::reserve calls it. Two seats, two readers, one of which is killed at any step and started anew. Two slots that
 * may be leased; what keeps a leased slot from being overwritten is lease.pml. Locks are the kernel's: it drops those of the
 * dead, and taking one brings all that its last holder did. So memory is plain here: what one process stores in a seat
 * reaches another through the lock, and how late the writer may learn of a lease is the business of lease.pml.
 *
 * Claims: the leases of a dead reader are taken back, nobody else's; BUSY is said only when living readers lease every
 * slot (or one has sat down on a dead one's seat and is about to clear it).
 */
#define NO_RECLAIM 1           // mutation: nothing takes back the leases of the dead
#define RECLAIM_WITHOUT_LOCK 2 // mutation: seats are cleared whoever holds them
#define UNLOCK_FIRST 3         // mutation: reclaim_dead unlocks the seat before it writes zero
#define SEAT_NOT_CLEARED 4     // mutation: a new reader does not clear the seat it sits down on
#define SEAT_NOT_LOCKED 5      // mutation: a reader sits down without the lock
#define LOCK_KEPT_BY_DEAD 6    // mutation: a dead reader's lock stays (a pid that was reused looks so)
#define LEAVE_UNLOCKS_FIRST 7  // mutation: leave drops the lock before it clears the seat
#define SAYS_BUSY 8            // mutation: none; shows that the writer finds all slots leased
#define TAKES_BACK 9           // mutation: none; shows that leases of the dead are taken back

#ifndef TURNS
#define TURNS 2
#define DEATHS 1
#define LOOKS 2
#endif
#define SLOTS 2
#define SEATS 2

#define THREADS 3
#define WRITER 0

byte mutation; /* the step that is left out; 0: none */
byte leases[SEATS];

#define NOBODY 255
byte holder[SEATS] = NOBODY; /* whose lock is on the seat */
bool killed[THREADS];

/* For the claims only. */
byte marked[THREADS];  /* the slots, as bits, that a living reader has set */
byte place[THREADS] = NOBODY;
bool sitting[THREADS]; /* has a seat, but has not cleared it yet */
bool calm; /* since reserve began no reader has set or cleared a lease, come or gone */

/* A living reader's leases are in its seat, whatever the writer does to the seats of others. */
inline check_seats() {
  assert(place[1] == NOBODY || sitting[1] || (leases[place[1]] & marked[1]) == marked[1]);
  assert(place[2] == NOBODY || sitting[2] || (leases[place[2]] & marked[2]) == marked[2])
}

inline reclaim(seat) {
  if
  :: leases[seat] == 0
  :: else ->
    if
    :: atomic { /* F_OFD_SETLK: taken */
         holder[seat] == NOBODY || mutation == RECLAIM_WITHOUT_LOCK ->
         holder[seat] = (mutation == RECLAIM_WITHOUT_LOCK -> holder[seat] : WRITER)
       }
       if
       :: mutation == UNLOCK_FIRST -> holder[seat] = NOBODY
       :: else
       fi;
       atomic { /* pwrite of zero */
         assert(mutation != TAKES_BACK);
         leases[seat] = 0;
         check_seats()
       }
       if
       :: holder[seat] == WRITER -> holder[seat] = NOBODY
       :: else
       fi;
       freed = true
    :: atomic { /* held by other */
         holder[seat] != NOBODY && mutation != RECLAIM_WITHOUT_LOCK -> skip
       }
    fi
  fi
}

proctype Writer() {
  byte leased, turns;
  bool freed, may_reclaim;
  do
  :: turns < TURNS ->
    d_step { /* reserve */
      turns++;
      calm = true;
      may_reclaim = true
    }
again:
    leased = leases[0]; /* pread: not one moment's view of all seats */
    leased = leased | leases[1];
    if
    :: leased == 3 -> /* no slot left */
      if
      :: may_reclaim && mutation != NO_RECLAIM ->
        reclaim(0);
        reclaim(1)
      :: else
      fi;
      if
      :: freed ->
        d_step {
          freed = false;
          may_reclaim = false
        }
        goto again
      :: else ->
        d_step { /* BUSY: this frame is dropped */
          assert(mutation != SAYS_BUSY);
          assert(!calm || sitting[1] || sitting[2] || (marked[1] | marked[2]) == 3)
        }
      fi
    :: else
    fi;
    leased = 0
  :: else -> break
  od
}

/* The reader's life ends where it stands; the kernel drops its lock. */
inline die() {
  d_step {
    killed[me] = false;
    calm = false;
    marked[me] = 0;
    place[me] = NOBODY;
    sitting[me] = false;
    if
    :: seat != NOBODY ->
      if
      :: holder[seat] == me ->
        holder[seat] = (mutation == LOCK_KEPT_BY_DEAD -> me : NOBODY)
      :: else
      fi
    :: else
    fi;
    seat = NOBODY; slot = 0; looks = 0
  }
}

proctype Reader(byte me) {
  byte seat = NOBODY, slot, looks;
born:
  {
    atomic { /* LeaseSeat::try_take: the first seat whose lock is to be had */
      calm = false;
      if
      :: holder[0] == NOBODY || mutation == SEAT_NOT_LOCKED -> seat = 0
      :: else ->
        if
        :: holder[1] == NOBODY -> seat = 1
        :: else -> goto gone /* this reader copies */
        fi
      fi;
      holder[seat] = (mutation == SEAT_NOT_LOCKED -> holder[seat] : me);
      place[me] = seat;
      sitting[me] = true
    }
    atomic {
      if
      :: mutation != SEAT_NOT_CLEARED -> leases[seat] = 0
      :: else
      fi;
      sitting[me] = false;
      calm = false;
      check_seats()
    }
    do
    :: looks < LOOKS ->
      looks++;
      if
      :: slot = 0
      :: slot = 1
      fi;
      atomic { /* mark */
        calm = false;
        marked[me] = 1 << slot;
        leases[seat] = leases[seat] | 1 << slot;
        check_seats()
      }
      atomic { /* clear */
        calm = false;
        marked[me] = 0;
        leases[seat] = leases[seat] & ~(1 << slot);
        check_seats()
      }
    :: else -> break
    od;
    /* leave */
    if
    :: mutation != LEAVE_UNLOCKS_FIRST ->
      atomic {
        leases[seat] = 0;
        check_seats()
      }
    :: else
    fi;
    atomic {
      calm = false;
      holder[seat] = NOBODY;
      place[me] = NOBODY
    }
    if
    :: mutation == LEAVE_UNLOCKS_FIRST ->
      atomic {
        leases[seat] = 0;
        check_seats()
      }
    :: else
    fi;
    seat = NOBODY;
gone:
    skip
  } unless {
    killed[me];
    die();
    goto born
  }
}

proctype Killer() {
  byte deaths;
  do
  :: deaths < DEATHS ->
    deaths++;
    killed[1] = true;
end_too_late: /* it had ended by itself */
    !killed[1]
  :: break
  od
}

init {
  atomic {
    c_code {
      char *chosen = getenv("MUTATION");
      now.mutation = chosen == NULL ? 0 : atoi(chosen);
    }
    run Writer();
    run Reader(1);
    run Reader(2);
    run Killer()
  }
}
