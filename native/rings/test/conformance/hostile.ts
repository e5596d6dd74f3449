/** The part of the suite in which the writer writes anything anywhere: every command is answered, and nothing foreign is handed out. */
import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { packetMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import type { Answer } from "./answers.ts";
import { canonical } from "./canonical.ts";
import { type Change, damage, randomChanges } from "./damage.ts";
import { Driver, type Reader } from "./driver.ts";
import { bytesOfSequence, publishBySequence } from "./filling.ts";
import { fnv1a64 } from "./fnv.ts";
import { AT, RingImage } from "./ring-image.ts";
import { SeededRandom } from "./seeded-random.ts";

const FRAME_BYTES = 1024;
const SLOTS = 4;
const RECORDS = 40;

const ERRORS = ["AGAIN", "TORN", "GONE", "CORRUPT", "TIMEOUT", "INVALID_ARGUMENT", "NOT_FOUND", "BUSY", "UNSUPPORTED"];

type Tally = { answers: number; data: number; refused: number };

/** An object of /dev/shm as a writer gone wrong has it. */
class Vandal {
  readonly #fd: number;
  readonly good: RingImage;

  constructor(name: string) {
    this.#fd = openSync(`/dev/shm/${name}`, "r+");
    this.good = RingImage.of(name);
  }

  write(changes: readonly Change[]): void {
    for (const { offset, bytes } of changes) {
      writeSync(this.#fd, bytes, 0, bytes.length, offset);
    }
  }

  repair(): void {
    writeSync(this.#fd, this.good.bytes, 0, this.good.bytes.length, 0);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

function slotRing(): SlotRingWriter {
  const writer = SlotRingWriter.create({ name: testRingName(), slots: SLOTS, slotBytes: FRAME_BYTES });
  writer.describe({ camera: "porch", note: "x".repeat(60) });
  for (let sequence = 1n; sequence <= 6n; sequence++) {
    publishBySequence(writer, sequence, FRAME_BYTES);
  }
  return writer;
}

function byteRing(): ByteRingWriter {
  const writer = ByteRingWriter.create({ name: testRingName(), capacityBytes: 8192 });
  const pcm = { index: 0, type: "audio", codec: "pcm_s16le", sampleRateHz: 48_000, channels: 1 };
  writer.describe({ sensor: "all", streams: [pcm] });
  for (let i = 1; i <= RECORDS; i++) {
    const type = ([1, 2, 3, 4] as const)[i % 4] ?? 1;
    const payload = type === 4 ? Buffer.from('{"person":0.5}') : bytesOfSequence(BigInt(i), 40 * (1 + (i % 9)));
    writer.append(packetMeta({ key: i % 5 === 0, type }), payload);
  }
  return writer;
}

/** Checks the shape of an answer, and counts it. */
function count(tally: Tally, answer: Answer): Answer {
  tally.answers += 1;
  if (answer.error !== undefined) {
    assert.ok(ERRORS.includes(answer.error), JSON.stringify(answer));
    tally.refused += answer.error === "CORRUPT" || answer.error === "TORN" ? 1 : 0;
  }
  return answer;
}

/** A frame handed out lies in a slot, and its bytes are those that lie there. */
function assertInside(answer: Answer, image: RingImage, hash = answer.hash): void {
  const frame = answer.frame as { bytes: number; planes: [number, number][] };
  assert.ok(frame.bytes <= 4096 && frame.planes.length <= 4, JSON.stringify(answer));
  assert.ok(
    frame.planes.every(([offset]) => offset <= frame.bytes),
    JSON.stringify(answer),
  );
  const hashes = Array.from({ length: SLOTS }, (_, slot) => {
    const at = image.bytes.length - (SLOTS - slot) * 4096; // by the object's size: the header may lie
    return fnv1a64(image.bytes.subarray(at, at + frame.bytes));
  });
  assert.ok(hashes.includes(String(hash)), `${JSON.stringify(answer)} is in no slot`);
}

/** Reads frames in every way. image: the bytes as they are; none: they change meanwhile. */
async function readFrames(driver: Driver, tally: Tally, image?: RingImage): Promise<void> {
  count(tally, await driver.ask("description"));
  count(tally, await driver.ask("wait 0 1"));
  const check = (answer: Answer, hash?: unknown) => {
    if (answer.error === undefined) {
      tally.data += 1;
      if (image !== undefined) {
        assertInside(answer, image, hash ?? answer.hash);
      }
    }
  };
  check(count(tally, await driver.ask("copy 0")));
  const looked = count(tally, await driver.ask("peek 0"));
  if (looked.error === undefined) {
    check(looked, count(tally, await driver.ask("whole")).hash);
  }
  const leased = count(tally, await driver.ask("lease 0"));
  check(leased);
  if (leased.error === undefined) {
    count(tally, await driver.ask(`release ${leased.lease}`));
  }
}

/** Reads records from every place. */
async function readRecords(driver: Driver, tally: Tally, image?: RingImage): Promise<void> {
  count(tally, await driver.ask("description"));
  for (const place of ["", "oldest", "newest-key", "7", "end"]) {
    if (place !== "") {
      count(tally, await driver.ask(`seek ${place}`));
    }
    count(tally, await driver.ask("wait-record 1"));
    for (let i = 0; i <= RECORDS; i++) {
      const answer = count(tally, await driver.ask("next"));
      if (answer.error !== undefined) {
        break;
      }
      tally.data += 1;
      const { sequence, payload_bytes: bytes } = answer.record as { sequence: string; payload_bytes: number };
      if (image !== undefined) {
        const hashes = image.payloadsOf(BigInt(sequence), bytes).map(fnv1a64);
        assert.ok(hashes.includes(String(answer.hash)), `${JSON.stringify(answer)} lies nowhere in the ring`);
      }
      if (i % 4 === 0) {
        count(tally, await driver.ask("samples"));
      }
    }
  }
}

type Kind = { name: "slots" | "bytes"; make: () => SlotRingWriter | ByteRingWriter; read: typeof readFrames };

const KINDS: readonly Kind[] = [
  { name: "slots", make: slotRing, read: readFrames },
  { name: "bytes", make: byteRing, read: readRecords },
];

/** Opens and reads a damaged ring, or damages one that was opened whole, by turns. */
async function damagedRounds(driver: Driver, { name, make, read }: Kind, seed: number, rounds: number): Promise<Tally> {
  const tally: Tally = { answers: 0, data: 0, refused: 0 };
  const random = new SeededRandom(seed);
  using writer = make();
  using vandal = new Vandal(writer.name);
  for (let round = 0; round < rounds; round++) {
    const changes = randomChanges(random, vandal.good);
    const image = damage(new RingImage(vandal.good.bytes), changes);
    if (round % 2 === 0) {
      await driver.askAll(`open ${name} ${writer.name}`);
    }
    vandal.write(changes);
    if (round % 2 === 0 || count(tally, await driver.ask(`open ${name} ${writer.name}`)).error === undefined) {
      await read(driver, tally, image);
    }
    vandal.repair();
  }
  await driver.askAll(`open ${name} ${writer.name}`);
  const after: Tally = { answers: 0, data: 0, refused: 0 };
  await read(driver, after, vandal.good);
  assert.ok(after.data > 0 && after.refused === 0, "a repaired ring is read as if nothing had been");
  return tally;
}

/** Damages and repairs a ring as fast as it can while it is read. */
async function damagedWhileReading(
  driver: Driver,
  { name, make, read }: Kind,
  seed: number,
  rounds: number,
): Promise<Tally> {
  const tally: Tally = { answers: 0, data: 0, refused: 0 };
  const random = new SeededRandom(seed);
  using writer = make();
  using vandal = new Vandal(writer.name);
  for (let round = 0; round < rounds; round++) {
    vandal.repair();
    await driver.askAll(`open ${name} ${writer.name}`);
    let isReading = true;
    const reading = read(driver, tally).finally(() => {
      isReading = false;
    });
    while (isReading) {
      vandal.write(randomChanges(random, vandal.good));
      await setImmediate();
      if (random.below(3) === 0) {
        vandal.repair();
      }
    }
    await reading;
  }
  return tally;
}

/** Every behaviour that a hostile writer can provoke. rounds: damaged rings of each kind; a fifth as many while they are read. */
export function testHostileWriter(reader: Reader, rounds: number): void {
  for (const [i, kind] of KINDS.entries()) {
    test(`${kind.name}: damaged rings are read or refused, never anything else`, async (t) => {
      const tally = await damagedRounds(Driver.shared(reader), kind, 20_260_200 + i, rounds);
      t.diagnostic(`${reader.name}, ${kind.name}: ${JSON.stringify(tally)}`);
      assert.ok(tally.refused > rounds / 4 && tally.data > rounds / 4, JSON.stringify(tally));
    });

    test(`${kind.name}: damage while reading is survived`, async (t) => {
      const tally = await damagedWhileReading(Driver.shared(reader), kind, 20_260_300 + i, rounds / 5);
      t.diagnostic(`${reader.name}, ${kind.name}: ${JSON.stringify(tally)}`);
      assert.ok(tally.refused > 0 && tally.data > 0, JSON.stringify(tally));
    });
  }

  test("a description nested ten thousand deep is refused or handed out, and the reader lives", async () => {
    const driver = Driver.shared(reader);
    using writer = slotRing();
    using vandal = new Vandal(writer.name);
    vandal.write([
      { offset: AT.descriptionBytes, bytes: Buffer.from(Uint32Array.of(10_000).buffer) },
      { offset: AT.description, bytes: Buffer.alloc(10_000, "[") },
    ]);
    assert.deepEqual(canonical(await driver.askAll(`open slots ${writer.name}`, "description")), { error: "CORRUPT" });
    assert.equal((await driver.ask("copy 0")).error, undefined);
  });

  test("any bytes in the lease object are survived, while leases are held and before", async () => {
    const driver = Driver.shared(reader);
    const random = new SeededRandom(20_260_400);
    const tally: Tally = { answers: 0, data: 0, refused: 0 };
    using writer = slotRing();
    using vandal = new Vandal(`${writer.name}.leases`);
    for (let round = 0; round < rounds; round++) {
      await driver.askAll(`open slots ${writer.name}`);
      const held = count(tally, await driver.ask("lease 0"));
      const [from, end] = random.oneOf<[number, number]>([
        [0, 64],
        [64, 128],
        [0, 4096],
      ]);
      vandal.write([{ offset: from, bytes: Buffer.from(random.bytes(end - from)) }]);
      if (held.error === undefined) {
        tally.data += 1;
        assert.equal((await driver.ask(`lease-hash ${held.lease}`)).hash, held.hash, "the frame itself is untouched");
        count(tally, await driver.ask(`release ${held.lease}`));
      }
      await readFrames(driver, tally, RingImage.of(writer.name));
      count(tally, await driver.ask(`open slots ${writer.name}`));
      await readFrames(driver, tally, RingImage.of(writer.name));
      await driver.askAll("close");
      vandal.repair();
    }
    assert.ok(tally.data > rounds && tally.refused > rounds / 4, JSON.stringify(tally));
  });
}
