/** How much memory packet rings may still take, of /dev/shm and of what this service may have; and whose turn it is to take it. */
import { readFileSync, statfsSync } from "node:fs";
import { type Clock, elapsedMs } from "@lanthorn/base";

const MIB = 2 ** 20;
/** What a ring that grows must leave of /dev/shm, for rings of cameras and decoders that come later: an eighth, at most this. */
const LEFT_OF_SHM_BYTES = 256 * MIB;
/** The same of the service's memory limit. */
const LEFT_OF_LIMIT_BYTES = 128 * MIB;

/** After each growth the next waits so many times as long: with a hundred growing at once 4,126 packets were lost on two processors. */
const REST_PER_WORK = 15;

/** What the kernel says. Bytes; limit null: none, or not known. */
export interface MemoryFacts {
  shm(): { freeBytes: number; totalBytes: number };
  limit(): { currentBytes: number; mostBytes: number } | null;
}

/** What may still be taken, less what is being taken just now. */
export class RingRoom {
  readonly #clock: Pick<Clock, "monoNs" | "sleep">;
  readonly #facts: MemoryFacts;
  #pendingBytes = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(clock: Pick<Clock, "monoNs" | "sleep">, facts: MemoryFacts = kernelFacts()) {
    this.#clock = clock;
    this.#facts = facts;
  }

  /** Bytes; 0 or more. */
  freeBytes(): number {
    const shm = this.#facts.shm();
    const limit = this.#facts.limit();
    const ofShm = shm.freeBytes - Math.min(LEFT_OF_SHM_BYTES, shm.totalBytes / 8);
    const ofLimit = limit === null ? ofShm : limit.mostBytes - limit.currentBytes - LEFT_OF_LIMIT_BYTES;
    return Math.max(0, Math.floor(Math.min(ofShm, ofLimit)) - this.#pendingBytes);
  }

  /** Does what takes so many bytes, one after another and with rests; from the call until it is done nobody else counts on them. */
  async taking<T>(bytes: number, take: () => Promise<T>): Promise<T> {
    this.#pendingBytes += bytes;
    const { promise, resolve: pass } = Promise.withResolvers<void>();
    const turn = this.#turn;
    this.#turn = promise;
    await turn;
    const beginNs = this.#clock.monoNs();
    try {
      return await take();
    } finally {
      this.#pendingBytes -= bytes;
      void this.#clock.sleep(REST_PER_WORK * elapsedMs(beginNs, this.#clock.monoNs())).then(pass);
    }
  }
}

function kernelFacts(): MemoryFacts {
  const directory = cgroupDirectory();
  return {
    shm() {
      const { bavail, blocks, bsize } = statfsSync("/dev/shm");
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    limit() {
      const mostBytes = numberIn(`${directory}/memory.max`); // "max": none
      const currentBytes = numberIn(`${directory}/memory.current`);
      return mostBytes === undefined || currentBytes === undefined ? null : { mostBytes, currentBytes };
    },
  };
}

/** Of cgroup v2, as systemd mounts it. Where rings exceed MemoryMax= the kernel would end the service instead of refusing them. */
function cgroupDirectory(): string {
  try {
    const path = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
    return `/sys/fs/cgroup${path === "/" ? "" : path}`;
  } catch {
    return "/sys/fs/cgroup";
  }
}

function numberIn(file: string): number | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined; // another kind of cgroup, or none
  }
}
