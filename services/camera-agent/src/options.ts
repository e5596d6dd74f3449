/** The command line. Pure. */
import { parseArgs } from "node:util";
import { CameraId } from "@lanthorn/contract";
import { agentErrors } from "./error-codes.ts";

/** The scenes that the simulator makes. */
export const SCENE_NAMES = ["street", "stereo", "quiet"] as const;
/** One of SCENE_NAMES. */
export type SceneName = (typeof SCENE_NAMES)[number];

/** Where the picture comes from. */
export type SourceOption =
  | { readonly kind: "scene"; readonly scene: SceneName }
  | { readonly kind: "file"; readonly file: string };

/** Where the stream goes. file: MPEG-TS into a file, to look at without a network. */
export type TargetOption =
  | { readonly kind: "srt"; readonly host: string; readonly port: number }
  | { readonly kind: "file"; readonly file: string };

/** What the command line asks for. */
export interface AgentOptions {
  readonly camera: string;
  readonly source: SourceOption;
  readonly target: TargetOption;
  /** JSON with streamId and passphrase; secrets never come as arguments, which every user sees in `ps`. */
  readonly credentialsFile: string | undefined;
  readonly truthFile: string | undefined;
  /** Overrides of the scene's own size and rate. */
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  readonly fps: number | undefined;
  /** A smaller picture of the same, as a stream of its own; undefined: none. */
  readonly sub: { readonly widthPx: number; readonly heightPx: number } | undefined;
  readonly seed: number;
  readonly latencyMs: number;
  /** Scenes only: samples of simulated inertial sensors go into the stream. */
  readonly hasImu: boolean;
  /** Scenes only: a test tone instead of the scene's own sound. */
  readonly toneHz: number | undefined;
}

const DEFINITIONS = {
  camera: { type: "string" },
  source: { type: "string" },
  url: { type: "string" },
  credentials: { type: "string" },
  truth: { type: "string" },
  size: { type: "string" },
  fps: { type: "string" },
  sub: { type: "string" },
  seed: { type: "string", default: "1" },
  imu: { type: "boolean", default: false },
  tone: { type: "string" },
  "latency-ms": { type: "string", default: "120" }, // libsrt's own default
} as const;

/** Reads the arguments after the script's name. Throws: AGENT_OPTION_INVALID. */
export function parseAgentOptions(argv: readonly string[]): AgentOptions {
  const values = rawOptions(argv);
  const camera = required(values.camera, "--camera");
  if (!CameraId.safeParse(camera).success) {
    throw invalid(`Expected 1 to 31 characters of a-z, 0-9 and - for --camera but received "${camera}"`);
  }
  const target = parseTarget(required(values.url, "--url"));
  const credentialsFile = target.kind === "srt" ? required(values.credentials, "--credentials") : values.credentials;
  const source = parseSource(required(values.source, "--source"));
  if (source.kind === "file" && (values.imu || values.tone !== undefined)) {
    throw invalid(
      "Expected --imu and --tone only with a scene, which has no sensors of its own, but received them with a file",
    );
  }
  return {
    camera,
    source,
    target,
    credentialsFile,
    truthFile: values.truth,
    ...sizeOverride(values.size),
    sub: parseSub(values.sub, target),
    fps: values.fps === undefined ? undefined : integer("--fps", values.fps, 1, 60),
    seed: integer("--seed", values.seed, 0, 2 ** 31 - 1),
    latencyMs: integer("--latency-ms", values["latency-ms"], 20, 8000), // libsrt's useful range
    hasImu: values.imu,
    toneHz: values.tone === undefined ? undefined : integer("--tone", values.tone, 20, 20_000),
  };
}

function rawOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: DEFINITIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

function parseSource(text: string): SourceOption {
  if (!text.startsWith("scene:")) {
    return { kind: "file", file: text };
  }
  const scene = SCENE_NAMES.find((name) => `scene:${name}` === text);
  if (scene === undefined) {
    throw invalid(
      `Expected one of ${SCENE_NAMES.map((name) => `scene:${name}`).join(", ")} for --source but received "${text}"`,
    );
  }
  return { kind: "scene", scene };
}

function parseTarget(text: string): TargetOption {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "file:") {
    return { kind: "file", file: decodeURIComponent(url.pathname) };
  }
  if (url?.protocol !== "srt:" || url.hostname === "" || url.port === "") {
    throw invalid(`Expected srt://host:port (or file:///path.ts) for --url but received "${withoutQuery(text)}"`);
  }
  if (url.search !== "" || url.username !== "" || url.password !== "") {
    throw invalid(
      "Expected no query and no user in --url: stream id and passphrase belong into the file of --credentials",
    );
  }
  return { kind: "srt", host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) };
}

/** A mistyped URL may carry a passphrase in its query: it is not repeated. */
function withoutQuery(text: string): string {
  return text.replace(/\?.*$/s, "?…");
}

function sizeOverride(text: string | undefined): { widthPx: number | undefined; heightPx: number | undefined } {
  return text === undefined ? { widthPx: undefined, heightPx: undefined } : parseSize("--size", text);
}

function parseSub(text: string | undefined, target: TargetOption): AgentOptions["sub"] {
  if (text !== undefined && target.kind !== "srt") {
    throw invalid("Expected --sub only with a box to send to (srt://): a file holds one stream");
  }
  return text === undefined ? undefined : parseSize("--sub", text);
}

function parseSize(option: string, text: string): { widthPx: number; heightPx: number } {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(text);
  const [widthPx, heightPx] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || widthPx % 4 !== 0 || heightPx % 2 !== 0 || widthPx < 64 || heightPx < 36 || widthPx > 3840) {
    throw invalid(
      `Expected a size such as 640x360 (width a multiple of 4, height even) for ${option} but received "${text}"`,
    );
  }
  return { widthPx, heightPx };
}

function integer(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw invalid(`Expected a whole number from ${low} to ${high} for ${option} but received "${text}"`);
  }
  return value;
}

function required(value: string | undefined, option: string): string {
  if (value === undefined || value === "") {
    throw invalid(`The option ${option} is missing`);
  }
  return value;
}

function invalid(fault: string) {
  return agentErrors.make("AGENT_OPTION_INVALID", { fault });
}
