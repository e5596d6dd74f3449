/** Real SRT peers for the tests: Debian's ffmpeg, whose libsrt runs in another process. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that runs, and what it said when it ended. */
export interface Peer {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string }>;
  stop(): Promise<void>;
}

function start(command: string, parameters: readonly string[]): Peer {
  const child = spawn(command, parameters, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code, output }));
  });
  return {
    process: child,
    ended,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** How a simulated camera sends. */
export interface FfmpegCamera {
  readonly url: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

/** ffmpeg as a camera: a moving test picture in H.264 in MPEG-TS, at its own rate. As an option the stream id is `srt_streamid`: `-streamid` is ffmpeg's own. */
export function ffmpegCamera({ url, options = {}, seconds = 30 }: FfmpegCamera): Peer {
  const source = ["-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25", "-t", String(seconds)];
  const encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-b:v", "300k"];
  const output = Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
  return start("ffmpeg", ["-v", "error", "-nostdin", ...source, ...encode, "-f", "mpegts", ...output, url]);
}

/** Waits until the condition holds. Throws after ten seconds, so that a test fails instead of hanging. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (condition()) {
      return;
    }
    await sleep(20);
  }
  throw new Error(`gave up waiting until ${what}`);
}
