/** Lanthorn: services/ingest as it runs on a box, with services/cameras beside it, demuxers and packet rings. */
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { House, type Issued } from "../../test/house.ts";
import type { Target } from "../cameras.ts";
import type { Received, Receiver } from "./receiver.ts";

/** Status is sampled each second. */
const STATUS_MS = 1100;

/** The service with so many registered cameras. */
export async function openIngest(streams: number): Promise<Receiver> {
  return (await openIngestHouse(streams)).receiver;
}

/** The same with the house, for those who start more services in it; the receiver ends the house too. */
export async function openIngestHouse(streams: number): Promise<{ house: House; receiver: Receiver }> {
  const house = await new House().open();
  const targets: Target[] = [];
  for (let i = 0; i < streams; i += 1) {
    const json = { id: `bench-${i}`, name: `bench-${i}`, source: { kind: "srt-listener" } };
    const issued = await house.ask<Issued>("cameras", { method: "POST", path: "/cameras", json });
    targets.push({ port: house.srtPort, passphrase: issued.passphrase, streamId: issued.streamId });
  }
  await waitUntil("ingest knows all cameras", async () => (await house.status()).cameras.length === streams);
  await systemClock.sleep(STATUS_MS); // rings are made, keys are in the access table
  const pid = house.services.at(-1)?.pid ?? -1;
  const receiver: Receiver = {
    targets,
    pids: () => [pid],
    received: async (): Promise<Received> => {
      await systemClock.sleep(2 * STATUS_MS);
      const { cameras } = await house.status();
      const sum = (of: (camera: (typeof cameras)[number]) => number) => cameras.reduce((all, one) => all + of(one), 0);
      return {
        pktReceived: sum(({ pktRecvUnique }) => pktRecvUnique),
        pktLost: sum(({ pktRcvLoss }) => pktRcvLoss),
        pktDropped: sum(({ pktRcvDrop, pktRcvUndecrypt }) => pktRcvDrop + pktRcvUndecrypt),
        continuityErrors: sum(({ continuityErrors }) => continuityErrors),
      };
    },
    [Symbol.asyncDispose]: async () => await house[Symbol.asyncDispose](),
  };
  return { house, receiver };
}
