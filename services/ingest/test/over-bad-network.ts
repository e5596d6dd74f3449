/** A camera behind a bad network, and what of its stream is in the ring. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TrafficLight } from "@lanthorn/contract";
import { ByteRingReader } from "@lanthorn/rings";
import { startService } from "@lanthorn/testing";
import { Cameras, type Sent } from "../bench/cameras.ts";
import { makeTestStream } from "../bench/test-stream.ts";
import { type BadNetwork, type Conditions, openBadNetwork } from "./bad-network.ts";
import { House, packetRing } from "./house.ts";

/** What is between camera and box, and for how long the camera sends. */
export interface Passage {
  readonly fromCamera: Conditions;
  /** Answers: requests for lost packets, acknowledgements. */
  readonly fromBox: Conditions;
  readonly latencyMs: number;
  readonly seconds: number;
}

/** What came. */
export interface Arrival {
  readonly network: BadNetwork["kind"];
  readonly sent: Sent;
  /** Packets that reached the demuxer, percent of those sent. */
  readonly deliveredPercent: number;
  readonly pktRcvLoss: number;
  readonly pktRcvRetrans: number;
  readonly pktRcvDrop: number;
  /** Requests for missing packets. */
  readonly pktSentNAK: number;
  readonly light: TrafficLight;
  readonly msRTT: number;
  /** Frames and sound packets in the ring: their decoding time and when their last byte was there, ms since sending began. */
  readonly arrivedMs: ReadonlyMap<string, number>;
}

/** Mbit/s of the camera: 238 packets a second. */
const MBPS = 2.5;

/** Both services, and a wire from a camera to them. Owner: both. */
export async function openBehind(latencyMs: number): Promise<{ house: House; network: BadNetwork }> {
  const house = new House();
  house.services.push(await startService("cameras", house.home));
  const settings = ["srt.port=0", "srt.host=0.0.0.0", `srt.latencyMs=${latencyMs}`];
  const words = settings.flatMap((setting) => ["--set", setting]);
  house.services.push(await startService("ingest", house.home, { arguments: words }));
  house.srtPort = (await house.status()).srtPort;
  return { house, network: await openBadNetwork(house.srtPort) };
}

/** Sends a stream through the network and reads the ring meanwhile. */
export async function send({ fromCamera, fromBox, latencyMs, seconds }: Passage): Promise<Arrival> {
  const { house, network } = await openBehind(latencyMs);
  await using ends = new AsyncDisposableStack();
  ends.use(house);
  ends.defer(async () => await network.remove());
  await network.conditions(fromCamera, fromBox);
  const { passphrase, streamId } = await house.register("porch");
  const reader = ByteRingReader.open(packetRing(house.home, "porch"));
  const sending = { file: await makeTestStream(MBPS, seconds), mbpsEach: MBPS, seconds, pace: "even" } as const;
  const { command, host, port } = network;
  const cameras = await Cameras.connect([{ port, passphrase, streamId }], sending, { host, latencyMs, command });
  cameras.begin();
  let sent: Sent | undefined;
  const done = cameras.sent().then((result) => {
    sent = result;
  });
  const arrived = new Map<string, bigint>();
  while (sent === undefined) {
    takeAll(reader, arrived);
    await sleep(50);
  }
  await done;
  await sleep(latencyMs + 2500); // the last packets, and two samples of the statistics
  takeAll(reader, arrived);
  reader.close();
  const link = await house.link("porch");
  await cameras.finish();
  const { beginMonoMs, pktSent, broken } = sent as Sent;
  assert.ok(link !== undefined && arrived.size > 0 && broken === 0, `nothing came: ${JSON.stringify({ link, sent })}`);
  const { light, pktRcvLoss, pktRcvRetrans, pktRcvDrop, pktSentNAK, msRTT } = link;
  return {
    ...{ network: network.kind, sent, light, pktRcvLoss, pktRcvRetrans, pktRcvDrop, pktSentNAK, msRTT },
    deliveredPercent: (100 * (pktSent - pktRcvDrop)) / pktSent,
    arrivedMs: new Map([...arrived].map(([key, monoNs]) => [key, Number(monoNs) / 1e6 - beginMonoMs])),
  };
}

function takeAll(reader: ByteRingReader, arrived: Map<string, bigint>): void {
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    const { streamIndex, dts90k, arrivalMonoNs } = record.meta;
    arrived.set(`${streamIndex}:${dts90k}`, arrivalMonoNs);
  }
}

/** How much later the same frames came than over a good network, milliseconds: the middle, and 99 of 100. */
export function addedMs(arrival: Arrival, good: Arrival): { p50: number; p99: number } {
  const differences = [...arrival.arrivedMs]
    .flatMap(([key, ms]) => {
      const before = good.arrivedMs.get(key);
      return before === undefined ? [] : [ms - before];
    })
    .toSorted((a, b) => a - b);
  assert.ok(differences.length > 0, "the two runs have no frame in common");
  const at = (part: number) => Math.round(differences[Math.floor((differences.length - 1) * part)] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99) };
}
