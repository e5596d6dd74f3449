/** `lanthorn-rings cat`: what is in a ring, into a file or a pipe. */
import { systemClock } from "@lanthorn/base";
import { listRings, type RingInfo, ringErrors, SlotRingReader } from "../../src/index.ts";
import { toolErrors } from "../error-codes.ts";
import { EXIT_OK, numberOption, parseCommandLine, usageError } from "../sub-command.ts";
import { catFrames, FRAME_FORMATS } from "./cat-frames.ts";
import { catRecords, RECORD_FORMATS, usualRecordFormat } from "./cat-records.ts";
import { FORMATS, type Format, type Job, type Written } from "./job.ts";
import { Allowance, type Limits } from "./limits.ts";

const HELP = `Usage: lanthorn-rings cat RING [options]

Writes what comes through a ring until there is enough, its writer ends, or Ctrl-C.

  -o, --output <file>  "-" (the default) is standard output; %06d in a name is a frame's number
  --format <f>     png, y4m, raw; wav, jsonl, raw. Default: by the file's ending, else
                   one frame: png, several: y4m; sound: wav; packets: raw; others: jsonl
  --frames <n>     so many frames or records. Default: one PNG; of all else, no end
  --seconds <s>    for so long
  --from <place>   byte rings: oldest, newest-key, end. Default: the newest key frame of
                   video, the end of others; all that is there when the writer is dead
  --stream <n>     byte rings: the stream of this index. Default: the first that fits
  --help           this text

A file appears under its name when it is whole.
  lanthorn-rings cat lanthorn.porch.frames -o porch.png
  lanthorn-rings cat lanthorn.porch.frames --seconds 5 | ffplay -
  lanthorn-rings cat lanthorn.porch.packets --seconds 5 -o porch.h264
`;

const FORMAT_OF_ENDING: Readonly<Record<string, Format>> = {
  png: "png",
  y4m: "y4m",
  wav: "wav",
  jsonl: "jsonl",
  json: "jsonl",
  raw: "raw",
  yuv: "raw",
  h264: "raw",
  h265: "raw",
  hevc: "raw",
};

const PLACES = ["oldest", "newest-key", "end"] as const;

/** Runs the sub-command. Throws: RING_OPTION_INVALID, RING_NOT_FOUND, RING_OUTPUT_FORMAT, RING_OUTPUT_FAILED, RING_OUTPUT_SHORT. */
export async function cat(argv: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommandLine("cat", argv, {
    output: { type: "string", short: "o" },
    format: { type: "string" },
    frames: { type: "string" },
    seconds: { type: "string" },
    from: { type: "string" },
    stream: { type: "string" },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    throw usageError("cat", `Expected one ring but received ${positionals.length}: ${positionals.join(" ")}`);
  }
  const from = chosen("--from", values.from, PLACES);
  const format = chosen("--format", values.format, FORMATS);
  const asked: Limits = {
    frames: numberOption("cat", "--frames", values.frames, { least: 1, whole: true }),
    seconds: numberOption("cat", "--seconds", values.seconds, { least: 0 }),
  };
  const streamIndex = numberOption("cat", "--stream", values.stream, { least: 0, whole: true });
  const file = values.output ?? "-";
  const info = infoOf(name);
  const chosenFormat = checkFormat(info, format ?? FORMAT_OF_ENDING[endingOf(file)] ?? usualFormat(info, asked), file);
  const isOnePng = chosenFormat === "png" && !file.includes("%");
  if (isOnePng && ((asked.frames ?? 1) > 1 || (asked.frames === undefined && asked.seconds !== undefined))) {
    throw usageError("cat", `Expected a pattern such as -o %06d.png for several PNG but received ${file}`);
  }
  const limits = isOnePng ? { ...asked, frames: 1 } : asked;
  const allowance = new Allowance(limits, systemClock, signal);
  const tell = (line: string) => process.stderr.write(`lanthorn-rings: ${name}: ${line}\n`);
  const job: Job = { file, format: chosenFormat, allowance, signal, from, streamIndex, tell };
  const written = await (info.kind === "slots" ? catFrames(info, job) : catRecords(info, job));
  return conclude(name, written, limits, job);
}

function conclude(name: string, { count, missed }: Written, limits: Limits, { signal, tell }: Job): number {
  if (missed > 0) {
    tell(`${missed} more were published meanwhile and are not in it`);
  }
  const wanted = limits.frames ?? 1;
  if (count < wanted && !signal.aborted) {
    const what = count === 0 ? "nothing was written" : "those were written";
    const why = limits.seconds === undefined ? "before its writer ended" : `within ${limits.seconds} s`;
    throw toolErrors.make("RING_OUTPUT_SHORT", {
      detail: `Expected ${wanted} from ring ${name} but ${count} came ${why}; ${what}`,
    });
  }
  return EXIT_OK;
}

function infoOf(name: string): RingInfo {
  const info = listRings(name).find((ring) => ring.name === name);
  if (info === undefined) {
    SlotRingReader.observe(name).close(); // throws with the reason: no such name, not a ring, or not readable
    throw ringErrors.make("RING_NOT_FOUND", { name });
  }
  return info;
}

function chosen<T extends string>(option: string, value: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((one) => one === value);
  if (value !== undefined && found === undefined) {
    throw usageError("cat", `Expected one of ${known.join(", ")} for ${option} but received ${value}`);
  }
  return found;
}

function endingOf(file: string): string {
  return /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? "";
}

function usualFormat(info: RingInfo, { frames, seconds }: Limits): Format {
  if (info.kind === "bytes") {
    return usualRecordFormat(info.name);
  }
  return (frames ?? 1) > 1 || (frames === undefined && seconds !== undefined) ? "y4m" : "png";
}

/** Throws: RING_OPTION_INVALID when the ring is not of that kind, or a terminal would be sent bytes it cannot show. */
function checkFormat(info: RingInfo, format: Format, file: string): Format {
  const allowed: readonly Format[] = info.kind === "slots" ? FRAME_FORMATS : RECORD_FORMATS;
  if (!allowed.includes(format)) {
    const what = info.kind === "slots" ? "frames" : "records";
    throw usageError("cat", `Expected one of ${allowed.join(", ")} for a ring of ${what} but received ${format}`);
  }
  if (file === "-" && process.stdout.isTTY && format !== "jsonl") {
    throw usageError("cat", `Expected a file or a pipe for ${format} but standard output is a terminal: add -o FILE`);
  }
  return format;
}
