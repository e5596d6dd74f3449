/** One run of a ring: a writer and its readers, each a process of its own, and what they measured. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BenchProcess } from "./processes.ts";

/**
 * Who reads: the core by its C interface, the one-header reader, Python, TypeScript. Controls: the core under SCHED_BATCH, which
 * interrupts nobody when it is woken; and one that copies.
 */
export type ReaderKind = "core" | "header" | "python" | "typescript" | "batch" | "copy";

/** One run. fps 0: without pause. fills: the writer fills each frame, as a decoder does. rows: how many each reader adds up. */
export type HandOver = {
  format: "nv12" | "rgb24";
  widthPx: number;
  heightPx: number;
  fps: number;
  seconds: number;
  fills: boolean;
  rows: number;
  readers: readonly ReaderKind[];
};

/** What the writer measured, a value a frame. */
export type WriterSamples = {
  sequence: number[];
  reserveNs: number[];
  fillNs: number[];
  publishNs: number[];
  /** Processor time of it. */
  publishCpuNs: number[];
  frameNs: number[];
  cpuNs: number[];
  frameBytes: number;
  busy: number;
  touchedBytesPerFrame: number;
};

/** What a reader measured, a value a frame taken. wakeNs: from the call of publish until it had the frame; wholeNs: from that of reserve. */
export type ReaderSamples = {
  sequence: number[];
  wakeNs: number[];
  wholeNs: number[];
  leaseNs: number[];
  peekNs: number[];
  copyNs?: number[];
  touchedBytesPerFrame?: number;
};

/** What all of them measured. */
export type HandOverSamples = { writer: WriterSamples; readers: ReaderSamples[] };

const SLOTS = 12; // one a reader, one newest, one being written: no case is short of slots
const WARM_FRAMES = 2 * SLOTS; // every page of every slot was touched before anything counts
const NATIVE = fileURLToPath(new URL("../../build/rings/lanthorn_rings_bench", import.meta.url));
/** Debian's Python, which every box has. */
export const PYTHON = "/usr/bin/python3";
const pythonReader = fileURLToPath(new URL("readers/reader_program.py", import.meta.url));
const typescriptReader = fileURLToPath(new URL("readers/reader-program.ts", import.meta.url));
const peerFolder = fileURLToPath(new URL("peers/", import.meta.url));

const words = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values).map(([name, value]) => `${name}=${value}`);

function startReader(kind: ReaderKind, name: string, rows: number): BenchProcess {
  switch (kind) {
    case "python":
      return new BenchProcess(PYTHON, ["-B", pythonReader, name, String(WARM_FRAMES)]);
    case "typescript":
      return new BenchProcess(process.execPath, [typescriptReader, name, String(WARM_FRAMES)]);
    default: {
      const by = kind === "header" ? "header" : "core";
      const take = kind === "copy" ? "copy" : "lease";
      const policy = kind === "batch" ? "batch" : "other";
      return new BenchProcess(NATIVE, ["read", ...words({ name, rows, by, take, policy, warm: WARM_FRAMES })]);
    }
  }
}

/** Of these many frames a reader has leased some and looked at others. */
const FEWEST_FRAMES = 4;
/** A run in which somebody saw too little, as on a machine under load, is made again, twice as long, so many times. */
const TRIES = 7;

/** Runs one writer and its readers. Throws when a program failed, or somebody saw too few frames in every try. */
export async function handOver(run: HandOver): Promise<HandOverSamples> {
  for (let doublings = 0; doublings < TRIES; doublings++) {
    const samples = await runOnce({ ...run, seconds: run.seconds * 2 ** doublings });
    if (isEnough(samples)) {
      return samples;
    }
  }
  assert.fail(`some of ${run.readers.length} readers saw fewer than ${FEWEST_FRAMES} frames: give it more seconds`);
}

function isEnough({ writer, readers }: HandOverSamples): boolean {
  const seen = readers.map(({ sequence }) => new Set(sequence));
  return (
    seen.every(({ size }) => size >= FEWEST_FRAMES) &&
    writer.sequence.some((sequence) => seen.every((each) => each.has(sequence)))
  );
}

async function runOnce(run: HandOver): Promise<HandOverSamples> {
  const name = `lanthorn-bench-${randomBytes(6).toString("hex")}.frames`;
  try {
    const { format, widthPx: width, heightPx: height, fps, seconds } = run;
    const settings = { name, format, width, height, slots: SLOTS, warm: WARM_FRAMES, fill: run.fills ? 1 : 0 };
    const writer = new BenchProcess(NATIVE, ["write", ...words({ ...settings, fps, seconds })]);
    await writer.line();
    const readers = run.readers.map((kind) => startReader(kind, name, run.rows));
    for (const reader of readers) {
      await reader.line();
    }
    writer.go();
    return {
      writer: await writer.result<WriterSamples>(),
      readers: await Promise.all(readers.map((reader) => reader.result<ReaderSamples>())),
    };
  } finally {
    rmSync(`/dev/shm/${name}`, { force: true }); // left only when a program failed
    rmSync(`/dev/shm/${name}.leases`, { force: true });
  }
}

/** Other ways to pass a frame on. */
export const PEERS = ["mpQueue", "sharedMemoryCopy", "unixSocket", "pipe"] as const;
/** One of them. */
export type Peer = (typeof PEERS)[number];

/** Passes frames of so many bytes to readers, one at a time; nanoseconds from before each until the last reader had it. */
export async function passByPeer(
  peer: Peer,
  run: { readers: number; bytes: number; fps: number; seconds: number },
): Promise<number[]> {
  const settings = words({ ...run, warm: 3 });
  const python = (program: string) => new BenchProcess(PYTHON, ["-B", `${peerFolder}${program}`, ...settings]);
  const native = (kind: string) => new BenchProcess(NATIVE, ["stream", `kind=${kind}`, ...settings]);
  const programs: Record<Peer, () => BenchProcess> = {
    mpQueue: () => python("mp_queue.py"),
    sharedMemoryCopy: () => python("shared_memory_copy.py"),
    unixSocket: () => native("socket"),
    pipe: () => native("pipe"),
  };
  const { elapsedNs } = await programs[peer]().result<{ elapsedNs: number[] }>();
  return elapsedNs;
}
