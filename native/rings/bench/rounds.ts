/** Runs everything in turn, round after round, so that whatever else the machine does falls on all alike. */
import { type HandOver, type HandOverSamples, handOver, PEERS, type Peer, passByPeer } from "./hand-over.ts";

/** How long and how often. fps: a camera's pace, where it is paced. */
export type Settings = { rounds: number; seconds: number; fps: number };

/** What was run and what came back, one entry a round. */
export type Measured<Key> = { key: Key; rounds: HandOverSamples[] };
/** Nanoseconds a frame, a list a round. */
export type MeasuredPeer = { peer: Peer; readers: number; rounds: number[][] };

/** Everything that was measured. */
export type Measurements = {
  cases: Measured<{ format: "nv12" | "rgb24"; readers: number }>[];
  writer: Measured<{ readers: number; touching: boolean; pace: "paced" | "unpaced" }>[];
  languages: Measured<{ reader: "header" | "python" | "typescript" }>[];
  sizes: Measured<{ format: "nv12" | "rgb24"; widthPx: number; heightPx: number }>[];
  copying: Measured<null>[];
  batch: Measured<null>[];
  peers: MeasuredPeer[];
};

const FULL_HD = { widthPx: 1920, heightPx: 1080 };
/** Bytes of a 1080p RGB24 frame. */
const FRAME_BYTES = FULL_HD.widthPx * FULL_HD.heightPx * 3;
const TOUCHED_ROWS = 16;
/** Runs of unpaced writers and slow peers need less time for as many frames. */
const SHORT = 0.5;

const cores = (readers: number) => Array.from({ length: readers }, () => "core" as const);

/** One thing to run in every round. */
type Step = { what: string; run: () => Promise<void> };

/** The list of runs of one round, each adding to the measurements. */
function stepsOf(settings: Settings, into: Measurements): Step[] {
  const { fps, seconds } = settings;
  const base: HandOver = { format: "rgb24", ...FULL_HD, fps, seconds, fills: true, rows: 0, readers: cores(1) };
  const steps: Step[] = [];
  const add = <Key>(what: string, list: Measured<Key>[], key: Key, changes: Partial<HandOver>) => {
    const measured: Measured<Key> = { key, rounds: [] };
    list.push(measured);
    steps.push({
      what,
      run: async () => {
        measured.rounds.push(await handOver({ ...base, ...changes }));
      },
    });
  };
  for (const format of ["nv12", "rgb24"] as const) {
    for (const readers of [1, 10]) {
      const key = { format, readers };
      add(`1080p ${format}, ${readers} readers`, into.cases, key, { format, readers: cores(readers) });
    }
  }
  // One and ten next to each other: what else runs on the machine changes with the minutes.
  for (const [readers, touching] of [...[1, 10, 2, 4, 6, 8].map((n) => [n, false]), [1, true], [10, true]] as const) {
    const key = { readers: Number(readers), touching: touching === true, pace: "unpaced" as const };
    const changes = { fps: 0, seconds: seconds * SHORT, rows: touching ? TOUCHED_ROWS : 0 };
    add(`unpaced, ${readers} readers`, into.writer, key, { ...changes, readers: cores(key.readers) });
  }
  for (const readers of [1, 10, 2, 4, 6, 8]) {
    const key = { readers, touching: true, pace: "paced" as const };
    const changes = { rows: TOUCHED_ROWS, seconds: seconds * SHORT, readers: cores(readers) };
    add(`readers that look at rows, ${readers}`, into.writer, key, changes);
  }
  for (const reader of ["header", "python", "typescript"] as const) {
    add(`read by ${reader}`, into.languages, { reader }, { readers: [reader] });
  }
  const sizes = [{ widthPx: 160, heightPx: 120 }, FULL_HD, { widthPx: 3840, heightPx: 2160 }];
  for (const [format, size] of [...sizes.map((size) => ["rgb24", size]), ["nv12", FULL_HD]] as [
    "nv12" | "rgb24",
    typeof FULL_HD,
  ][]) {
    const changes = { ...size, format, fills: false, seconds: seconds * SHORT };
    add(`${size.widthPx}×${size.heightPx} ${format}, not filled`, into.sizes, { format, ...size }, changes);
  }
  const batch = Array.from({ length: 10 }, () => "batch" as const);
  add("10 readers that interrupt nobody", into.batch, null, { readers: batch });
  add("a reader that copies", into.copying, null, { readers: ["copy"], seconds: seconds * SHORT });
  for (const readers of [1, 10]) {
    for (const peer of PEERS) {
      const measured: MeasuredPeer = { peer, readers, rounds: [] };
      into.peers.push(measured);
      const run = { readers, bytes: FRAME_BYTES, fps, seconds: seconds * SHORT };
      steps.push({
        what: `${peer}, ${readers} readers`,
        run: async () => {
          measured.rounds.push(await passByPeer(peer, run));
        },
      });
    }
  }
  return steps;
}

/** Measures everything. say: called before each run, with what it is. */
export async function measure(settings: Settings, say: (what: string) => void): Promise<Measurements> {
  const measurements: Measurements = {
    cases: [],
    writer: [],
    languages: [],
    sizes: [],
    copying: [],
    batch: [],
    peers: [],
  };
  const steps = stepsOf(settings, measurements);
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const [index, { what, run }] of steps.entries()) {
      say(`round ${round} of ${settings.rounds}, ${index + 1} of ${steps.length}: ${what}`);
      await run();
    }
  }
  return measurements;
}
