/** Which disk a new segment goes to. Pure. Source: docs/design/archive.md#disks. Tested: test/retention/placement.test.ts. */

/** A disk that new segments may go to. */
export interface Place {
  readonly id: number;
  /** Part of it that may be written without deleting anything, 0..1; 0 while something must be deleted first. */
  readonly share01: number;
  /** Not even deleting helps at present. */
  readonly isFull: boolean;
  /** Only to be used when no other can. */
  readonly isSpare: boolean;
  /** The camera is assigned to it. */
  readonly isOwn: boolean;
  /** End of its oldest recording; asked only when disks are full. */
  readonly oldestUs: () => number;
}

/**
 * The first of these rules that leaves a disk: not full; assigned to the camera; not a spare; the most room for its size; of those that
 * must delete, the one that holds the oldest recording, so that all disks reach back equally far. undefined: there is no disk.
 */
export function choosePlace(places: readonly Place[]): number | undefined {
  const rank = ({ isFull, isOwn, isSpare }: Place) => (isFull ? 4 : 0) + (isOwn ? 0 : 2) + (isSpare ? 1 : 0);
  const best = Math.min(...places.map(rank));
  const left = places.filter((place) => rank(place) === best);
  const mostShare = Math.max(...left.map(({ share01 }) => share01));
  const roomiest = left.filter(({ share01 }) => share01 === mostShare);
  if (roomiest.length < 2) {
    return roomiest[0]?.id;
  }
  const aged = roomiest.map((place) => ({ id: place.id, oldestUs: place.oldestUs() }));
  return aged.toSorted((a, b) => a.oldestUs - b.oldestUs || a.id - b.id)[0]?.id;
}
