/** The part of the suite that reads frames while somebody writes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { ringReaders, SlotRingReader, SlotRingWriter } from "../../src/index.ts";
import { grayMeta } from "../support/frames.ts";
import { testRingName } from "../support/ring-names.ts";
import { frameAnswer } from "./answers.ts";
import { Driver, type Reader } from "./driver.ts";
import { hashOfSequence, publishBySequence } from "./filling.ts";
import { fnv1a64 } from "./fnv.ts";

const FRAME_BYTES = 4096;
const SEATS = 63;
const FAR = 2n ** 50n; // a sequence that never comes
const LONG_MS = 30_000; // an answer that comes only with this time-out is a failure

function ring(slots = 3): SlotRingWriter {
  return SlotRingWriter.create({ name: testRingName(), slots, slotBytes: FRAME_BYTES });
}

/** What a lease, copy or look of a frame filled by its sequence must say. */
function assertWhole(answer: { frame?: unknown; hash?: unknown; error?: unknown }): bigint {
  const sequence = BigInt((answer.frame as { sequence: string } | undefined)?.sequence ?? -1);
  assert.ok(sequence > 0n, JSON.stringify(answer));
  assert.equal(answer.hash, hashOfSequence(sequence, FRAME_BYTES), `frame ${sequence}`);
  return sequence;
}

/** Every behaviour that a live writer of frames can show. */
export function testLiveFrames(reader: Reader): void {
  test("a live frame arrives with every field and every byte as written", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    const meta = {
      ...grayMeta(60, 40),
      captureMonoNs: 2n ** 62n,
      captureWallUs: -(2n ** 40n),
      arrivalMonoNs: 3n,
      pts90k: -(2n ** 63n),
      sourceSequence: 2n ** 64n - 1n,
      planes: [
        { offsetBytes: 0, strideBytes: 64 },
        { offsetBytes: 64 * 40, strideBytes: 64 },
      ],
      bytes: 64 * 60,
      pixelFormat: "nv12",
      colorSpace: "bt2020nc_abcdef", // 15 characters: all that fit
      colorRange: "tv",
    };
    const slot = writer.reserve();
    slot.bytes.forEach((_, i, bytes) => {
      bytes[i] = i * 7;
    });
    const hash = fnv1a64(slot.bytes.subarray(0, meta.bytes));
    const before = systemClock.monoNs();
    const sequence = writer.publish(slot.index, meta);
    const answer = await driver.ask("copy 0");
    const { publish_mono_ns: publish, ...rest } = answer.frame as ReturnType<typeof frameAnswer>;
    const { publish_mono_ns: _, ...wanted } = frameAnswer({ ...meta, sequence, publishMonoNs: 0n });
    assert.deepEqual(rest, wanted);
    assert.equal(answer.hash, hash);
    assert.ok(BigInt(publish) >= before && BigInt(publish) <= systemClock.monoNs());
    const leased = await driver.ask("lease 0");
    assert.deepEqual([leased.frame, leased.hash], [answer.frame, hash]);
  });

  test("nothing newer is AGAIN, whatever was published before; a byte ring's and a missing name are told apart", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    assert.equal((await driver.ask("copy 0")).error, "AGAIN");
    assert.equal((await driver.ask("lease 0")).error, "AGAIN");
    publishBySequence(writer, 1n, FRAME_BYTES);
    publishBySequence(writer, 2n, FRAME_BYTES);
    assert.equal(assertWhole(await driver.ask("copy 1")), 2n);
    assert.equal((await driver.ask("copy 2")).error, "AGAIN");
    assert.equal((await driver.ask("lease 2")).error, "AGAIN");
    assert.equal((await driver.ask(`open bytes ${writer.name}`)).error, "INVALID_ARGUMENT");
    assert.equal((await driver.ask(`open slots ${testRingName()}`)).error, "NOT_FOUND");
    for (const name of ["../etc", ".hidden", "a.leases", "x".repeat(201), "a/b"]) {
      assert.equal((await driver.ask(`open slots ${name}`)).error, "INVALID_ARGUMENT", name);
    }
  });

  test("a waiting reader is woken by a frame, sleeps on for other things, and its time-out is a TIMEOUT", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    assert.equal((await driver.ask("wait 0 20")).error, "TIMEOUT");
    const waiting = driver.ask(`wait 0 ${LONG_MS}`);
    await untilAsked(writer);
    writer.describe({ camera: "porch" }); // moves the futex word, and is no frame
    publishBySequence(writer, 1n, FRAME_BYTES);
    assert.deepEqual(await waiting, {});
    const later = driver.ask(`wait 1 ${LONG_MS}`);
    publishBySequence(writer, 2n, FRAME_BYTES);
    assert.deepEqual(await later, {});
  });

  test("a changed description is read as it is now", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    assert.equal((await driver.askAll(`open slots ${writer.name}`, "description")).hex, "");
    for (const value of [
      { camera: "porch" },
      { camera: "porch", note: "äöü \u{1f3e0}" },
      { long: "x".repeat(16_000) },
    ]) {
      writer.describe(value);
      assert.equal((await driver.ask("description")).hex, Buffer.from(JSON.stringify(value)).toString("hex"));
    }
  });

  test("a lease holds its frame while the writer goes round it, and ends when it is released", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    publishBySequence(writer, 1n, FRAME_BYTES);
    const first = await driver.ask("lease 0");
    assert.equal(assertWhole(first), 1n);
    for (let sequence = 2n; sequence <= 50n; sequence++) {
      publishBySequence(writer, sequence, FRAME_BYTES);
    }
    assert.equal((await driver.ask(`lease-hash ${first.lease}`)).hash, first.hash);
    const second = await driver.ask("lease 0");
    assert.equal(assertWhole(second), 50n, "a second lease of one reader");
    writer.reserve(); // of 3 slots 2 are leased: this is the last
    assert.throws(() => writer.reserve(), { code: "RING_BUSY" });
    await driver.askAll(`release ${first.lease}`);
    writer.reserve();
    await driver.askAll(`release ${second.lease}`);
  });

  test("the same frame leased twice is held until the second release", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    publishBySequence(writer, 1n, FRAME_BYTES);
    const first = await driver.askAll(`open slots ${writer.name}`, "lease 0");
    const second = await driver.ask("lease 0");
    await driver.askAll(`release ${first.lease}`);
    for (let sequence = 2n; sequence <= 20n; sequence++) {
      publishBySequence(writer, sequence, FRAME_BYTES);
    }
    assert.equal((await driver.ask(`lease-hash ${second.lease}`)).hash, hashOfSequence(1n, FRAME_BYTES));
    await driver.askAll(`release ${second.lease}`);
  });

  test("a lease outlives the reader that took it", async () => {
    const driver = Driver.shared(reader);
    const writer = ring();
    publishBySequence(writer, 1n, FRAME_BYTES);
    const { lease, hash } = await driver.askAll(`open slots ${writer.name}`, "lease 0");
    await driver.askAll("close");
    for (let sequence = 2n; sequence <= 20n; sequence++) {
      publishBySequence(writer, sequence, FRAME_BYTES);
    }
    writer.reserve();
    assert.throws(() => writer.reserve(), { code: "RING_BUSY" }, "its slot is still leased");
    assert.equal((await driver.ask(`lease-hash ${lease}`)).hash, hash);
    await driver.askAll(`release ${lease}`);
    writer.reserve();
    assert.equal(writer.readers(), 0, "with its last lease the reader is gone");
    writer.close();
  });

  test("the 64th reader copies, is told BUSY when it leases, and leases once a seat is free", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    const seated = Array.from({ length: SEATS }, () => SlotRingReader.open(writer.name));
    publishBySequence(writer, 1n, FRAME_BYTES);
    await driver.askAll(`open slots ${writer.name}`);
    assert.equal((await driver.ask("lease 0")).error, "BUSY");
    assertWhole(await driver.ask("copy 0"));
    seated[17]?.close();
    const leased = await driver.askAll(`open slots ${writer.name}`, "lease 0");
    assertWhole(leased);
    await driver.askAll(`release ${leased.lease}`);
    for (const other of seated) {
      other.close();
    }
  });

  test("a reader that released and closed leaves its seat at once: more readers than seats, one after the other", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    publishBySequence(writer, 1n, FRAME_BYTES);
    for (let i = 0; i <= SEATS; i++) {
      const leased = await driver.askAll(`open slots ${writer.name}`, "lease 0");
      assertWhole(leased);
      await driver.askAll(`release ${leased.lease}`, "close");
    }
  });

  test("the lease of a reader killed with SIGKILL is taken back", async () => {
    const driver = Driver.start(reader);
    using writer = ring();
    publishBySequence(writer, 1n, FRAME_BYTES);
    assertWhole(await driver.askAll(`open slots ${writer.name}`, "lease 0"));
    assert.equal(writer.readers(), 1);
    publishBySequence(writer, 2n, FRAME_BYTES);
    writer.reserve();
    assert.throws(() => writer.reserve(), { code: "RING_BUSY" });
    await driver.kill();
    writer.reserve();
    assert.equal(writer.readers(), 0);
  });

  test("a reader that closes is no reader any more", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    publishBySequence(writer, 1n, FRAME_BYTES);
    await driver.askAll(`open slots ${writer.name}`, "copy 0");
    assert.equal(writer.readers(), 1);
    await driver.askAll("close");
    assert.equal(writer.readers(), 0);
  });

  test("a ring closed by its writer is GONE once its last frame was read", async () => {
    const driver = Driver.shared(reader);
    const writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    const waiting = driver.ask(`wait ${FAR} ${LONG_MS}`);
    await untilAsked(writer);
    publishBySequence(writer, 1n, FRAME_BYTES);
    writer.close();
    assert.equal((await waiting).error, "GONE");
    assertWhole(await driver.ask("copy 0"));
    assert.equal((await driver.ask("copy 1")).error, "GONE");
    assert.equal((await driver.ask(`open slots ${writer.name}`)).error, "NOT_FOUND");
  });

  test("the seat counts the frames taken, and those missed between them", async () => {
    const driver = Driver.shared(reader);
    using writer = ring();
    await driver.askAll(`open slots ${writer.name}`);
    for (let sequence = 1n; sequence <= 10n; sequence++) {
      publishBySequence(writer, sequence, FRAME_BYTES);
      if (sequence === 3n || sequence === 4n) {
        await driver.askAll(`copy ${sequence - 1n}`, "copy 0"); // the second time it is not newer
      }
    }
    const { lease } = await driver.ask("lease 0");
    const [seat] = ringReaders(writer.name);
    assert.deepEqual([seat?.taken, seat?.missed], [3n, 5n]); // 3, 4, 10
    await driver.askAll(`release ${lease}`);
  });
}

/** Waits until a reader has asked for a frame; the test's own time-out is the watchdog. */
async function untilAsked(writer: SlotRingWriter): Promise<void> {
  while (writer.readers() === 0) {
    await systemClock.sleep(1);
  }
}
