import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@lanthorn/base";
import type { TrafficLight } from "@lanthorn/contract";
import { ByteRingReader } from "@lanthorn/rings";
import { makeTestMedia, REPOSITORY_ROOT, waitUntil } from "@lanthorn/testing";
import type { Conditions } from "./bad-network.ts";
import { packetRing } from "./house.ts";
import { type Arrival, addedMs, openBehind, send } from "./over-bad-network.ts";

const SECONDS = 20;
const LATENCY_MS = 120;
/** What must come, percent of packets sent. */
const WHOLE = 99.9;

let good: Promise<Arrival> | undefined;
const overGoodNetwork = () => {
  good ??= send({ fromCamera: { delayMs: 0 }, fromBox: { delayMs: 0 }, latencyMs: LATENCY_MS, seconds: SECONDS });
  return good;
};

type Passing = {
  fromCamera: Conditions;
  fromBox?: Conditions;
  latencyMs?: number;
  least: number;
  /** Where it must be this; nothing is lost where packets only overtake each other. */
  light?: TrafficLight;
};

const CASES: Passing[] = [
  { fromCamera: { delayMs: 0 }, least: 100 },
  { fromCamera: { delayMs: 20 }, least: 100 },
  { fromCamera: { delayMs: 100 }, least: 100 },
  { fromCamera: { delayMs: 20, lossPercent: 0.1 }, least: WHOLE },
  { fromCamera: { delayMs: 20, lossPercent: 1 }, least: WHOLE },
  { fromCamera: { delayMs: 20, lossPercent: 5 }, fromBox: { delayMs: 20, lossPercent: 5 }, least: 99 },
  {
    fromCamera: { delayMs: 20, lossPercent: 5 },
    fromBox: { delayMs: 20, lossPercent: 5 },
    latencyMs: 400,
    least: WHOLE,
  },
  // A round trip of 200 ms does not fit into 120: what is lost stays lost, and no more than that.
  { fromCamera: { delayMs: 100, lossPercent: 1 }, least: 98 },
  { fromCamera: { delayMs: 100, lossPercent: 1 }, latencyMs: 800, least: WHOLE },
  { fromCamera: { delayMs: 20, jitterMs: 15 }, least: WHOLE, light: "green" },
  { fromCamera: { delayMs: 20, reorderPercent: 25 }, least: WHOLE, light: "green" },
];

/** In words, for the test's name and the table. */
function wordsOf({ delayMs, jitterMs, lossPercent, reorderPercent }: Conditions): string {
  const jitter = jitterMs === undefined ? "" : ` ± ${jitterMs}`;
  const loss = lossPercent === undefined ? "" : `, ${lossPercent} % lost`;
  return `${delayMs}${jitter} ms each way${loss}${reorderPercent === undefined ? "" : `, ${reorderPercent} % at once`}`;
}

for (const { fromCamera, fromBox = { delayMs: fromCamera.delayMs }, least, latencyMs = LATENCY_MS, light } of CASES) {
  test(`at ${latencyMs} ms latency, at least ${least} % come over: ${wordsOf(fromCamera)}`, async (t) => {
    const arrival = await send({ fromCamera, fromBox, latencyMs, seconds: SECONDS });
    const { deliveredPercent, msRTT, pktRcvDrop, pktRcvLoss, pktRcvRetrans, pktSentNAK, sent } = arrival;
    const { p50, p99 } = addedMs(arrival, await overGoodNetwork());
    const figures = [latencyMs, msRTT.toFixed(0), sent.pktSent, pktRcvLoss, pktSentNAK, pktRcvRetrans, pktRcvDrop];
    const came = [`${deliveredPercent.toFixed(3)} %`, `${p50} / ${p99}`, arrival.light];
    t.diagnostic(`| ${[wordsOf(fromCamera), ...figures, ...came].join(" | ")} |`);
    assert.ok(deliveredPercent >= least, `${deliveredPercent} %`);
    assert.equal(arrival.light, light ?? arrival.light);
    assert.equal(
      fromCamera.lossPercent !== undefined && pktRcvLoss === 0,
      false,
      "the network lost nothing: nothing was tested",
    );
  });
}

/** Times that the network is cut. */
const CUTS = 6;
const CUT_MS = 3000;
/** The issue's own: the stream is back within 5 s, in 95 of 100. */
const BACK_MS = 5000;

test(`after each of ${CUTS} cuts of 3 s the camera's stream is back within 5 s`, async (t) => {
  const { house, network } = await openBehind(LATENCY_MS);
  await using ends = new AsyncDisposableStack();
  ends.use(house);
  ends.defer(async () => await network.remove());
  const [open, cut] = [{ delayMs: 20 }, { delayMs: 20, lossPercent: 100 }];
  await network.conditions(open, open);
  const credentials = join(house.home.runDir, "porch.json");
  writeFileSync(credentials, JSON.stringify(await house.register("porch")));
  const file = await makeTestMedia({ durationS: 10, fps: 25, gopFrames: 25, audio: "aac" });
  const options = ["--camera", "porch", "--source", file, "--credentials", credentials];
  const [command = "", ...words] = [
    ...network.command,
    process.execPath,
    join(REPOSITORY_ROOT, "services/camera-agent/main.ts"),
  ];
  const agent = spawn(command, [...words, ...options, "--url", `srt://${network.host}:${network.port}`], {
    stdio: "ignore",
  });
  const ended = once(agent, "exit");
  try {
    await house.linkWhen("porch", "streams", ({ packets }) => packets > 50);
    const reader = ByteRingReader.open(packetRing(house.home, "porch"));
    const backMs: number[] = [];
    for (let i = 0; i < CUTS; i += 1) {
      await network.conditions(cut, cut);
      await sleep(CUT_MS);
      await network.conditions(open, open);
      const endNs = systemClock.monoNs();
      reader.seek("end");
      const first = await waitUntil("frames come again", () => nextVideo(reader, endNs), 30_000);
      backMs.push(Math.round(Number(first - endNs) / 1e6));
      await sleep(4000);
    }
    reader.close();
    const link = await house.link("porch");
    t.diagnostic(
      `cuts of 3 s: back after ${backMs.toSorted((a, b) => a - b).join(", ")} ms; connections after the first: ${link?.reconnects}`,
    );
    assert.ok(Math.max(...backMs) <= BACK_MS, `${backMs} ms`);
  } finally {
    agent.kill("SIGTERM");
    await ended;
  }
});

/** When the first record arrived whose bytes came after a moment. */
function nextVideo(reader: ByteRingReader, afterNs: bigint): bigint | undefined {
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.meta.arrivalMonoNs > afterNs) {
      return record.meta.arrivalMonoNs;
    }
  }
  return undefined;
}
