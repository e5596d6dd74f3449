/** The senders of a case: all cameras in one process. */
import { NATIVE, Program } from "./program.ts";

/** Where a camera calls and how it names itself. */
export type Target = { port: number; passphrase: string; streamId: string };

/** How all cameras of a case send: each packet by itself at even distances, or a frame's packets at once. */
export type Pace = "even" | "burst";

/** What they send. */
export type Sending = { file: string; mbpsEach: number; seconds: number; pace: Pace };

/** From where. command: what starts their program elsewhere, e.g. in another network namespace. */
export type Place = { host: string; latencyMs: number; command: readonly string[] };

/** What the senders did. pktNotTaken: tries that libsrt had no room for. lateMaxMs: how far behind its pace the process was. */
export type Sent = {
  streams: number;
  seconds: number;
  pktSent: number;
  pktNotTaken: number;
  pktSndLoss: number;
  pktSndDrop: number;
  pktRetrans: number;
  broken: number;
  lateMaxMs: number;
  /** When the first packet was due, CLOCK_MONOTONIC. */
  beginMonoMs: number;
};

/** Milliseconds that lost packets may take; the same for every receiver. */
export const LATENCY_MS = 120;

const HERE: Place = { host: "127.0.0.1", latencyMs: LATENCY_MS, command: [] };

/** Cameras that are connected and wait for begin(). Owner: finish() them. */
export class Cameras {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Connects all. Throws when one is not let in. */
  static async connect(targets: readonly Target[], sending: Sending, place: Place = HERE): Promise<Cameras> {
    const { file, mbpsEach: mbps, seconds, pace } = sending;
    const words = { host: place.host, ports: "shared", latency: place.latencyMs, mbps, file, seconds, pace };
    const [command = NATIVE, ...args] = [...place.command, NATIVE, "send"];
    const program = new Program(command, [
      ...args,
      ...Object.entries(words).map(([name, value]) => `${name}=${value}`),
    ]);
    for (const { port, passphrase, streamId } of targets) {
      program.tell(`${port} ${passphrase} ${streamId}`);
    }
    program.tell("");
    await program.line();
    return new Cameras(program);
  }

  get pid(): number {
    return this.#program.pid;
  }

  begin(): void {
    this.#program.tell("go");
  }

  /** Waits until all is sent; the connections stay. */
  async sent(): Promise<Sent> {
    return JSON.parse(await this.#program.line()) as Sent;
  }

  /** Ends the connections and the process. */
  async finish(): Promise<void> {
    await this.#program.finish();
  }
}
