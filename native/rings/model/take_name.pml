/*
 * Taking a name, closing and removing (docs/design/rings.md): RingOwner::take_name, make_objects, link_objects, ~RingOwner;
 * retire; remove_dead_ring. Two writers, each of which may live again, and a doctor come for one name; any of them is killed at
 * any step. All is system calls, which the kernel puts in one order. An object's number is used again, as an inode's
 * is, once it has no name and nobody holds it open.
 * An orphaned lease object is removed by taking the name as a writer does: that is a writer here.
 *
 * Claims: while a writer that was told OK lives, the name leads to its ring and the lease name to its leases, so no two own
 * the name; nobody unlinks a ring, or its leases, while another living process holds its lock; a dead writer's ring keeps
 * its name until somebody who holds its lock takes that away.
 */
#define NO_LOCK 1                 // mutation: the lock of the ring found is not asked for
#define NOT_STILL_NAMED 2         // mutation: a writer does not look whether the ring it locked still has the name
#define UNLOCK_BEFORE_RETIRE 3    // mutation: the dead ring's lock is dropped before its name is taken away
#define LOCK_AFTER_LINK 4         // mutation: the new ring is locked after it got its name
#define RENAMED_OVER 5            // mutation: rename(2), which replaces whatever has the name, instead of linkat(2)
#define LEASES_FIRST 6            // mutation: the lease object gets its name before the ring
#define RETIRE_RING_FIRST 7       // mutation: retire takes the ring's name away, then the leases'
#define CLOSE_UNLOCKS_FIRST 8     // mutation: a closing writer drops its lock, then takes the names away
#define DOCTOR_NO_LOCK 9          // mutation: the doctor does not ask for the lock
#define DOCTOR_NOT_STILL_NAMED 10 // mutation: the doctor does not look whether the ring it locked still has the name
#define OWNS 11                   // mutation: none; shows that a writer owns the name
#define REPLACES 12               // mutation: none; shows that a dead writer's ring is replaced
#define REFUSED 13                // mutation: none; shows that a second writer is refused
#define LOSES_RACE 14             // mutation: none; shows that linkat finds the name taken, and that the writer begins again
#define REMOVES 15                // mutation: none; shows that the doctor removes a dead ring
#define NO_SPACE_RETIRES 16       // mutation: none; shows the path without room for old and new

#ifndef DEATHS
#define LIVES 2       /* of writer 0 */
#define OTHER_LIVES 1 /* of writer 1 */
#define DEATHS 1
#define TRIES 2
#endif
#define WRITERS 2
#define DOCTOR 2
#define OBJECTS 8 /* 0: none; two names and three processes that hold two each, and one over */
#define NOBODY 255

byte mutation; /* the step that is left out; 0: none */

byte name, leases_name;          /* the objects they lead to; leases go by their ring's number */
byte lock[OBJECTS] = NOBODY;     /* who holds byte 0 */
byte old[3], ring[3];           /* what each process holds open */
hidden byte each;
bool killed[3];
byte owned[3]; /* for the claims only: the ring that a living writer was told it owns */

inline check_owners() {
  assert(owned[0] == 0 || name == owned[0] && leases_name == owned[0]);
  assert(owned[1] == 0 || name == owned[1] && leases_name == owned[1])
}

inline unlock(object) {
  if
  :: object != 0 && lock[object] == me -> lock[object] = NOBODY
  :: else
  fi
}

inline unlink_leases() {
  d_step {
    assert(leases_name == 0 || lock[leases_name] == me || lock[leases_name] == NOBODY);
    leases_name = 0;
    check_owners()
  }
}

inline unlink_ring() {
  d_step {
    assert(name == 0 || lock[name] == me);
    name = 0;
    check_owners()
  }
}

inline retire() {
  if
  :: mutation == UNLOCK_BEFORE_RETIRE -> unlock(old[me])
  :: else
  fi;
  if
  :: mutation == RETIRE_RING_FIRST ->
    unlink_ring();
    unlink_leases()
  :: else ->
    unlink_leases();
    unlink_ring()
  fi
}

inline make_ring() {
  d_step {
    for (each : 1 .. OBJECTS - 1) {
      if
      :: each != name && each != leases_name && each != old[0] && each != old[1] && each != old[2] && each != ring[0] &&
         each != ring[1] -> break
      :: else
      fi
    }
    ring[me] = each;
    assert(each < OBJECTS && lock[each] == NOBODY);
    lock[ring[me]] = (mutation == LOCK_AFTER_LINK -> NOBODY : me)
  }
}

inline die() {
  d_step {
    killed[me] = false;
    owned[me] = 0;
    unlock(old[me]);
    unlock(ring[me]);
    old[me] = 0;
    ring[me] = 0
  }
}

proctype Writer(byte me) {
  byte tries, lives;
  bool made;
  do
  :: lives < (me == 0 -> LIVES : OTHER_LIVES) ->
    d_step {
      lives++;
      tries = 0;
      made = false
    }
    {
      /* take_name */
      do
      :: tries < TRIES ->
        tries++;
        old[me] = name; /* ShmObject::open */
        if
        :: old[me] != 0 ->
          if
          :: atomic {
               lock[old[me]] == NOBODY || mutation == NO_LOCK ->
               lock[old[me]] = (mutation == NO_LOCK -> lock[old[me]] : me)
             }
          :: else -> /* already_owned, or again after a millisecond */
            assert(mutation != REFUSED);
            old[me] = 0;
            goto next_try
          fi;
          if
          :: name != old[me] && mutation != NOT_STILL_NAMED -> goto next_try
          :: else
          fi
        :: else
        fi;
        /* make_objects */
        if
        :: made
        :: !made && old[me] != 0 -> /* no room for both */
          assert(mutation != NO_SPACE_RETIRES);
          retire();
          d_step {
            unlock(old[me]);
            old[me] = 0
          }
          make_ring();
          made = true
        :: !made ->
          make_ring();
          made = true
        fi;
        if
        :: old[me] != 0 ->
          assert(mutation != REPLACES);
          retire()
        :: else
        fi;
        /* link_objects */
        if
        :: mutation == LEASES_FIRST ->
          unlink_leases();
          leases_name = ring[me]
        :: else
        fi;
        if
        :: atomic {
             name == 0 || mutation == RENAMED_OVER ->
             name = ring[me];
             check_owners()
           }
        :: else ->
          assert(mutation != LOSES_RACE);
          goto next_try
        fi;
        if
        :: mutation == LOCK_AFTER_LINK -> lock[ring[me]] = me
        :: else
        fi;
        if
        :: mutation != LEASES_FIRST ->
          unlink_leases();
          atomic {
            if
            :: leases_name == 0 -> leases_name = ring[me]
            :: else -> assert(false) /* somebody else used the lease name */
            fi;
            check_owners()
          }
        :: else
        fi;
        d_step { /* OK */
          assert(mutation != OWNS);
          owned[me] = ring[me];
          check_owners();
          unlock(old[me]);
          old[me] = 0
        }
        /* ~RingOwner */
        if
        :: mutation == CLOSE_UNLOCKS_FIRST ->
          d_step {
            owned[me] = 0;
            unlock(ring[me])
          }
        :: else -> owned[me] = 0
        fi;
        if
        :: name == ring[me] ->
          if
          :: leases_name == ring[me] -> unlink_leases()
          :: else
          fi;
          unlink_ring()
        :: else
        fi;
        break;
next_try:
        skip;
        d_step {
          unlock(old[me]);
          old[me] = 0
        }
      :: else -> break
      od;
      skip;
      d_step {
        unlock(ring[me]);
        ring[me] = 0
      }
    } unless {
      killed[me];
      die()
    }
  :: else -> break
  od
}

/* remove_dead_ring */
proctype Doctor(byte me) {
  byte tries;
  {
    do
    :: tries < TRIES ->
      tries++;
      old[me] = name;
      if
      :: old[me] == 0 -> break
      :: else
      fi;
      if
      :: atomic {
           lock[old[me]] == NOBODY || mutation == DOCTOR_NO_LOCK ->
           lock[old[me]] = (mutation == DOCTOR_NO_LOCK -> lock[old[me]] : me)
         }
      :: else ->
        old[me] = 0;
        break
      fi;
      if
      :: name == old[me] || mutation == DOCTOR_NOT_STILL_NAMED ->
        assert(mutation != REMOVES);
        retire();
        break
      :: else
      fi;
      d_step {
        unlock(old[me]);
        old[me] = 0
      }
    :: else -> break
    od;
    skip;
    d_step {
      unlock(old[me]);
      old[me] = 0
    }
  } unless {
    killed[me];
    die()
  }
}

proctype Killer() {
  byte deaths;
  do
  :: deaths < DEATHS ->
    deaths++;
    if
    :: killed[0] = true
    :: killed[1] = true
    :: killed[DOCTOR] = true
    fi
  :: break
  od
}

init {
  atomic {
    c_code {
      char *chosen = getenv("MUTATION");
      now.mutation = chosen == NULL ? 0 : atoi(chosen);
    }
    run Writer(0);
    run Writer(1);
    run Doctor(DOCTOR);
    run Killer()
  }
}
