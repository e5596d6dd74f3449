/** Options of `lanthorn-rings demo`. */
import { numberOption, parseCommandLine, usageError } from "../sub-command.ts";

/** Sources of the demo, in the order they are listed in; vlc is four rings. */
export const SOURCE_NAMES = [
  "rgb24",
  "bgr24",
  "nv12",
  "i420",
  "gray",
  "vlc",
  "depth16",
  "depthf32",
  "microphone",
  "stereo",
  "imu",
  "results",
  "packets",
] as const;

/** One of SOURCE_NAMES. */
export type SourceName = (typeof SOURCE_NAMES)[number];

/** What the demo is to do. seconds: undefined for until it is stopped. */
export type DemoOptions = {
  prefix: string;
  fps: number;
  widthPx: number;
  heightPx: number;
  seconds: number | undefined;
  only: ReadonlySet<SourceName>;
};

/** What `--help` prints. */
export const USAGE = `usage: lanthorn-rings demo [options]
  --prefix demo    first part of the rings' names
  --fps 30         frames a second of every camera
  --size 640x480   of every picture; even numbers
  --seconds N      end after so long; default: at Ctrl-C or SIGTERM
  --only a,b       only these: ${SOURCE_NAMES.join(",")}`;

const MAX_SIDE_PX = 7680;
const MIN_SIDE_PX = 64;
const MAX_FPS = 240;

/** Reads the arguments; undefined: print USAGE. Throws: RING_OPTION_INVALID. */
export function parseDemoOptions(argv: readonly string[]): DemoOptions | undefined {
  const { values, positionals } = parseCommandLine("demo", argv, {
    prefix: { type: "string" },
    fps: { type: "string" },
    size: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string" },
  });
  if (positionals.length > 0) {
    throw usageError("demo", `Expected options only but received ${positionals.join(" ")}`);
  }
  if (values.help === true) {
    return undefined;
  }
  const { prefix = "demo", size = "640x480", only } = values;
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  return {
    prefix: checkPrefix(prefix),
    fps: checkFps(numberOption("demo", "--fps", values.fps, { least: 1 }) ?? 30),
    widthPx: checkSide(size, width),
    heightPx: checkSide(size, height),
    seconds: numberOption("demo", "--seconds", values.seconds, { least: 0 }),
    only: only === undefined ? new Set(SOURCE_NAMES) : checkSources(only),
  };
}

function checkPrefix(prefix: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(prefix)) {
    throw usageError(
      "demo",
      `Expected letters, digits, dots, _ or - for --prefix but received ${JSON.stringify(prefix)}`,
    );
  }
  return prefix;
}

function checkFps(fps: number): number {
  if (fps > MAX_FPS) {
    throw usageError("demo", `Expected a number of at most ${MAX_FPS} for --fps but received ${fps}`);
  }
  return fps;
}

function checkSide(size: string, digits: string | undefined): number {
  const side = Number(digits);
  if (!(side >= MIN_SIDE_PX && side <= MAX_SIDE_PX && side % 2 === 0)) {
    throw usageError(
      "demo",
      `Expected <width>x<height>, even numbers from ${MIN_SIDE_PX} to ${MAX_SIDE_PX}, for --size but received ${JSON.stringify(size)}`,
    );
  }
  return side;
}

function checkSources(list: string): ReadonlySet<SourceName> {
  const names = list.split(",").filter((name) => name !== "");
  const unknown = names.filter((name) => !(SOURCE_NAMES as readonly string[]).includes(name));
  if (unknown.length > 0 || names.length === 0) {
    const received = unknown.length > 0 ? unknown.join(", ") : "nothing";
    throw usageError("demo", `Expected some of ${SOURCE_NAMES.join(", ")} for --only but received ${received}`);
  }
  return new Set(names as SourceName[]);
}
