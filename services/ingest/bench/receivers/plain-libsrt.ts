/** The plain libsrt loop (native/srt/bench/programs/receive_plainly.cpp): counts and throws away. */
import { systemClock } from "@lanthorn/base";
import { LATENCY_MS } from "../cameras.ts";
import { NATIVE, Program } from "../program.ts";
import type { Received, Receiver } from "./receiver.ts";

const PASSPHRASE = "bench-bench-bench-bench";

/** One process, a blocking thread a stream. */
export async function openPlainLibsrt(streams: number): Promise<Receiver> {
  const program = new Program(NATIVE, ["plain", `latency=${LATENCY_MS}`, `passphrase=${PASSPHRASE}`]);
  const port = Number((await program.line()).split(" ")[1]);
  return {
    targets: Array.from({ length: streams }, () => ({ port, passphrase: PASSPHRASE, streamId: "" })),
    pids: () => [program.pid],
    received: async (): Promise<Received> => {
      await systemClock.sleep(2 * LATENCY_MS);
      program.tell("count");
      return { ...(JSON.parse(await program.line()) as Omit<Received, "continuityErrors">), continuityErrors: null };
    },
    [Symbol.asyncDispose]: async () => await program.stop(),
  };
}
