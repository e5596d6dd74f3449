/*
 * The description of a ring (docs/ref/rings.md): write_description, read_description. A seqlock of its own: the writer of frames
 * fences by seq_cst, this one by release only. The text is two words.
 *
 * Claims: a description that is returned is one of those written, whole, with its size and version.
 */
#define NO_ODD_STAMP 1      // mutation: the stamp is not made odd while the text changes
#define NO_RELEASE_FENCE 2  // mutation: no fence between the odd stamp and the text
#define EVEN_RELAXED 3      // mutation: the even stamp is stored without release
#define FIRST_RELAXED 4     // mutation: the first load of the stamp does not acquire
#define ODD_IGNORED 5       // mutation: an odd stamp is taken for a stable one
#define NO_ACQUIRE_FENCE 6  // mutation: no fence between the copy and the second load of the stamp
#define NO_SECOND_STAMP 7   // mutation: the copy is believed without looking at the stamp again
#define RETURNS_A_TEXT 8    // mutation: none; shows that a text is returned after a change
#define BEGINS_AGAIN 9      // mutation: none; shows that a change is noticed

#ifndef CHANGES
#define CHANGES 3
#endif
#define TRIES 3

#define STAMP 0
#define SIZE 1
#define TEXT(word) (2 + word)
#define LOCATIONS 4
#define HISTORY 8
#define THREADS 2
#define LOCKS 1
#define WRITER 0
#define READER 1
#include "weak_memory.pml"

proctype Writer() {
  byte version;
  do
  :: version < CHANGES ->
    version++;
    if
    :: mutation != NO_ODD_STAMP -> store(WRITER, STAMP, 0, 2 * version - 1)
    :: else
    fi;
    if
    :: mutation != NO_RELEASE_FENCE -> fence_release(WRITER)
    :: else
    fi;
    store(WRITER, SIZE, 0, version);
    store(WRITER, TEXT(0), 0, version);
    store(WRITER, TEXT(1), 0, version);
    store(WRITER, STAMP, (mutation != EVEN_RELAXED), 2 * version)
  :: else -> break
  od;
  end(WRITER)
}

proctype Reader() {
  byte before, after, size, first, second, tries;
  do
  :: tries < TRIES ->
    tries++;
    load(READER, STAMP, (mutation != FIRST_RELAXED), before);
    if
    :: before % 2 == 1 && mutation != ODD_IGNORED
    :: else ->
      load(READER, SIZE, 0, size);
      load(READER, TEXT(0), 0, first);
      load(READER, TEXT(1), 0, second);
      if
      :: mutation != NO_ACQUIRE_FENCE -> fence_acquire(READER)
      :: else
      fi;
      load(READER, STAMP, 0, after);
      if
      :: after == before || mutation == NO_SECOND_STAMP ->
        assert(size == before / 2 && first == size && second == size);
        assert(mutation != RETURNS_A_TEXT || size == 0)
      :: else -> assert(mutation != BEGINS_AGAIN)
      fi
    fi;
    before = 0; after = 0; size = 0; first = 0; second = 0
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
