/** A home with cameras whose packet rings the test writes, and the archive as a process beside it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type AnswerOf,
  askEndpoint,
  type Endpoint,
  type Question,
  requestJson,
  requestSocket,
  type SocketReply,
} from "@lanthorn/base";
import { type ArchiveStatus, RecordingSettings, ringName, type StreamName, type Timeline } from "@lanthorn/contract";
import { READ_STATUS, READ_TIMELINE } from "@lanthorn/contract/archive";
import { StreamSource } from "@lanthorn/media";
import { migrateRegistry, openRegistryWriter } from "@lanthorn/registry";
import {
  makeTemporaryHome,
  makeTestMedia,
  REPOSITORY_ROOT,
  type ServiceProcess,
  type StartServiceOptions,
  startService,
  type TemporaryHome,
  type TestMediaOptions,
} from "@lanthorn/testing";
import { checkArchive } from "../../src/check/check.ts";
import type { Findings } from "../../src/check/findings.ts";
import { assertDescribed, assertDescribedJson, withExactAnswer } from "./described-answers.ts";

/** Longest that a test waits for an answer: other work may take most of the processor. */
const PATIENCE_MS = 60_000;

/** Short segments, so that a test sees several. */
const SHORT = ["--set", "recording.segmentS=5"];

/** Owner: dispose of it; that ends the archive, the feeds and the home. */
export class ArchiveRig {
  readonly home: TemporaryHome = makeTemporaryHome();
  readonly #feeds = new Map<string, StreamSource>();
  #archive: ServiceProcess | undefined;

  /** Where the archive keeps everything. */
  get stateDir(): string {
    return this.home.stateDir("archive");
  }

  /** The archive's process. */
  get archive(): ServiceProcess {
    if (this.#archive === undefined) {
      throw new TypeError("start() the archive first");
    }
    return this.#archive;
  }

  /** Registers a camera, as services/cameras would. */
  register(camera: string, enabled = true): void {
    const database = openRegistryWriter(this.home.registryDir);
    try {
      migrateRegistry(database);
      database
        .prepare(
          `insert into camera (id, name, source_kind, stream_id, enabled, created_wall_us) values (?, ?, 'srt-listener', ?, ?, 1)
           on conflict (id) do update set enabled = excluded.enabled`,
        )
        .run(camera, camera, `#!::r=${camera}`, enabled ? 1 : 0);
    } finally {
      database.close();
    }
  }

  /** Sets what of a camera is recorded, as services/cameras would. */
  configure(camera: string, recording: object): void {
    const database = openRegistryWriter(this.home.registryDir);
    try {
      const settings = JSON.stringify(RecordingSettings.parse(recording));
      database.prepare("update camera set recording = ? where id = ?").run(settings, camera);
    } finally {
      database.close();
    }
  }

  /** Registers a camera and lets it send a made file in a loop, at its own rate. */
  async feed(camera: string, media: TestMediaOptions = {}): Promise<void> {
    this.register(camera);
    await this.connect(camera, media);
  }

  /** Lets a registered camera send, its main stream or its sub-stream. */
  async connect(camera: string, media: TestMediaOptions = {}, stream: StreamName = "main"): Promise<void> {
    const url = await makeTestMedia({ durationS: 30, fps: 25, gopFrames: 25, ...media });
    const packetRing = ringName(this.home.ringPrefix, camera, stream === "main" ? "packets" : "packets-sub");
    this.#feeds.set(
      stream === "main" ? camera : `${camera}.${stream}`,
      StreamSource.open({ url, packetRing, cameraId: camera }),
    );
  }

  /** Ends what a camera sends; its ring goes too. */
  disconnect(camera: string): void {
    this.#feeds.get(camera)?.close();
    this.#feeds.delete(camera);
  }

  /** Starts the archive and waits until it is ready. */
  async start(options: StartServiceOptions = {}): Promise<void> {
    this.#archive = await startService("archive", this.home, {
      ...options,
      arguments: [...SHORT, ...(options.arguments ?? [])],
    });
  }

  /** GET /status. */
  async status(): Promise<ArchiveStatus> {
    return await this.ask(READ_STATUS);
  }

  /** Seconds of a camera that are durable since the archive started. */
  async recordedS(camera: string): Promise<number> {
    const { cameras } = await this.status();
    return cameras.find(({ id }) => id === camera)?.recordedS ?? 0;
  }

  /** A JSON answer. Throws the error the archive answers. */
  async get<T>(path: string): Promise<T> {
    const answer = await requestJson<T>(this.home.runDir, "archive", { path });
    assertDescribedJson("GET", path, answer);
    return answer;
  }

  /** Asks an endpoint; the answer must be what it says and nothing more. Throws the error the archive answers. */
  async ask<E extends Endpoint>(endpoint: E, question: Question<E> = {}): Promise<AnswerOf<E>> {
    const archive = { runDir: this.home.runDir, service: "archive", timeoutMs: PATIENCE_MS };
    return await askEndpoint(archive, withExactAnswer(endpoint), question);
  }

  /** Any answer. */
  async request(path: string, headers: Record<string, string> = {}): Promise<SocketReply> {
    const reply = await requestSocket(this.home.runDir, "archive", { path, headers, timeoutMs: PATIENCE_MS });
    assertDescribed("GET", path, reply);
    return reply;
  }

  /** A request with a body, or to change something. */
  async send(method: string, path: string, json?: unknown): Promise<SocketReply> {
    const reply = await requestSocket(this.home.runDir, "archive", { method, path, json, timeoutMs: PATIENCE_MS });
    assertDescribed(method, path, reply);
    return reply;
  }

  /** The timeline of all time. */
  async timeline(camera: string): Promise<Timeline> {
    return await this.ask(READ_TIMELINE, {
      params: { id: camera },
      query: { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER },
    });
  }

  /** `lanthorn check`, in this process. */
  async check(): Promise<Findings> {
    return await checkArchive(this.stateDir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#archive?.[Symbol.asyncDispose]();
    for (const camera of [...this.#feeds.keys()]) {
      this.disconnect(camera);
    }
    this.home.remove();
  }
}

/** What ffprobe or ffmpeg complain about in a file; empty when nothing. Decodes every frame. */
export async function complaintsOf(file: string): Promise<string> {
  const run = promisify(execFile);
  const probe = await run("ffprobe", ["-v", "error", "-show_streams", file]);
  const decode = await run("ffmpeg", ["-nostdin", "-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
  return probe.stderr + decode.stderr;
}

/** Seconds from the first to the end of the last picture, as ffprobe sees a file. */
export async function videoSecondsOf(file: string): Promise<{ seconds: number; frames: number; largestStepS: number }> {
  const { stdout } = await promisify(execFile)(
    "ffprobe",
    [
      "-v",
      "error",
      "-select_streams",
      "v:0",
      "-show_entries",
      "packet=pts_time,dts_time,duration_time",
      "-of",
      "csv=p=0",
      file,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const dts = rows.map((row) => row[1] ?? Number.NaN);
  const steps = dts.slice(1).map((value, index) => value - (dts[index] ?? 0));
  const last = rows.at(-1) ?? [0, 0, 0];
  return {
    seconds: (last[1] ?? 0) + (last[2] ?? 0) - (dts[0] ?? 0),
    frames: rows.length,
    largestStepS: Math.max(...steps),
  };
}

/** The program that `lanthorn check` runs. */
export const CHECK_MAIN = join(REPOSITORY_ROOT, "services/archive/check-main.ts");
