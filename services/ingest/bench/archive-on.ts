/** "With archive on: the same, written to disk": ingest and the archive service as they run on a box, from camera to file. */
import { readFileSync } from "node:fs";
import { requestJson, systemClock } from "@lanthorn/base";
import { ArchiveStatus } from "@lanthorn/contract";
import { startService, waitUntil } from "@lanthorn/testing";
import { Cameras } from "./cameras.ts";
import { openIngestHouse } from "./receivers/ingest.ts";
import type { ArchiveOnResult } from "./result.ts";
import { makeTestStream } from "./test-stream.ts";
import { busySeconds, cpuSeconds, memoryMiB, udpBufferDrops } from "./usage.ts";

/** What is run. seconds: how long is measured. */
export type ArchiveOnCase = { streams: number; mbpsEach: number; seconds: number };

/** Sent before anything is measured, seconds: until every recorder has opened its file and runs evenly. */
const WARM_S = 4;
const BITS_OF_MESSAGE = 1316 * 8;

/** Runs it. Throws when a service does not start or a camera is not let in. */
export async function runArchiveOn({ streams, mbpsEach, seconds }: ArchiveOnCase): Promise<ArchiveOnResult> {
  const sendS = WARM_S + seconds;
  const file = await makeTestStream(mbpsEach, sendS);
  await using ends = new AsyncDisposableStack();
  const { house, receiver } = await openIngestHouse(streams);
  ends.use(receiver);
  const archive = await startService("archive", house.home);
  house.services.unshift(archive); // stopped with the others, after those that write what it reads
  const status = async () => ArchiveStatus.parse(await requestJson(house.home.runDir, "archive", { path: "/status" }));
  await waitUntil("the archive knows all cameras", async () => (await status()).cameras.length === streams);
  const cameras = await Cameras.connect(receiver.targets, { file, mbpsEach, seconds: sendS, pace: "even" });
  ends.defer(async () => await cameras.finish());

  const look = async () => {
    const rows = (await status()).cameras;
    const [ingestS, archiveS, sendersS] = [receiver.pids(), [archive.pid], [cameras.pid]].map((pids) =>
      cpuSeconds(pids),
    );
    return {
      ...{ monoS: Number(systemClock.monoNs()) / 1e9, busyS: busySeconds(), writtenBytes: writtenBytes(archive.pid) },
      ...{ ingestS: ingestS ?? 0, archiveS: archiveS ?? 0, sendersS: sendersS ?? 0 },
      gapS: rows.reduce((sum, row) => sum + row.gapS, 0),
      recordedS: rows.reduce((sum, row) => sum + row.recordedS, 0),
    };
  };
  const dropsBefore = udpBufferDrops();
  cameras.begin();
  await systemClock.sleep(WARM_S * 1000);
  const before = await look();
  await systemClock.sleep(seconds * 1000);
  const after = await look();
  const memory = memoryMiB([...receiver.pids(), archive.pid]);
  const sent = await cameras.sent();
  const received = await receiver.received(sent);
  const passedS = after.monoS - before.monoS;
  const per = (of: "busyS" | "ingestS" | "archiveS" | "sendersS" | "writtenBytes" | "recordedS") =>
    rounded((after[of] - before[of]) / passedS);
  const [cpuCoresIngest, cpuCoresArchive, cpuCoresSenders] = [per("ingestS"), per("archiveS"), per("sendersS")];
  const mbps = (packets: number) => rounded((packets * BITS_OF_MESSAGE) / sent.seconds / 1e6);
  return {
    ...{ streams, mbpsEach, seconds },
    ...{ offeredMbps: mbps(sent.pktSent), receivedMbps: mbps(received.pktReceived) },
    ...{ pktLost: received.pktLost, pktDropped: received.pktDropped, udpBufferDrops: udpBufferDrops() - dropsBefore },
    ...{ cpuCoresIngest, cpuCoresArchive, cpuCoresSenders },
    cpuCoresOthers: rounded(Math.max(0, per("busyS") - cpuCoresIngest - cpuCoresArchive - cpuCoresSenders)),
    ...{ writtenMBps: rounded(per("writtenBytes") / 1e6), recordedSPerS: per("recordedS") },
    gapS: rounded(after.gapS - before.gapS),
    rssMiB: rounded(memory.rssMiB),
  };
}

/** Bytes that a process caused to be written to a disk: pages it made dirty. 0 for ever on a file system in memory. */
function writtenBytes(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** Four significant digits: more, such measurements cannot carry. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
