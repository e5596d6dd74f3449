/** A real RTSP server as a camera: GStreamer's, in a process of its own (rtsp_camera.py). */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeTestMedia } from "@lanthorn/testing";

/** Debian's Python, which has the bindings; another one on the path has not. */
const PYTHON = "/usr/bin/python3";
/** Longer than any test: the server plays the file once for each caller. */
const PLAY_S = 60;

/** How the camera is. */
export interface RtspCameraOptions {
  /** 0: any free one. */
  readonly port?: number;
  readonly video?: "h264" | "hevc";
  readonly audio?: "aac" | "opus";
  /** The only way it sends; default: whichever the caller asks for. */
  readonly transport?: "udp" | "tcp";
  /** Digest authentication. */
  readonly user?: string;
  readonly password?: string;
  /** PEM files: RTSPS only. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A running server. Owner: declare it with `await using`, or stop() it. */
export class RtspCamera {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  /** Transport headers of the streams that callers set up, oldest first. */
  readonly setups: string[] = [];
  port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("exit", () => resolve()));
  }

  /** Starts it and waits until it listens. */
  static async start(options: RtspCameraOptions = {}): Promise<RtspCamera> {
    const { port = 0, video = "h264", audio, transport, user, password, tls } = options;
    const media = { durationS: PLAY_S, container: "mp4", video, audio: audio ?? "none" } as const;
    const flags: Record<string, string | undefined> = {
      ...{ port: String(port), video, audio, transport, user, password },
      ...{ certificate: tls?.certificate, key: tls?.key },
    };
    const given = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
    const script = join(import.meta.dirname, "rtsp_camera.py");
    const child = spawn(PYTHON, [script, await makeTestMedia(media), ...given], { stdio: ["pipe", "pipe", "inherit"] });
    const camera = new RtspCamera(child);
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", () => reject(new Error("the RTSP server ended at its start; see its words above")));
      lines.on("line", (line) => {
        const said = JSON.parse(line) as { port?: number; setup?: string };
        if (said.port !== undefined) {
          camera.port = said.port;
          resolve();
        } else {
          camera.setups.push(said.setup ?? "");
        }
      });
    });
    return camera;
  }

  /** The stream's address. host: as the owner types it. path: small is the sub-stream. */
  url(scheme: "rtsp" | "rtsps" = "rtsp", host = "127.0.0.1", path: "main" | "small" = "main"): string {
    return `${scheme}://${host}:${this.port}/${path}`;
  }

  /** As when its power is cut: nothing is said to the caller. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Makes a self-signed certificate in a directory. */
export function makeCertificate(directory: string): { certificate: string; key: string } {
  const certificate = join(directory, "camera.pem");
  const key = join(directory, "camera-key.pem");
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const made = spawnSync("openssl", [...kind, "-subj", "/CN=camera", "-keyout", key, "-out", certificate]);
  assert.equal(made.status, 0, `openssl: ${made.stderr}`);
  return { certificate, key };
}
