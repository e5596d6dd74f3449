/** Everything hostile at once against a running ingest, and what its well-behaved cameras and its memory say afterwards. */
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { requestSocket, systemClock } from "@lanthorn/base";
import { ByteRingReader } from "@lanthorn/rings";
import { SrtSender, TS_PACKET_BYTES } from "@lanthorn/srt";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { FfmpegCamera } from "./ffmpeg-camera.ts";
import { House, type Issued, packetRing } from "./house.ts";
import { Attacker, handshake } from "./srt-attacker.ts";

/** Bytes of one SRT message of live video: 7 packets. */
const MESSAGE_BYTES = 7 * TS_PACKET_BYTES;
/**
 * What ingest may grow by, MiB. libsrt keeps the socket of a refused caller for some seconds: it grows by 50 to 60 MiB
 * within the first seconds and then stays (docs/design/ingest.md#hostile-callers).
 */
const GROWTH_MIB_MAX = 96;
const FPS = 25;

/** How long and how much. */
export interface Hostility {
  readonly seconds: number;
  /** Cameras that must not notice. */
  readonly victims: number;
  readonly wrongKeys: number;
}

/** What came of it; for the report. */
export interface HostilityResult {
  readonly victims: readonly {
    framesBefore: number;
    framesDuring: number;
    lostFrames: number;
    changePercent: number;
  }[];
  readonly growthMiB: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly rejectedCallers: number;
}

/** Runs all attacks at once for a while. */
export async function beHostile({ seconds, victims, wrongKeys }: Hostility): Promise<HostilityResult> {
  await using house = await new House().open();
  const ids = Array.from({ length: victims }, (_, i) => `victim-${i}`);
  await using cameras = new AsyncDisposableStack();
  for (const id of ids) {
    const { streamId, passphrase } = await house.register(id);
    cameras.use(new FfmpegCamera(house.url(streamId, passphrase), seconds + 60));
  }
  const liar = await house.register("liar");
  await house.register("absent");
  await house.register("quiet");
  for (const id of ids) {
    await house.linkWhen(id, "streams", ({ packets }) => packets > 50);
  }
  const readers = ids.map((id) => ByteRingReader.open(packetRing(house.home, id)));
  const before = { ownMiB: ownMiB(house), monoNs: systemClock.monoNs() };
  await sleep(Math.min(seconds, 10) * 500);
  const answers = new Map<number, number>();
  const beginNs = systemClock.monoNs();
  const ending = AbortSignal.timeout(seconds * 1000);
  await Promise.all([
    flood(house, ending),
    randomDatagrams(house, ending),
    slowLoris(house, ending),
    brokenHandshakes(house, ending, answers),
    wrongKeyCallers(house, { count: wrongKeys, seconds }, answers),
    realWrongKeys(house),
    mutatedStream(house, liar, ending),
  ]);
  const endNs = systemClock.monoNs();
  await sleep(500); // what was under way arrives
  const result = {
    victims: readers.map((reader) => framesOf(reader, before.monoNs, beginNs, endNs)),
    growthMiB: ownMiB(house) - before.ownMiB,
    answers: Object.fromEntries([...answers].toSorted()),
    rejectedCallers: (await house.status()).rejectedCallers,
  };
  for (const reader of readers) {
    reader.close();
  }
  await checkAfter(house, ids, wrongKeys, result);
  return result;
}

async function checkAfter(house: House, ids: string[], wrongKeys: number, result: HostilityResult): Promise<void> {
  for (const [i, id] of ids.entries()) {
    const link = await house.link(id);
    assert.deepEqual([link?.state, link?.reconnects, link?.continuityErrors], ["connected", 0, 0], id);
    assert.equal(result.victims[i]?.lostFrames, 0, JSON.stringify(result));
    assert.ok(Math.abs(result.victims[i]?.changePercent ?? 100) < 2, JSON.stringify(result));
  }
  assert.ok(result.growthMiB < GROWTH_MIB_MAX, JSON.stringify(result));
  // Each attempt was answered and counted, and only the first few cost a check of the key.
  const wrongKeyAnswers = (result.answers["1010"] ?? 0) + (result.answers["2402"] ?? 0);
  assert.ok(wrongKeyAnswers >= wrongKeys * 0.95, JSON.stringify(result));
  assert.ok((result.answers["2402"] ?? 0) > (result.answers["1010"] ?? 0), JSON.stringify(result));
  assert.ok(result.rejectedCallers >= wrongKeyAnswers, JSON.stringify(result));
  const metrics = (await requestSocket(house.home.runDir, "ingest", { path: "/metrics" })).body.toString();
  assert.match(metrics, /lanthorn_ingest_floods_total\{service="ingest"\} [1-9]/);
  const codes = new Set((await house.rejections()).map(({ code }) => code));
  for (const code of [10, 11, 1402, 1404, 1409]) {
    assert.ok(codes.has(code), `${code} is listed: ${[...codes]}`);
  }
}

/** Frames whose bytes arrived in the two windows, and how many are missing in between by their decoding times. */
function framesOf(reader: ByteRingReader, fromNs: bigint, beginNs: bigint, endNs: bigint) {
  const { streams } = reader.description().value as { streams: { index: number; type: string }[] };
  const video = streams.find(({ type }) => type === "video")?.index;
  let [framesBefore, framesDuring, lostFrames] = [0, 0, 0];
  let lastDts90k: bigint | undefined;
  reader.seek("oldest");
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    const { arrivalMonoNs, dts90k = 0n, streamIndex } = record.meta;
    if (streamIndex !== video || arrivalMonoNs < fromNs || arrivalMonoNs >= endNs) {
      continue;
    }
    const distance = lastDts90k === undefined ? 1 : Math.round((Number(dts90k - lastDts90k) * FPS) / 90_000);
    lostFrames += distance - 1;
    lastDts90k = dts90k;
    framesBefore += arrivalMonoNs < beginNs ? 1 : 0;
    framesDuring += arrivalMonoNs >= beginNs ? 1 : 0;
  }
  const expected = (Number(endNs - beginNs) / 1e9) * FPS;
  const changePercent = Math.round(((framesDuring - expected) / expected) * 10_000) / 100;
  return { framesBefore, framesDuring, lostFrames, changePercent };
}

/** The process's own memory: pages of rings, which have a fixed size, come on top. */
function ownMiB(house: House): number {
  const status = readFileSync(`/proc/${house.services.at(-1)?.pid}/status`, "utf8");
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Callers for nobody, as fast as they go, from one address. */
async function flood(house: House, ending: AbortSignal): Promise<void> {
  await using attacker = await Attacker.open(house.srtPort, "127.0.0.2");
  const cookie = await attacker.begin();
  while (!ending.aborted) {
    for (let i = 0; i < 10; i += 1) {
      attacker.send(handshake({ cookie, streamId: "nobody" }));
    }
    await sleep(1);
  }
}

async function randomDatagrams(house: House, ending: AbortSignal): Promise<void> {
  await using attacker = await Attacker.open(house.srtPort);
  while (!ending.aborted) {
    for (let i = 0; i < 20; i += 1) {
      attacker.send(randomBytes(1 + randomInt(1400)));
    }
    await sleep(10);
  }
}

/** Handshakes begun from ever new addresses and never ended. */
async function slowLoris(house: House, ending: AbortSignal): Promise<void> {
  await using slow = new AsyncDisposableStack();
  for (let opened = 0; !ending.aborted; opened += 1) {
    if (opened < 300) {
      await slow.use(await Attacker.open(house.srtPort)).begin();
    }
    await sleep(10);
  }
}

/** Cut short, with stream ids that are too long, with lengths that lie, in clear, and for nobody. */
async function brokenHandshakes(house: House, ending: AbortSignal, answers: Map<number, number>): Promise<void> {
  await using attacker = await Attacker.open(house.srtPort, "127.0.0.3");
  const cookie = await attacker.begin();
  while (!ending.aborted) {
    const whole = handshake({ cookie, streamId: "victim-0", wrongKey: true });
    attacker.send(whole.subarray(0, randomInt(whole.length)));
    attacker.send(handshake({ cookie, streamId: "x".repeat(513 + randomInt(700)) }));
    attacker.send(handshake({ cookie, streamId: randomBytes(40).toString("latin1") }));
    attacker.send(handshake({ cookie, streamId: "#!::u=quiet,m=publish" }));
    const lying = handshake({ cookie, streamId: "victim-0" });
    lying.writeUInt16BE(randomInt(65_536), 64 + 2 + 4 * randomInt((lying.length - 68) / 4));
    attacker.send(lying);
    attacker.send(handshake({ cookie: (cookie ^ 1) >>> 0, streamId: "victim-0" }));
    await sleep(50); // slower than what counts as a flood
  }
  add(answers, attacker);
}

async function wrongKeyCallers(
  house: House,
  { count, seconds }: { count: number; seconds: number },
  answers: Map<number, number>,
) {
  await using attacker = await Attacker.open(house.srtPort, "127.0.0.4");
  const cookie = await attacker.begin();
  const pauseMs = (seconds * 1000) / (count / 10); // 170 a second: just no flood
  for (let sent = 0; sent < count; sent += 10) {
    for (let i = 0; i < 10; i += 1) {
      attacker.send(handshake({ cookie, streamId: "absent", wrongKey: true }));
    }
    await sleep(pauseMs);
  }
  await sleep(1000);
  add(answers, attacker);
}

/** Whole SRT clients with the wrong key, and one with the right stream id of a camera that is connected. */
async function realWrongKeys(house: House): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    await rejected(house, "victim-0", "wrong-wrong-wrong", 1409);
    await rejected(house, "nobody", "wrong-wrong-wrong", 1404);
  }
}

async function rejected(house: House, streamId: string, passphrase: string, code: number): Promise<void> {
  const sender = SrtSender.connect({ host: "127.0.0.1", port: house.srtPort, streamId, passphrase });
  const state = await waitUntil("it is refused", () => {
    const now = sender.state();
    return now.kind === "closed" && now;
  });
  assert.equal(state.code, code, state.reason);
  sender.close();
}

/** A camera with the right key that sends a transport stream with bytes changed, left out and put twice. */
async function mutatedStream(house: House, { streamId, passphrase }: Issued, ending: AbortSignal): Promise<void> {
  const file = readFileSync(await makeTestMedia({ container: "ts", audio: "aac" }));
  const sender = SrtSender.connect({ host: "127.0.0.1", port: house.srtPort, streamId, passphrase });
  await waitUntil("the liar is in", () => sender.state().kind === "connected");
  for (let at = 0; !ending.aborted; at += MESSAGE_BYTES) {
    const from = at % (file.length - MESSAGE_BYTES);
    const message = Buffer.from(
      file.subarray(from - (from % TS_PACKET_BYTES), from - (from % TS_PACKET_BYTES) + MESSAGE_BYTES),
    );
    for (let changes = randomInt(20); changes > 0; changes -= 1) {
      message[randomInt(message.length)] = randomInt(256);
    }
    if (randomInt(10) > 0) {
      sender.send(message);
    }
    if (at % (20 * MESSAGE_BYTES) === 0) {
      await sleep(10);
    }
  }
  sender.close();
}

function add(answers: Map<number, number>, attacker: Attacker): void {
  for (const [code, count] of attacker.answers) {
    answers.set(code, (answers.get(code) ?? 0) + count);
  }
}
