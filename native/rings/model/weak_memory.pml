/*
 * The memory that the models of this folder run on: weaker than any processor, as the C++ standard allows it.
 *
 * Each location keeps all values ever stored to it. A load may return any of them that its thread has not yet seen
 * overtaken: so loads pass loads, stores pass stores and loads pass stores (store buffers of TSO, and what ARM does on top)
 * unless a fence or an acquire/release pair forbids it. What a thread has seen is a view: for each location the index of the
 * oldest value it may still load. Release attaches the view to what is stored, acquire takes over the view that
 * came with what was loaded, a seq_cst fence exchanges views with all earlier seq_cst fences. This is the view machine of
 * Kang et al., "A promising semantics for relaxed-memory concurrency" (POPL 2017), without promises: a store never passes
 * an earlier load of its own thread. Where that matters (LeaseSeat::clear) the model itself swaps the two.
 *
 * Values that no thread can load any more are forgotten after each step (settle), so that states which behave alike are one.
 *
 * The including file defines LOCATIONS, THREADS, LOCKS and HISTORY (most values of one location that can still be loaded).
 */
typedef View {
  byte at[LOCATIONS]
};
typedef Message {
  byte value;
  View view
};
typedef Location {
  Message message[HISTORY];
  byte count
};

Location memory[LOCATIONS];
View seen[THREADS];  /* what a load of this thread must not miss */
View heard[THREADS]; /* what its relaxed loads came with: an acquire fence turns it into seen */
View told[THREADS];  /* what it had seen at its last release fence: its relaxed stores carry that */
View fenced;         /* what all seq_cst fences so far have seen */
View handed[LOCKS];  /* what the last holder of a kernel lock had seen: who takes the lock sees it, too */
bool blind[THREADS]; /* loads nothing, but stores */
bool ended[THREADS]; /* neither loads nor stores any more */
byte pick;           /* within one load */
hidden byte each;
hidden byte fresh;

byte mutation; /* the step that is left out; 0: none */

c_code {
  static void forget(struct View *view, int where, int low) {
    view->at[where] = view->at[where] > low ? view->at[where] - low : 0;
  }

  static void settle(void) {
    for (int where = 0; where < LOCATIONS; where++) {
      int count = now.memory[where].count;
      int low = count - 1;
      for (int thread = 0; thread < THREADS; thread++) {
        if (!now.ended[thread] && !now.blind[thread] && now.seen[thread].at[where] < low) {
          low = now.seen[thread].at[where];
        }
      }
      if (low == 0) {
        continue;
      }
      struct Message *message = now.memory[where].message;
      memmove(message, message + low, (count - low) * sizeof *message);
      memset(message + count - low, 0, low * sizeof *message);
      now.memory[where].count = count - low;
      for (int other = 0; other < LOCATIONS; other++) {
        for (int i = 0; i < now.memory[other].count; i++) {
          forget(&now.memory[other].message[i].view, where, low);
        }
      }
      for (int thread = 0; thread < THREADS; thread++) {
        forget(&now.seen[thread], where, low);
        forget(&now.heard[thread], where, low);
        forget(&now.told[thread], where, low);
      }
      for (int lock = 0; lock < LOCKS; lock++) {
        forget(&now.handed[lock], where, low);
      }
      forget(&now.fenced, where, low);
    }
    for (int thread = 0; thread < THREADS; thread++) {
      for (int where = 0; where < LOCATIONS; where++) {
        if (now.ended[thread]) {
          now.seen[thread].at[where] = now.heard[thread].at[where] = now.told[thread].at[where] = 0;
        } else if (now.heard[thread].at[where] < now.seen[thread].at[where]) {
          now.heard[thread].at[where] = now.seen[thread].at[where];
        }
      }
    }
  }
}

inline join(to, from) {
  for (each : 0 .. LOCATIONS - 1) {
    if
    :: from.at[each] > to.at[each] -> to.at[each] = from.at[each]
    :: else
    fi
  }
}

/* Gives every location its first value, seen by all: the object was complete before it had a name. */
inline first_values() {
  for (each : 0 .. LOCATIONS - 1) {
    memory[each].count = 1
  }
}

/* orders: 1 acquire, 0 relaxed */
inline load(thread, where, acquire, out) {
  atomic {
    pick = seen[thread].at[where];
    do
    :: pick + 1 < memory[where].count -> pick++
    :: break
    od;
    d_step {
      out = memory[where].message[pick].value;
      seen[thread].at[where] = pick;
      join(heard[thread], memory[where].message[pick].view);
      if
      :: acquire -> join(seen[thread], memory[where].message[pick].view)
      :: else
      fi;
      pick = 0;
      c_code { settle(); }
    }
  }
}

/* orders: 1 release, 0 relaxed */
inline store(thread, where, release, what) {
  d_step {
    fresh = memory[where].count;
    assert(fresh < HISTORY);
    memory[where].count++;
    memory[where].message[fresh].value = what;
    seen[thread].at[where] = fresh;
    if
    :: release -> join(memory[where].message[fresh].view, seen[thread])
    :: else -> join(memory[where].message[fresh].view, told[thread])
    fi;
    memory[where].message[fresh].view.at[where] = fresh;
    c_code { settle(); }
  }
}

/* A read-modify-write loads the newest value, always, and hands on the view that came with it (release sequence). */
inline add(thread, where, release, what) {
  d_step {
    fresh = memory[where].count;
    assert(fresh < HISTORY);
    memory[where].count++;
    memory[where].message[fresh].value = memory[where].message[fresh - 1].value + what;
    join(heard[thread], memory[where].message[fresh - 1].view);
    seen[thread].at[where] = fresh;
    join(memory[where].message[fresh].view, memory[where].message[fresh - 1].view);
    if
    :: release -> join(memory[where].message[fresh].view, seen[thread])
    :: else -> join(memory[where].message[fresh].view, told[thread])
    fi;
    memory[where].message[fresh].view.at[where] = fresh;
    c_code { settle(); }
  }
}

inline fence_acquire(thread) {
  d_step {
    join(seen[thread], heard[thread]);
    c_code { settle(); }
  }
}

inline fence_release(thread) {
  d_step {
    join(told[thread], seen[thread]);
    c_code { settle(); }
  }
}

inline fence_seq_cst(thread) {
  d_step {
    join(seen[thread], heard[thread]);
    join(fenced, seen[thread]);
    join(seen[thread], fenced);
    join(told[thread], seen[thread]);
    c_code { settle(); }
  }
}

/* A kernel lock is taken, is given back. Whether it is free is the caller's business. */
inline take_over(thread, lock) {
  d_step {
    join(seen[thread], handed[lock]);
    c_code { settle(); }
  }
}

inline hand_over(thread, lock) {
  d_step {
    join(handed[lock], seen[thread]);
    c_code { settle(); }
  }
}

inline end(thread) {
  d_step {
    ended[thread] = true;
    c_code { settle(); }
  }
}

/* Which step is left out, from the environment: one compiled checker serves all mutations. */
inline choose_mutation() {
  c_code {
    char *chosen = getenv("MUTATION");
    now.mutation = chosen == NULL ? 0 : atoi(chosen);
  }
}
