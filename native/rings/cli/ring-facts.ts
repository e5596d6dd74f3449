/** What one look at a ring tells: its header, its newest frame or record, its format, its readers. Disturbs nobody. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { LanthornError } from "@lanthorn/base";
import {
  ByteRingReader,
  type FrameMeta,
  listRings,
  parseRingDescription,
  type RingDescription,
  type RingInfo,
  type RingReader,
  type RingStream,
  ringReaders,
  SlotRingReader,
} from "../src/index.ts";
import { frequencyText, printable } from "./words.ts";

/** A ring as one look found it. newest: undefined while nothing was published. */
export type RingFacts = RingInfo & {
  program: string;
  format: string;
  newest: { captureMonoNs: bigint; publishMonoNs: bigint | undefined } | undefined;
  readers: RingReader[];
};

/** Looks at every ring whose name begins with prefix. */
export function lookAtRings(prefix: string): RingFacts[] {
  return listRings(prefix).map((info) => {
    const { format, newest } = lookInside(info);
    return { ...info, program: programOf(info), format, newest, readers: readersOf(info.name) };
  });
}

/** A ring's readers; none when its lease object cannot be read. */
export function readersOf(name: string): RingReader[] {
  return unlessRingFault([], () =>
    ringReaders(name).map((reader) => ({ ...reader, program: printable(reader.program) })),
  );
}

/** Which slots a reader leases. */
export function leasedSlots(reader: RingReader): number[] {
  return Array.from({ length: 64 }, (_, slot) => slot).filter(
    (slot) => ((reader.leasedSlots >> BigInt(slot)) & 1n) === 1n,
  );
}

/** The writer's program name; empty when it is gone or hidden from this user. */
export function programOf({ writerPid, alive }: Pick<RingInfo, "writerPid" | "alive">): string {
  if (!alive) {
    return ""; // its pid may be another program's by now
  }
  const name = processFile(writerPid, "comm").trimEnd();
  // Node calls its main thread so, and with it the process; the program is what was started.
  return printable(name === "MainThread" ? basename(processFile(writerPid, "cmdline").split("\0")[0] ?? "") : name);
}

function processFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // gone meanwhile, or hidden from this user
  }
}

/** A frame's format: `1920x1080 nv12`. */
export function frameFormat(frame: FrameMeta): string {
  return `${frame.widthPx}x${frame.heightPx} ${printable(frame.pixelFormat)}`;
}

/** What a byte ring says of its streams: `h264 1920x1080 + aac 48 kHz ×2`; `-` when it says nothing. */
export function streamsFormat(description: RingDescription): string {
  return description.streams.map(streamFormat).join(" + ") || "-";
}

function streamFormat(stream: RingStream): string {
  switch (stream.type) {
    case "audio":
      return `${stream.codec} ${frequencyText(stream.sampleRateHz)} ×${stream.channels}`;
    case "video":
      return `${printable(stream.codec)} ${stream.widthPx}x${stream.heightPx}`;
    case "imu":
      return `imu ${frequencyText(stream.sampleRateHz)}`;
    case "result":
      return `result ${printable(stream.mediaType)}`;
    case "data":
      return `data ${printable(stream.codec)}`;
  }
}

/** Runs a look at a ring that may vanish or be damaged meanwhile; gives the fallback then. Throws: what is no ring's fault. */
export function unlessRingFault<T>(fallback: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof LanthornError && error.code.startsWith("RING_")) {
      return fallback;
    }
    throw error;
  }
}

function lookInside(info: RingInfo): Pick<RingFacts, "format" | "newest"> {
  return unlessRingFault({ format: "?", newest: undefined }, () =>
    info.kind === "slots" ? lookAtNewestFrame(info.name) : lookAtNewestRecord(info),
  );
}

function lookAtNewestFrame(name: string): Pick<RingFacts, "format" | "newest"> {
  using observer = SlotRingReader.observe(name);
  const frame = unlessRingFault(undefined, () => observer.describeNewest());
  return frame === undefined
    ? { format: "-", newest: undefined }
    : {
        format: frameFormat(frame),
        newest: { captureMonoNs: frame.captureMonoNs, publishMonoNs: frame.publishMonoNs },
      };
}

function lookAtNewestRecord({ name, lastSequence }: RingInfo): Pick<RingFacts, "format" | "newest"> {
  using reader = ByteRingReader.open(name);
  const format = unlessRingFault("?", () => streamsFormat(parseRingDescription(reader.description().value)));
  const newest = unlessRingFault(undefined, () => {
    reader.seek(lastSequence);
    return reader.next();
  });
  return {
    format,
    newest: newest && { captureMonoNs: newest.meta.captureMonoNs, publishMonoNs: undefined },
  };
}
