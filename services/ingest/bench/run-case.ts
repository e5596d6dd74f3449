/** One run of one receiver with so many cameras. */
import { systemClock } from "@lanthorn/base";
import { Cameras, type Pace, type Sent } from "./cameras.ts";
import { openIngest } from "./receivers/ingest.ts";
import { openOneProcessEach } from "./receivers/one-process-each.ts";
import { openPlainLibsrt } from "./receivers/plain-libsrt.ts";
import type { Received, Receiver, ReceiverName } from "./receivers/receiver.ts";
import { makeTestStream } from "./test-stream.ts";
import { busySeconds, cpuSeconds, cpuSecondsByThread, memoryMiB, udpBufferDrops } from "./usage.ts";

/** What is run. seconds: how long is measured. */
export type Case = { receiver: ReceiverName; streams: number; mbpsEach: number; pace: Pace; seconds: number };

/** What came of it. */
export type Measured = {
  sent: Sent;
  received: Received;
  cpuCoresIngest: number;
  cpuCoresSenders: number;
  cpuCoresOthers: number;
  /** Packets that found a socket's buffer full, on the whole machine. */
  udpBufferDrops: number;
  threads: Record<string, number>;
  rssMiB: number;
  pssMiB: number;
};

/** Sent before anything is measured, seconds: programs look at a stream before they take it. */
const WARM_S = 2;

const OPEN: Record<ReceiverName, (streams: number) => Promise<Receiver>> = {
  ingest: openIngest,
  srtLiveTransmit: (streams) => openOneProcessEach("srtLiveTransmit", streams),
  ffmpeg: (streams) => openOneProcessEach("ffmpeg", streams),
  plainLibsrt: openPlainLibsrt,
};

/** Runs it. Throws when a program fails or a camera is not let in. */
export async function runCase({ receiver: name, streams, mbpsEach, pace, seconds }: Case): Promise<Measured> {
  const sendS = WARM_S + seconds;
  const file = await makeTestStream(mbpsEach, sendS);
  await using receiver = await OPEN[name](streams);
  const cameras = await Cameras.connect(receiver.targets, { file, mbpsEach, seconds: sendS, pace });
  const pids = receiver.pids();
  const dropsBefore = udpBufferDrops();
  cameras.begin();
  await systemClock.sleep(WARM_S * 1000);
  const before = usageNow(pids, cameras.pid);
  await systemClock.sleep(seconds * 1000);
  const after = usageNow(pids, cameras.pid);
  const memory = memoryMiB(pids);
  const sent = await cameras.sent();
  const received = await receiver.received(sent);
  await cameras.finish();
  const cores = (of: (usage: Usage) => number) => (of(after) - of(before)) / (after.monoS - before.monoS);
  const cpuCoresIngest = cores(({ receiver }) => receiver);
  const cpuCoresSenders = cores(({ senders }) => senders);
  const threads = [...after.threads.keys()].map((thread) => [thread, cores((usage) => usage.threads.get(thread) ?? 0)]);
  return {
    sent,
    received,
    cpuCoresIngest,
    cpuCoresSenders,
    cpuCoresOthers: Math.max(0, cores(({ machine }) => machine) - cpuCoresIngest - cpuCoresSenders),
    udpBufferDrops: udpBufferDrops() - dropsBefore,
    threads: Object.fromEntries(threads),
    ...memory,
  };
}

type Usage = { monoS: number; receiver: number; senders: number; machine: number; threads: Map<string, number> };

function usageNow(pids: readonly number[], sender: number): Usage {
  return {
    monoS: Number(systemClock.monoNs()) / 1e9,
    receiver: cpuSeconds(pids),
    senders: cpuSeconds([sender]),
    machine: busySeconds(),
    threads: cpuSecondsByThread(pids),
  };
}
