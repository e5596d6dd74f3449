/** Driver of the TypeScript reader. Protocol: ../README.md. */

import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import { LanthornError, systemClock } from "@lanthorn/base";
import {
  ByteRingReader,
  followByteRing,
  followSlotRing,
  type Lease,
  type ReadRecord,
  RecordDecoder,
  SlotRingReader,
  type TypedRecord,
} from "../../../src/index.ts";
import { type Answer, f32Answer, frameAnswer, recordAnswer } from "../answers.ts";
import { fnv1a64 } from "../fnv.ts";

type Command = (...words: string[]) => Answer | Promise<Answer>;

const leases: Lease[] = [];
let slots: SlotRingReader | undefined;
let records: ByteRingReader | undefined;
let copy = new Uint8Array(0);
let last: { record: ReadRecord; reader: ByteRingReader } | undefined;
let decoder = new RecordDecoder();

function close(): Answer {
  slots?.close();
  records?.close();
  slots = undefined;
  records = undefined;
  return {};
}

function open(kind = "", name = ""): Answer {
  close();
  decoder = new RecordDecoder();
  if (kind === "slots") {
    slots = SlotRingReader.open(name);
    copy = new Uint8Array(statSync(`/dev/shm/${name}`).size); // more than any slot
  } else {
    records = ByteRingReader.open(name);
  }
  return { incarnation: String((slots ?? records)?.incarnation) };
}

function slotRing(): SlotRingReader {
  return slots ?? misuse("no slot ring is open");
}

function byteRing(): ByteRingReader {
  return records ?? misuse("no byte ring is open");
}

function misuse(what: string): never {
  throw new Error(`The driver was told what it cannot do: ${what}`);
}

function description(): Answer {
  const value = slots !== undefined ? slots.description() : byteRing().description().value;
  return { hex: value === undefined ? "" : Buffer.from(JSON.stringify(value)).toString("hex") };
}

function copyNewest(after = ""): Answer {
  const frame = slotRing().copyNewest(BigInt(after), copy);
  return frame === undefined
    ? { error: "AGAIN" }
    : { frame: frameAnswer(frame), hash: fnv1a64(copy.subarray(0, frame.bytes)) };
}

function leaseNewest(after = ""): Answer {
  const lease = slotRing().leaseNewest(BigInt(after));
  if (lease === undefined) {
    return { error: "AGAIN" };
  }
  leases.push(lease);
  return { lease: leases.length, frame: frameAnswer(lease.frame), hash: fnv1a64(lease.bytes) };
}

function lease(number = ""): Lease {
  return leases[Number(number) - 1] ?? misuse(`there is no lease ${number}`);
}

function next(): Answer {
  const reader = byteRing();
  const record = reader.next();
  last = record === undefined ? undefined : { record, reader };
  return record === undefined
    ? { error: "AGAIN" }
    : {
        record: recordAnswer(record.meta, record.payload.length),
        dropped: String(record.dropped),
        hash: fnv1a64(record.payload),
      };
}

function samplesAnswer(typed: TypedRecord): Answer {
  switch (typed.kind) {
    case "pcm": {
      const { channels, codec } = typed.stream;
      const values = [...typed.samples].map((value) => (codec === "pcm_f32le" ? f32Answer(value) : value));
      const frames = values.length / channels;
      return { pcm: Array.from({ length: frames }, (_, i) => values.slice(i * channels, (i + 1) * channels)) };
    }
    case "imu":
      return { imu: typed.samples.map(({ monoNs, ...rest }) => ({ mono_ns: String(monoNs), ...rest })) };
    case "result":
      return { json_hex: Buffer.from(JSON.stringify(typed.value)).toString("hex") };
    case "undescribed":
      return { error: "NOT_FOUND" };
    default:
      return { error: "INVALID_ARGUMENT" };
  }
}

async function follow(
  count: string,
  timeoutMs: string,
  run: (signal: AbortSignal, onSequence: (sequence: bigint) => void, onReopen: () => void) => Promise<void>,
): Promise<Answer> {
  const controller = new AbortController();
  const stopTimer = systemClock.every(Number(timeoutMs), () => controller.abort());
  const sequences: string[] = [];
  let reopened = 0;
  await run(
    controller.signal,
    (sequence) => {
      if (sequences.length < Number(count)) {
        sequences.push(String(sequence));
      }
      if (sequences.length === Number(count)) {
        controller.abort();
      }
    },
    () => {
      reopened += 1;
    },
  );
  stopTimer();
  return sequences.length === Number(count) ? { sequences, reopened, torn: 0 } : { error: "TIMEOUT" };
}

async function outcome(wait: Promise<"ready" | "timeout" | "gone">): Promise<Answer> {
  const how = await wait;
  return how === "ready" ? {} : { error: how.toUpperCase() };
}

const commands: Record<string, Command> = {
  open,
  close,
  description,
  copy: copyNewest,
  peek: () => ({ error: "UNSUPPORTED" }),
  whole: () => ({ error: "UNSUPPORTED" }),
  lease: leaseNewest,
  "lease-hash": (number) => ({ hash: fnv1a64(lease(number).bytes) }),
  release: (number) => {
    lease(number).release();
    return {};
  },
  wait: (after = "", timeoutMs = "") => outcome(slotRing().wait(BigInt(after), Number(timeoutMs))),
  "wait-record": (timeoutMs = "") => outcome(byteRing().wait(Number(timeoutMs))),
  seek: (place = "") => {
    byteRing().seek(/^\d+$/.test(place) ? BigInt(place) : (place as "oldest"));
    return {};
  },
  next,
  samples: () => {
    const { record, reader } = last ?? misuse("no record was read");
    return samplesAnswer(decoder.decode(record, reader));
  },
  "follow-frames": (name = "", count = "", timeoutMs = "") =>
    follow(count, timeoutMs, (signal, onSequence, onReopen) =>
      followSlotRing({
        name,
        clock: systemClock,
        signal,
        onFrame: ({ frame }) => onSequence(frame.sequence),
        onReopen,
      }),
    ),
  "follow-records": (name = "", count = "", timeoutMs = "") =>
    follow(count, timeoutMs, (signal, onSequence, onReopen) =>
      followByteRing({
        name,
        clock: systemClock,
        signal,
        from: "oldest",
        onRecord: ({ meta }) => onSequence(meta.sequence),
        onGap: ({ reason }) => {
          if (reason === "reopened") {
            onReopen();
          }
        },
      }),
    ),
};

/** The contract's words for our codes: RING_GONE is GONE; a payload or a description that is none is CORRUPT. */
function errorAnswer(error: unknown): Answer {
  if (!(error instanceof LanthornError) || !error.code.startsWith("RING_")) {
    throw error;
  }
  const name = error.code.slice("RING_".length);
  return { error: ["PAYLOAD_INVALID", "DESCRIPTION_INVALID"].includes(name) ? "CORRUPT" : name, words: error.message };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name = "", ...words] = line.split(" ");
  let answer: Answer;
  try {
    answer = await (commands[name] ?? misuse(name))(...words);
  } catch (error) {
    answer = errorAnswer(error);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
