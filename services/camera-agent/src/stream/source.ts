/** What delivers a camera's stream, and what takes it. */

/** A source of MPEG-TS bytes. */
export interface StreamSource {
  /** Runs until the signal is aborted (ABORTED) or the source fails; delivers bytes as they are made. */
  run(signal: AbortSignal, deliver: (bytes: Buffer) => void): Promise<never>;
}

/** What takes a camera's stream. */
export interface StreamOutput {
  /** Keeps the way open until the signal is aborted (ABORTED), whatever happens to it. */
  run(signal: AbortSignal): Promise<never>;
  /** Resolves when bytes can go out for the first time. */
  ready(): Promise<void>;
  /** The next byte begins a new stream. */
  begin(): void;
  /** Takes bytes; while the way is closed they are dropped and counted: a live picture is of no use later. */
  deliver(bytes: Buffer): void;
}
