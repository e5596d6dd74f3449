/*
 * Append, Next and the seeks (docs/design/rings.md): ByteWriter::append, give_up_oldest_until, write_padding; ByteReader::bounds,
 * is_overwritten, head_at, record_at_or_after, recover, next, seek_oldest, seek_end, seek_newest_key. The ring has four cells
 * of 64 bytes; a record takes one or two of them, so that padding occurs. A cell is two words: of a head, position and the
 * rest (sequence, size, kind); of a payload, twice a number made of the sequence. Every record is a key record.
 *
 * Claims: a record that is returned is whole; sequences have no holes but those counted as dropped; an honest writer is
 * never called corrupt.
 */
#define TAIL_RELAXED 1           // mutation: tail is stored without release: it may be seen before the head it follows
#define NO_RELEASE_FENCE 2       // mutation: no fence between tail and the first byte
#define TAIL_AFTER_RECORD 3      // mutation: tail moves after the record was written
#define HEAD_RELAXED 4           // mutation: head is stored without release
#define HEAD_BEFORE_RECORD 5     // mutation: head moves before the record is written
#define LAST_RELAXED 6           // mutation: last_sequence is stored without release
#define LAST_BEFORE_HEAD 7       // mutation: last_sequence is stored before head
#define WRITING_AFTER_HEAD 8     // mutation: writing_sequence is stored after head
#define KEY_BEFORE_HEAD 9        // mutation: newest_key is stored before head
#define KEY_RELAXED 10           // mutation: newest_key is stored without release
#define BOUNDS_HEAD_FIRST 11     // mutation: bounds() loads head, then tail
#define BOUNDS_HEAD_RELAXED 12   // mutation: bounds() loads head without acquire
#define NO_ACQUIRE_FENCE 13      // mutation: is_overwritten() has no fence
#define HEAD_NOT_CHECKED 14      // mutation: the copied head is believed without looking at tail again
#define PAYLOAD_NOT_CHECKED 15   // mutation: the copied payload is believed without looking at tail again
#define SEEK_END_UNCHECKED 16    // mutation: seek_end takes head and last_sequence as they come
#define SEEK_END_NO_ACQUIRE 17   // mutation: seek_end has neither acquire of head nor fence
#define RETURNS_A_RECORD 18      // mutation: none; shows that records with payload are returned
#define IS_LAPPED 19             // mutation: none; shows that a reader is lapped while it copies
#define SKIPS_PADDING 20         // mutation: none; shows that padding is met
#define DROPS 21                 // mutation: none; shows that losses are counted
#define FINDS_THE_END 22         // mutation: none; shows that seek_end pairs a head with its sequence after an append

#ifndef APPENDS
#define APPENDS 3
#define NEXTS 1
#define TRIES 2
#endif
#define CAPACITY 4

#define POSITION(cell) (cell)
#define REST(cell) (4 + cell)
#define TAIL 8
#define HEAD 9
#define WRITING_SEQUENCE 10
#define LAST_SEQUENCE 11
#define NEWEST_KEY 12
#define LOCATIONS 13
#define HISTORY 8
#define THREADS 2
#define LOCKS 1
#define WRITER 0
#define READER 1
#include "weak_memory.pml"

#define RECORD 1
#define PADDING 2
#define rest_of(sequence, size, kind) ((sequence) << 4 | (size) << 2 | kind)
#define kind_of(rest) (rest & 3)
#define size_of(rest) (rest >> 2 & 3)
#define sequence_of(rest) (rest >> 4)
#define payload_of(sequence) (200 + sequence)
#define NO_POSITION 255

inline move_tail() {
  do
  :: head + padding + size - tail > CAPACITY -> tail = tail + size_at[tail % 16]
  :: else -> break
  od;
  store(WRITER, TAIL, (mutation != TAIL_RELAXED), tail);
  if
  :: mutation != NO_RELEASE_FENCE -> fence_release(WRITER)
  :: else
  fi
}

inline publish_head() {
  if
  :: mutation == LAST_BEFORE_HEAD -> store(WRITER, LAST_SEQUENCE, 1, sequence)
  :: else
  fi;
  if
  :: mutation == KEY_BEFORE_HEAD -> store(WRITER, NEWEST_KEY, 1, head)
  :: else
  fi;
  store(WRITER, HEAD, (mutation != HEAD_RELAXED), head + size)
}

proctype Writer() {
  byte head, tail, sequence, size, padding, left;
  byte size_at[16];
  do
  :: sequence < APPENDS ->
    if
    :: size = 1
    :: size = 2
    fi;
    d_step {
      sequence++;
      left = CAPACITY - head % CAPACITY;
      padding = (size > left -> left : 0)
    }
    if
    :: mutation != WRITING_AFTER_HEAD -> store(WRITER, WRITING_SEQUENCE, 0, sequence)
    :: else
    fi;
    if
    :: mutation != TAIL_AFTER_RECORD -> move_tail()
    :: else
    fi;
    if
    :: padding > 0 ->
      size_at[head % 16] = padding;
      store(WRITER, POSITION(head % CAPACITY), 0, head);
      store(WRITER, REST(head % CAPACITY), 0, rest_of(0, padding, PADDING));
      head = head + padding
    :: else
    fi;
    size_at[head % 16] = size;
    if
    :: mutation == HEAD_BEFORE_RECORD -> publish_head()
    :: else
    fi;
    store(WRITER, POSITION(head % CAPACITY), 0, head);
    store(WRITER, REST(head % CAPACITY), 0, rest_of(sequence, size, RECORD));
    if
    :: size == 2 ->
      store(WRITER, POSITION((head + 1) % CAPACITY), 0, payload_of(sequence));
      store(WRITER, REST((head + 1) % CAPACITY), 0, payload_of(sequence))
    :: else
    fi;
    if
    :: mutation == TAIL_AFTER_RECORD ->
      head = head - padding;
      move_tail();
      head = head + padding
    :: else
    fi;
    if
    :: mutation != HEAD_BEFORE_RECORD -> publish_head()
    :: else
    fi;
    if
    :: mutation == WRITING_AFTER_HEAD -> store(WRITER, WRITING_SEQUENCE, 0, sequence)
    :: else
    fi;
    if
    :: mutation != LAST_BEFORE_HEAD -> store(WRITER, LAST_SEQUENCE, (mutation != LAST_RELAXED), sequence)
    :: else
    fi;
    if
    :: mutation != KEY_BEFORE_HEAD -> store(WRITER, NEWEST_KEY, (mutation != KEY_RELAXED), head)
    :: else
    fi;
    head = head + size
  :: else -> break
  od;
  end(WRITER)
}

/* Sets tail and head. */
inline bounds() {
  if
  :: mutation == BOUNDS_HEAD_FIRST ->
    load(READER, HEAD, 1, head);
    load(READER, TAIL, 1, tail)
  :: else ->
    load(READER, TAIL, 1, tail);
    load(READER, HEAD, (mutation != BOUNDS_HEAD_RELAXED), head)
  fi;
  assert(tail <= head) /* else CORRUPT */
}

/* Sets torn. */
inline is_overwritten(position) {
  if
  :: mutation != NO_ACQUIRE_FENCE -> fence_acquire(READER)
  :: else
  fi;
  load(READER, TAIL, 0, tail);
  torn = tail > position
}

/* Sets rest and torn. */
inline head_at(position) {
  load(READER, POSITION(position % CAPACITY), 0, found);
  load(READER, REST(position % CAPACITY), 0, rest);
  if
  :: mutation != HEAD_NOT_CHECKED -> is_overwritten(position)
  :: else -> torn = false
  fi;
  if
  :: torn -> assert(mutation != IS_LAPPED)
  :: else -> /* else CORRUPT */
    assert(found == position && size_of(rest) > 0 && position + size_of(rest) <= head);
    assert(kind_of(rest) == RECORD && sequence_of(rest) > 0 || kind_of(rest) == PADDING);
    assert(kind_of(rest) == RECORD || mutation != SKIPS_PADDING)
  fi;
  found = 0
}

/* Sets at, rest and torn; rest is 0 where there is no record. */
inline record_at_or_after(position) {
  at = position;
  rest = 0;
  torn = false;
  do
  :: at < head && !torn && kind_of(rest) != RECORD ->
    if
    :: kind_of(rest) == PADDING -> at = at + size_of(rest); rest = 0
    :: else -> head_at(at)
    fi
  :: else -> break
  od
}

inline seek_end() {
  tries = 0;
  do
  :: tries < TRIES ->
    tries++;
    load(READER, LAST_SEQUENCE, (mutation != SEEK_END_NO_ACQUIRE), last);
    load(READER, HEAD, (mutation != SEEK_END_NO_ACQUIRE), head);
    if
    :: mutation != SEEK_END_NO_ACQUIRE -> fence_acquire(READER)
    :: else
    fi;
    load(READER, WRITING_SEQUENCE, 0, writing);
    if
    :: writing == last || mutation == SEEK_END_UNCHECKED ->
      assert(mutation != FINDS_THE_END || last == 0);
      cursor = head;
      expected = last + 1;
      break
    :: else
    fi
  :: else -> /* the place is right, the count of losses unknown */
    bounds();
    cursor = head;
    expected = 0;
    break
  od;
  last = 0; writing = 0; head = 0; tail = 0; tries = 0
}

proctype Reader() {
  byte head, tail, found, rest, last, writing, at, again;
  byte cursor, expected, tries, nexts;
  bool torn;
  if
  :: seek_end()
  :: /* seek_oldest, once */
    bounds();
    record_at_or_after(tail);
    if
    :: torn -> goto finished
    :: else ->
      if
      :: kind_of(rest) == RECORD -> cursor = at; expected = sequence_of(rest)
      :: else -> seek_end()
      fi
    fi
  :: /* seek_newest_key, once */
    load(READER, NEWEST_KEY, 1, found);
    bounds();
    if
    :: found == NO_POSITION || found < tail -> seek_end()
    :: else ->
      assert(found < head); /* else CORRUPT */
      at = found;
      head_at(at);
      if
      :: torn -> goto finished
      :: else ->
        assert(kind_of(rest) == RECORD);
        cursor = at;
        expected = sequence_of(rest)
      fi
    fi
  fi;
  d_step {
    head = 0; tail = 0; found = 0; rest = 0; at = 0; again = 0; torn = false
  }
  do
  :: nexts < NEXTS && tries < TRIES ->
    tries++;
    bounds();
    assert(cursor <= head); /* else CORRUPT */
    if
    :: cursor < tail -> /* recover */
      record_at_or_after(tail);
      if
      :: !torn && kind_of(rest) == RECORD ->
        assert(sequence_of(rest) >= expected); /* else CORRUPT */
        assert(mutation != DROPS || expected == 0 || sequence_of(rest) == expected);
        cursor = at;
        expected = sequence_of(rest)
      :: else
      fi
    :: else ->
      if
      :: cursor == head -> break /* AGAIN */
      :: else ->
        head_at(cursor);
        if
        :: torn
        :: !torn && kind_of(rest) == PADDING -> cursor = cursor + size_of(rest)
        :: else ->
          assert(expected == 0 || sequence_of(rest) == expected); /* else CORRUPT */
          if
          :: size_of(rest) == 2 ->
            load(READER, POSITION((cursor + 1) % CAPACITY), 0, found);
            load(READER, REST((cursor + 1) % CAPACITY), 0, again);
            if
            :: mutation != PAYLOAD_NOT_CHECKED -> is_overwritten(cursor)
            :: else
            fi;
            assert(torn || found == payload_of(sequence_of(rest)) && again == found);
            assert(torn || mutation != RETURNS_A_RECORD)
          :: else
          fi;
          if
          :: !torn ->
            d_step {
              cursor = cursor + size_of(rest);
              expected = sequence_of(rest) + 1;
              nexts++;
              tries = 0
            }
          :: else
          fi
        fi
      fi
    fi;
    d_step {
      head = 0; tail = 0; found = 0; rest = 0; at = 0; again = 0; torn = false
    }
  :: else -> break
  od;
finished:
  end(READER)
}

init {
  atomic {
    choose_mutation();
    first_values();
    memory[NEWEST_KEY].message[0].value = NO_POSITION;
    run Writer();
    run Reader()
  }
}
