/** Rings that grow while services/archive reads them, as processes: nothing is lost, and a minute before an event is kept. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import { ArchiveStatus, CameraId, type ResultRecord, ringName } from "@lanthorn/contract";
import { ByteRingReader, ByteRingWriter, followByteRing, RECORD_TYPES } from "@lanthorn/rings";
import { startService, waitUntil } from "@lanthorn/testing";
import { House, packetRing } from "./house.ts";

/** A 4K camera's rate, by events; and one that is recorded all the time. */
const CAMERAS = { door: 20, yard: 6 } as const;
type Id = keyof typeof CAMERAS;
const IDS = Object.keys(CAMERAS) as Id[];
const PRE_ROLL_S = 60;
const CLIP_S = 8;

/** Noise, which no encoder makes small: a small picture at a large rate. */
function makeClip(file: string, mbps: number): void {
  const source = `testsrc2=size=640x360:rate=25:duration=${CLIP_S},noise=alls=60:allf=t`;
  const rate = `${mbps}M`;
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25"];
  const rates = ["-b:v", rate, "-maxrate", rate, "-bufsize", rate];
  const all = ["-v", "error", "-f", "lavfi", "-i", source, ...video, ...rates, "-f", "mpegts", "-y", file];
  const { status, stderr } = spawnSync("ffmpeg", all, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

/** Sends a clip over and over. */
function send(file: string, url: string): AsyncDisposable {
  const all = ["-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy", "-f", "mpegts", url];
  const child = spawn("ffmpeg", all, { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** What inference would say each second: somebody looks. Else the archive records everything, to be safe. */
class Watcher implements Disposable {
  readonly #ring: ByteRingWriter;
  readonly #stop: () => void;

  constructor(prefix: string) {
    this.#ring = ByteRingWriter.create({
      name: ringName(prefix, CameraId.parse("door"), "results"),
      capacityBytes: 2 ** 20,
    });
    this.#stop = systemClock.every(1000, () => this.#write({ type: "frame", frame: this.#frame(), detections: [] }));
  }

  event(phase: "new" | "end", startWallUs: number): void {
    const frame = this.#frame();
    const endWallUs = phase === "end" ? frame.captureWallUs : null;
    const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
    const shared = { camera: CameraId.parse("door"), trackId: "t1", label: "motion", box, zones: [], model: "motion" };
    const event = { ...shared, id: "0c9d1a52-5a3e-4a7e-9a55-6f1d2d7b3c10", startWallUs, endWallUs };
    this.#write({
      type: "event",
      phase,
      frame,
      event: { ...event, score01: 0.9, topScore01: 0.9 },
      arrivalToEventMs: 1,
    });
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#ring.close();
  }

  #frame() {
    const captureWallUs = systemClock.wallUs();
    return { sequence: 1, captureWallUs, pts90k: 0, widthPx: 320, heightPx: 180 };
  }

  #write(record: object): void {
    const nowNs = systemClock.monoNs();
    const captureWallUs = BigInt(systemClock.wallUs());
    const times = { captureMonoNs: nowNs, arrivalMonoNs: nowNs, captureWallUs, pts90k: undefined, dts90k: undefined };
    const rest = {
      duration90k: 0,
      type: RECORD_TYPES.result,
      key: true,
      discontinuity: false,
      streamIndex: 0,
      payloadBytes: 0,
    };
    const whole = { ...record, camera: "door" } as ResultRecord;
    this.#ring.append({ ...times, ...rest }, Buffer.from(JSON.stringify(whole)));
  }
}

/** Reads a ring as any service does, and says what it missed. */
class Reader implements AsyncDisposable {
  readonly gaps: string[] = [];
  pictures = 0;
  fromWallUs = 0;
  untilWallUs = 0;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(name: string) {
    this.#ended = followByteRing({
      ...{ name, clock: systemClock, signal: this.#stop.signal, from: "oldest" },
      onRecord: ({ meta }) => {
        this.pictures += 1;
        this.untilWallUs = Number(meta.captureWallUs);
        this.fromWallUs ||= this.untilWallUs;
      },
      onGap: ({ reason, records }) => void this.gaps.push(`${reason} ${records}`),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

function countPictures(file: string): number {
  const all = ["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", file];
  return Number.parseInt(spawnSync("ffprobe", all, { encoding: "utf8" }).stdout, 10);
}

test("rings grow to what their cameras need: the archive misses no picture, and has the whole minute before an event", {
  timeout: 300_000,
}, async (t) => {
  await using house = await new House().open();
  const { ringPrefix, runDir } = house.home;
  const archive = await startService("archive", house.home);
  house.services.unshift(archive); // stopped last: it reads what the others write
  const ask = async (path: string) => await requestSocket(runDir, "archive", { path, timeoutMs: 60_000 });
  using watcher = new Watcher(ringPrefix);
  const all = { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER };
  const range = `fromUs=${all.fromUs}&toUs=${all.toUs}`;
  await using reading = new AsyncDisposableStack();
  await using sending = new AsyncDisposableStack();
  const readers = new Map<Id, Reader>();
  for (const id of IDS) {
    const recording = { preRollS: PRE_ROLL_S, postRollS: 1, mode: id === "door" ? "events" : "continuous" };
    const { streamId, passphrase } = await house.register(id);
    await house.ask("cameras", { method: "PATCH", path: `/cameras/${id}`, json: { recording } });
    const file = join(house.home.root, `${id}.ts`);
    makeClip(file, CAMERAS[id]);
    readers.set(id, reading.use(new Reader(packetRing(house.home, id))));
    sending.use(send(file, house.url(streamId, passphrase)));
  }
  const grownBytes = { door: 2 ** 28, yard: 2 ** 26 };
  for (const id of IDS) {
    const link = await house.linkWhen(id, "its ring has grown", ({ ringBytes }) => ringBytes === grownBytes[id]);
    assert.ok((link.ringHoldsS ?? 0) > PRE_ROLL_S + 5, `${id}: ${link.ringHoldsS}`);
  }
  const span = (id: Id) => {
    using oldest = ByteRingReader.open(packetRing(house.home, id));
    return ((readers.get(id)?.untilWallUs ?? 0) - Number(oldest.next()?.meta.captureWallUs)) / 1e6;
  };
  await waitUntil("a minute has passed", () => span("door") > PRE_ROLL_S + 5 && span("yard") > PRE_ROLL_S + 5, 150_000);

  const eventUs = readers.get("door")?.untilWallUs ?? 0;
  watcher.event("new", eventUs);
  await systemClock.sleep(500);
  watcher.event("end", eventUs);
  const timeline = async (id: Id) =>
    JSON.parse((await ask(`/cameras/${id}/timeline?${range}`)).body.toString()) as {
      segments: { startWallUs: number; endWallUs: number }[];
      gaps: { cause: string }[];
    };
  const coverage = await waitUntil(
    "the minute before the event is recorded",
    async () => {
      const spans = (await timeline("door")).segments;
      return spans.find(
        ({ startWallUs, endWallUs }) => startWallUs <= eventUs - PRE_ROLL_S * 1e6 && endWallUs > eventUs,
      );
    },
    60_000,
  );
  t.diagnostic(`door: ${((eventUs - coverage.startWallUs) / 1e6).toFixed(1)} s before the event`);
  const doorStatus = ArchiveStatus.parse(await requestJson(runDir, "archive", { path: "/status" })).cameras.find(
    ({ id }) => id === "door",
  );
  assert.equal(doorStatus?.shortPreRolls, 0);

  await sending.disposeAsync();
  await house.linkWhen("yard", "has ended", ({ state }) => state === "disconnected");
  const sent = (await house.link("yard"))?.packets ?? 0;
  const yard = readers.get("yard");
  await waitUntil("all was read", () => yard?.pictures === sent);
  const file = join(house.home.root, "yard.mp4");
  const recorded = await waitUntil(
    "all was recorded",
    async () => {
      const reply = await ask(`/cameras/yard/recording.mp4?${range}&start=key-frame`);
      writeFileSync(file, reply.body);
      const pictures = countPictures(file);
      await systemClock.sleep(1000);
      return pictures >= sent ? pictures : undefined;
    },
    60_000,
  );
  assert.equal(recorded, sent);
  for (const id of IDS) {
    assert.deepEqual(readers.get(id)?.gaps, [], id);
  }
  const causes = (await timeline("yard")).gaps.map(({ cause }) => cause);
  assert.deepEqual(
    causes.filter((cause) => cause !== "camera-disconnected" && cause !== "archive-stopped"),
    [],
  );
  t.diagnostic(`yard: ${recorded} pictures sent, read and recorded`);
});
