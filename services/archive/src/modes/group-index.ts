/** Which groups of pictures a ring holds, as far as they went past: what recording by events goes back to. Pure. */

/** A group of pictures: from its key frame to before the next. */
interface Group {
  readonly sequence: bigint;
  readonly fromUs: number;
  /** Capture time of the next group's key frame; of the last packet so far while there is none. */
  untilUs: number;
  recorded: boolean;
}

/** Most groups that are remembered: half an hour of one a second. The oldest are forgotten. */
const GROUPS_MAX = 2048;

/** The groups of one stream, in the ring's order. */
export class GroupIndex {
  #groups: Group[] = [];
  #currentIndex: number | undefined;
  /** Place of the newest packet that was recorded: what lies before it cannot be recorded any more, files only go forward. */
  #recordedSequence = -1n;

  /** The group being read; undefined before its key frame. */
  get current(): { readonly fromUs: number; readonly untilUs: number } | undefined {
    return this.#current;
  }

  get #current(): Group | undefined {
    return this.#currentIndex === undefined ? undefined : this.#groups[this.#currentIndex];
  }

  /** Whether the group being read is being recorded. */
  get isCurrentRecorded(): boolean {
    return this.#current?.recorded === true;
  }

  /** When the oldest remembered group begins. */
  get firstWallUs(): number | undefined {
    return this.#groups[0]?.fromUs;
  }

  /** A packet is read, for the first time or again. */
  enter(packet: { readonly sequence: bigint; readonly key: boolean; readonly captureWallUs: number }): void {
    const { sequence, key, captureWallUs } = packet;
    if (key) {
      const last = this.#groups.at(-1);
      if (last === undefined || sequence > last.sequence) {
        this.#append({ sequence, fromUs: captureWallUs, untilUs: captureWallUs, recorded: false });
      }
      const index = this.#groups.findLastIndex((group) => group.sequence === sequence);
      this.#currentIndex = index < 0 ? undefined : index;
      return;
    }
    const current = this.#current;
    if (current !== undefined && this.#currentIndex === this.#groups.length - 1) {
      current.untilUs = Math.max(current.untilUs, captureWallUs);
    }
  }

  /** The packet that is read is recorded, and with it the rest of its group. */
  markRecorded(sequence: bigint): void {
    this.#recordedSequence = sequence > this.#recordedSequence ? sequence : this.#recordedSequence;
    const current = this.#current;
    if (current !== undefined) {
      current.recorded = true;
    }
  }

  /** The first group that is wanted, was read, was not recorded, and still can be; undefined when there is none. */
  firstMissed(isWanted: (fromUs: number, untilUs: number) => boolean): bigint | undefined {
    const end = this.#currentIndex ?? this.#groups.length - 1;
    for (let index = 0; index <= end; index++) {
      const group = this.#groups[index];
      if (
        group !== undefined &&
        !group.recorded &&
        group.sequence > this.#recordedSequence &&
        isWanted(group.fromUs, group.untilUs)
      ) {
        return group.sequence;
      }
    }
    return undefined;
  }

  /** The rest of the group being read belongs to none: packets are missing, or are read from elsewhere. */
  leave(): void {
    this.#currentIndex = undefined;
  }

  /** The ring no longer holds what lies before a place. */
  forgetBefore(sequence: bigint): void {
    this.#groups = this.#groups.filter((group) => group.sequence >= sequence);
    this.#currentIndex = undefined;
  }

  /** Forgets everything: nothing of it may be read again. */
  clear(): void {
    this.#groups = [];
    this.#currentIndex = undefined;
    this.#recordedSequence = -1n;
  }

  #append(group: Group): void {
    const last = this.#groups.at(-1);
    if (last !== undefined) {
      last.untilUs = Math.max(last.fromUs, group.fromUs);
    }
    this.#groups.push(group);
    if (this.#groups.length > GROUPS_MAX) {
      this.#groups.shift();
    }
  }
}
