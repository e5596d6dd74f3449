/** Calls the box over encrypted SRT, for ever: a camera has nothing better to do. */
import { lookup } from "node:dns/promises";
import { type Clock, elapsedMs, type Log, retry } from "@lanthorn/base";
import { SrtSender } from "@lanthorn/srt";
import type { CameraCredentials } from "../credentials.ts";
import { agentErrors } from "../error-codes.ts";
import { KeyGroup } from "./key-group.ts";
import type { StreamOutput } from "./source.ts";
import { TsPackets } from "./ts-packets.ts";

/** How often the connection is looked at, milliseconds. */
const LOOK_MS = 50;

/**
 * Without an acknowledgement for this long, although packets go out, the box is gone: a killed process or a power cut.
 * libsrt acknowledges every 10 ms and itself gives up only after five seconds, which would be five seconds of footage.
 */
const SILENT_BOX_MS = 700;

/** Waits between calls, milliseconds: soon after a short interruption, and no storm when the box is away. */
const BACK_OFF = { firstDelayMs: 200, maxDelayMs: 5000 };

/** How often the log says how it goes, milliseconds. */
const REPORT_EVERY_MS = 60_000;

/** What an SRT output needs. */
export interface SrtOutputOptions {
  readonly host: string;
  readonly port: number;
  readonly latencyMs: number;
  /** Read anew for every call: a re-keyed camera needs no restart. */
  readonly credentials: () => CameraCredentials;
  readonly clock: Clock;
  readonly log: Log;
}

/** The way to the box. */
export class SrtOutput implements StreamOutput {
  readonly #options: SrtOutputOptions;
  readonly #packets = new TsPackets();
  readonly #group = new KeyGroup();
  readonly #firstConnection = Promise.withResolvers<void>();
  #sender: SrtSender | undefined;
  #droppedBytes = 0;

  constructor(options: SrtOutputOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<never> {
    const { clock, log, host, port } = this.#options;
    for (;;) {
      const sender = await retry(clock, signal, () => this.#call(signal), {
        ...BACK_OFF,
        onFailure: (error, attempt, nextDelayMs) => {
          log.warn({ attempt, nextDelayMs, reason: (error as Error).message }, "the box did not take the call");
        },
      });
      log.info({ box: `${host}:${port}`, keyBits: (sender.statistics()?.pbkeylen ?? 0) * 8 }, "connected");
      sender.send(this.#group.resume()); // a picture at once, not after the next key frame
      this.#sender = sender;
      this.#firstConnection.resolve();
      try {
        await this.#stayConnected(sender, signal);
      } finally {
        this.#sender = undefined;
        sender.close();
      }
    }
  }

  ready(): Promise<void> {
    return this.#firstConnection.promise;
  }

  begin(): void {
    this.#packets.reset();
    this.#group.reset();
  }

  deliver(bytes: Buffer): void {
    const packets = this.#packets.push(bytes);
    this.#group.push(packets);
    this.#droppedBytes += packets.length - (this.#sender?.send(packets) ?? 0);
  }

  /** One call. Throws: SEND_REFUSED, or what reading the credentials throws. */
  async #call(signal: AbortSignal): Promise<SrtSender> {
    const { host, port, latencyMs, credentials, clock } = this.#options;
    const { address } = await lookup(host).catch((error: Error) => {
      throw agentErrors.make("SEND_REFUSED", { box: `${host}:${port}`, reason: error.message }, error);
    });
    const sender = SrtSender.connect({ host: address, port, latencyMs, ...credentials() });
    try {
      for (;;) {
        const { kind, reason } = sender.state();
        if (kind === "connected") {
          return sender;
        }
        if (kind === "closed") {
          throw agentErrors.make("SEND_REFUSED", { box: `${host}:${port}`, reason });
        }
        await clock.sleep(LOOK_MS / 5, signal);
      }
    } catch (error) {
      sender.close();
      throw error;
    }
  }

  async #stayConnected(sender: SrtSender, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let sinceReportMs = 0;
    let answered = { acks: 0, sent: 0, monoNs: clock.monoNs() };
    for (let state = sender.state(); state.kind === "connected"; state = sender.state()) {
      await clock.sleep(LOOK_MS, signal);
      const { pktRecvACKTotal: acks = 0, pktSentTotal: sent = 0 } = sender.statistics() ?? {};
      if (acks !== answered.acks || sent === answered.sent) {
        answered = { acks, sent, monoNs: clock.monoNs() };
      } else if (elapsedMs(answered.monoNs, clock.monoNs()) > SILENT_BOX_MS) {
        log.warn({ silentMs: SILENT_BOX_MS, droppedBytes: this.#droppedBytes }, "the box is silent; calling again");
        return;
      }
      sinceReportMs += LOOK_MS;
      if (sinceReportMs >= REPORT_EVERY_MS) {
        sinceReportMs = 0;
        log.info({ ...sender.statistics(), droppedBytes: this.#droppedBytes }, "sending");
      }
    }
    log.warn({ reason: sender.state().reason, droppedBytes: this.#droppedBytes }, "the connection ended");
  }
}
