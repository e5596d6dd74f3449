/*
 * Waiting (docs/design/rings.md): RingOwner::wake and its end, RingView::wait_until and is_gone, SlotReader::find_newer,
 * Interrupt::raise and sleep. The kernel's part, futex(2): FUTEX_WAIT compares and falls asleep in one step. (Both
 * calls are full fences, too; for the writer's the model does not count on it.) Sleep ends by itself (every half second) only when the writer is dead: while it lives, no wake-up may be lost.
 *
 * Claims: a reader does not sleep for ever while there is something newer, or after the writer died or closed, or when it was
 * interrupted; GONE is said only after all that was published has been seen.
 */
#define NO_ADD 1               // mutation: publish does not change the word
#define ADD_FIRST 2            // mutation: the word changes before newest
#define ADD_RELAXED 3          // mutation: the word changes without release
#define NO_FUTEX_WAKE 4        // mutation: nobody is woken
#define WORD_RELAXED 5         // mutation: the word is loaded without acquire
#define WORD_AFTER_LOOK 6      // mutation: the word is loaded after looking
#define NO_SLICE 7             // mutation: nobody looks after a dead writer
#define NO_SECOND_LOOK 8       // mutation: GONE without looking once more
#define CLOSED_RELAXED 9       // mutation: state is stored without release
#define GONE_RELAXED 10        // mutation: state is loaded without acquire
#define LOCK_BRINGS_NOTHING 11 // mutation: no acquire after the lock was found free
#define CLOSE_WAKES_NOBODY 12  // mutation: close does not wake
#define RAISE_ONCE 13          // mutation: raise() wakes once only
#define RAISED_IGNORED 14      // mutation: sleep() does not look whether it was raised
#define SLEEPING_UNTOLD 15     // mutation: sleep() does not say that it sleeps
#define SLEEPS 16              // mutation: none; shows that readers sleep
#define GOES 17                // mutation: none; shows that a reader is told GONE after a frame
#define INTERRUPTED 18         // mutation: none; shows that a wait is interrupted

#ifndef PUBLISHES
#define PUBLISHES 2
#endif

#define NEWEST 0
#define WAKE 1
#define STATE 2
#define LOCATIONS 3
#define HISTORY 6
#define THREADS 2
#define LOCKS 1
#define WRITER 0
#define READER 1
#include "weak_memory.pml"

#define latest(where) memory[where].message[memory[where].count - 1].value
#define kStateLive 0
#define kStateClosed 1

bool alive = true; /* the kernel holds the writer's lock */
bool killed;
bool asleep;       /* in FUTEX_WAIT */
bool raised, sleeping; /* seq_cst atomics of one process: plain here */
bool interrupts;   /* there is somebody who interrupts */
bool closes;       /* the writer closes, perhaps early */

inline futex_wake() {
  asleep = false
}

inline wake() {
  if
  :: mutation != NO_ADD && mutation != ADD_FIRST -> add(WRITER, WAKE, (mutation != ADD_RELAXED), 1)
  :: else
  fi;
  if
  :: mutation != NO_FUTEX_WAKE -> futex_wake()
  :: else
  fi
}

proctype Writer() {
  byte sequence;
  {
    do
    :: sequence == PUBLISHES || closes -> break
    :: sequence < PUBLISHES ->
      sequence++;
      if
      :: mutation == ADD_FIRST -> add(WRITER, WAKE, 1, 1)
      :: else
      fi;
      store(WRITER, NEWEST, 1, sequence);
      wake()
    od;
    if
    :: !closes /* stays, and publishes nothing more */
    :: closes -> /* ~RingOwner */
      store(WRITER, STATE, (mutation != CLOSED_RELAXED), kStateClosed);
      if
      :: mutation != CLOSE_WAKES_NOBODY ->
        add(WRITER, WAKE, 1, 1);
        futex_wake()
      :: else
      fi
    fi
  } unless {
    atomic { /* the kernel drops the lock */
      killed;
      hand_over(WRITER, 0);
      alive = false
    }
  };
  end(WRITER)
}

proctype Killer() {
  if
  :: killed = true
  :: skip
  fi
}

/* Interrupt::raise, in another thread of the reader's process. */
proctype Interrupter() {
  raised = true;
  do
  :: sleeping && raised ->
    asleep = false;
    if
    :: mutation == RAISE_ONCE -> break
    :: else
    fi
  :: else -> break
  od
}

inline ready() {
  load(READER, NEWEST, 1, newest)
}

inline is_gone() {
  load(READER, STATE, (mutation != GONE_RELAXED), gone);
  if
  :: gone == kStateLive ->
    if
    :: atomic {
         !alive ->
         gone = kStateClosed;
         if
         :: mutation != LOCK_BRINGS_NOTHING -> take_over(READER, 0)
         :: else
         fi
       }
    :: skip /* alive; or it was asked less than a quarter of a second ago */
    fi
  :: else
  fi
}

proctype Reader() {
  byte newest, after, word, gone;
  bool was_raised;
wait:
  do
  :: after == PUBLISHES && !interrupts -> break
  :: else ->
    if
    :: mutation != WORD_AFTER_LOOK -> load(READER, WAKE, (mutation != WORD_RELAXED), word)
    :: else
    fi;
    ready();
    if
    :: newest > after ->
      after = newest;
      goto wait
    :: else
    fi;
    is_gone();
    if
    :: gone != kStateLive ->
      if
      :: mutation != NO_SECOND_LOOK -> ready()
      :: else
      fi;
      if
      :: newest > after ->
        d_step {
          after = newest;
          gone = 0
        }
        goto wait
      :: else ->
        assert(after == latest(NEWEST)); /* GONE */
        assert(mutation != GOES || after == 0);
        break
      fi
    :: else
    fi;
    if
    :: mutation == WORD_AFTER_LOOK -> load(READER, WAKE, 1, word)
    :: else
    fi;
    /* Interrupt::sleep */
    sleeping = (mutation == SLEEPING_UNTOLD -> false : true);
    was_raised = raised;
    if
    :: !was_raised || mutation == RAISED_IGNORED ->
      atomic { /* FUTEX_WAIT */
        fence_seq_cst(READER);
        asleep = latest(WAKE) == word;
        assert(!asleep || mutation != SLEEPS)
      }
      if
      :: !asleep
      :: !alive && asleep && mutation != NO_SLICE -> asleep = false
      fi;
      was_raised = raised
    :: else
    fi;
    sleeping = false;
    if
    :: was_raised ->
      raised = false;
      assert(mutation != INTERRUPTED);
      break
    :: else
    fi;
    newest = 0;
    word = 0
  od;
  end(READER)
}

init {
  atomic {
    choose_mutation();
    first_values();
    if
    :: interrupts = true;
       run Interrupter()
    :: run Killer()
    :: closes = true
    fi;
    run Writer();
    run Reader()
  }
}
