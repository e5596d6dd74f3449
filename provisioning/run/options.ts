/** The command line of `npm start`, read into a value. Pure. */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { runErrors } from "./error-codes.ts";

/** What `npm start -- --help` prints. */
export const HELP = `Usage: npm start -- [options]

Runs Lanthorn on this machine: every service as its own process, and simulated encrypted cameras.

  --home <dir>        where recordings, databases and keys live (default ~/.lanthorn); nothing else is written
  --camera <source>   a video file, srt://… or rtsp://…; repeatable; replaces the simulated cameras
  --mqtt <url>        use this broker (mqtt://user:password@host:1883) instead of the embedded one
  --web-port <n>      the page's TCP port (default 8420; 0 takes any free one)
  --srt-port <n>      the UDP port cameras call (default 9710; 0 takes any free one)
  --mqtt-port <n>     the embedded broker's TCP port (default 1883; 0 takes any free one)
  --host <address>    listen for page and cameras on this address (default 127.0.0.1: this machine only)
  --for <seconds>     run that long, then stop
  --json              with --for: print one summary object on stdout
  --verbose           show every line the services log
  --help              this text

Ctrl-C stops everything in reverse order.`;

/** A camera asked for on the command line. */
export interface CameraRequest {
  readonly id: string;
  readonly name: string;
  /** A scene of the simulator (scene:street), a file's path, or an srt:// or rtsp(s):// URL. */
  readonly source: string;
}

/** The command line as a value. */
export interface RunOptions {
  readonly help: boolean;
  readonly home: string;
  readonly isDefaultHome: boolean;
  readonly cameras: readonly CameraRequest[];
  readonly mqttUrl: string | undefined;
  readonly webPort: number;
  readonly srtPort: number;
  readonly mqttPort: number;
  readonly host: string;
  readonly forS: number | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** The cameras of a first try: a street, a stereo pair, a quiet yard. */
export const SIMULATED_CAMERAS: readonly CameraRequest[] = [
  { id: "street", name: "Street", source: "scene:street" },
  { id: "stereo", name: "Stereo", source: "scene:stereo" },
  { id: "quiet", name: "Quiet yard", source: "scene:quiet" },
];

/** Reads the arguments after `npm start --`. Throws: RUN_OPTION_INVALID naming the option and what it expects. */
export function parseOptions(argv: readonly string[], homeDirectory: string): RunOptions {
  const { values } = parse(argv);
  const defaultHome = `${homeDirectory}/.lanthorn`;
  return {
    help: values.help ?? false,
    home: values.home ?? defaultHome,
    isDefaultHome: values.home === undefined || values.home === defaultHome,
    cameras: values.camera === undefined ? SIMULATED_CAMERAS : values.camera.map(cameraRequest),
    mqttUrl: values.mqtt === undefined ? undefined : brokerUrl(values.mqtt),
    webPort: port("--web-port", values["web-port"], 8420),
    srtPort: port("--srt-port", values["srt-port"], 9710),
    mqttPort: port("--mqtt-port", values["mqtt-port"], 1883),
    host: values.host ?? "127.0.0.1",
    forS: values.for === undefined ? undefined : seconds(values.for),
    json: values.json ?? false,
    verbose: values.verbose ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        home: { type: "string" },
        camera: { type: "string", multiple: true },
        mqtt: { type: "string" },
        "web-port": { type: "string" },
        "srt-port": { type: "string" },
        "mqtt-port": { type: "string" },
        host: { type: "string" },
        for: { type: "string" },
        json: { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw runErrors.make("RUN_OPTION_INVALID", { reason: (error as Error).message.split(". ")[0] }, error);
  }
}

function port(option: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw runErrors.make("RUN_OPTION_INVALID", {
      reason: `Expected a port from 0 to 65535 for ${option} but received ${text}`,
    });
  }
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e7)) {
    throw runErrors.make("RUN_OPTION_INVALID", {
      reason: `Expected seconds greater than 0 for --for but received ${text}`,
    });
  }
  return value;
}

function brokerUrl(text: string): string {
  if (!URL.canParse(text) || !/^mqtts?:$/.test(new URL(text).protocol)) {
    // The text is not repeated: it may hold a password.
    throw runErrors.make("RUN_OPTION_INVALID", { reason: "Expected mqtt://[user:password@]host[:port] for --mqtt" });
  }
  return text;
}

function cameraRequest(source: string, index: number, all: readonly string[]): CameraRequest {
  const name = cameraName(source);
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 26) || "camera";
  const twins = all.filter((other) => cameraName(other) === name).length;
  return { id: twins > 1 ? `${slug}-${index + 1}` : slug, name, source };
}

function cameraName(source: string): string {
  if (/^(srt|rtsps?):\/\//.test(source)) {
    if (!URL.canParse(source) || new URL(source).hostname === "") {
      throw runErrors.make("RUN_OPTION_INVALID", { reason: "Expected scheme://host:port/… for --camera" });
    }
    return new URL(source).hostname;
  }
  return source.startsWith("scene:") ? source.slice(6) : basename(source).replace(/\.[^.]+$/, "");
}
