/**
 * Asks the other services how they are: ingest every second, the rest for bridge/health. Each answer is checked against its
 * schema; a service that does not answer gives undefined, never an exception.
 */
import {
  type Clock,
  isAborted,
  type Log,
  type Module,
  type Progress,
  requestJson,
  toLanthornError,
} from "@lanthorn/base";
import { type CameraLink, IngestStatus } from "@lanthorn/contract";
import type { z } from "zod";

/** How often ingest is asked, milliseconds. */
const PERIOD_MS = 1000;

/** Longest wait for an answer: below half the unit's WatchdogSec, so that a silent neighbour does not look like our hanging. */
const TIMEOUT_MS = 2000;

/** Cameras are told offline after ingest has been silent for this many questions in a row. */
const MISSES_ALLOWED = 3;

/** What the poll needs, and whom it tells. */
export interface StatusPollOptions {
  readonly runDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Links by camera; undefined once ingest has been silent too long. */
  readonly onLinks: (links: ReadonlyMap<string, CameraLink> | undefined) => void;
}

/** The module that watches ingest. Its progress is the service's watchdog. */
export class StatusPoll implements Module {
  readonly name = "status-poll";
  readonly #options: StatusPollOptions;
  #rounds = 0;
  #misses = 0;
  #ended: Promise<void> | undefined;
  /** Never idle: it asks whether or not there are cameras. */
  readonly progress: Progress = { count: () => this.#rounds, isIdle: () => false };

  constructor(options: StatusPollOptions) {
    this.#options = options;
  }

  /** Begins to ask in the background. */
  start(signal: AbortSignal): void {
    this.#ended = this.#run(signal);
  }

  /** Waits for the last question. */
  async stop(): Promise<void> {
    await this.#ended;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, onLinks, runDir } = this.#options;
    while (!signal.aborted) {
      const status = await askStatus(runDir, "ingest", IngestStatus, log);
      this.#rounds++;
      this.#misses = status === undefined ? this.#misses + 1 : 0;
      if (status !== undefined) {
        onLinks(new Map(status.cameras.map((link) => [link.id, link])));
      } else if (this.#misses >= MISSES_ALLOWED) {
        onLinks(undefined);
      }
      await clock.sleep(PERIOD_MS, signal).catch((error: unknown) => {
        if (!isAborted(error)) {
          throw error;
        }
      });
    }
  }
}

/** GET /status of a service, checked; undefined when it does not answer or answers something else. */
export async function askStatus<Schema extends z.ZodType>(
  runDir: string,
  service: string,
  schema: Schema,
  log: Log,
): Promise<z.output<Schema> | undefined> {
  try {
    const answer = await requestJson(runDir, service, { path: "/status", timeoutMs: TIMEOUT_MS });
    const checked = schema.safeParse(answer);
    if (checked.success) {
      return checked.data;
    }
    log.debug({ service, fault: checked.error.issues[0] }, "status does not fit the contract");
  } catch (error) {
    log.debug({ service, reason: toLanthornError(error).message }, "no status");
  }
  return undefined;
}
