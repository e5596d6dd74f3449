/**
 * Finding things in a large archive, and recording many streams against `ffmpeg -c copy`, in one run.
 * Usage: npm run bench -- archive [--json] [--docs] [--part queries|similarity|previews|write|reindex|forecast] [--events 1000000] [--rounds 40] [--streams 8,16]
 * [--seconds 10] [--mbps 4] [--archive <directory>]. --archive keeps the made archive there, or takes the one of the same --mbps that lies there.
 * --docs writes the tables of docs/design/archive.md: that of reindexing by its part alone, the others by a run of all parts.
 * --files 96: how many minutes of recording are indexed anew.
 */
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systemClock } from "@lanthorn/base";
import { makeTemporaryHome, startService } from "@lanthorn/testing";
import { databaseFileOf } from "../src/store/database.ts";
import { timeFirstBytes } from "./first-byte.ts";
import { measureForecast } from "./forecast.ts";
import { cameraIdOf, makeArchive, openMadeArchive } from "./made-archive.ts";
import { ensureMadeEmbeddings } from "./made-embeddings.ts";
import { timePreviews } from "./preview-times.ts";
import { askQueries } from "./queries.ts";
import { recordByArchive, recordByFfmpeg, registerCameras } from "./recording.ts";
import { timeReindex } from "./reindexing.ts";
import { asText, writeForecastTable, writeReindexTable, writeTables } from "./report.ts";
import { type BenchResult, budgetsOf, type WriteResult } from "./result.ts";
import { makeSegmentFile, makeStream } from "./segment-file.ts";
import { askSimilarity } from "./similarity.ts";

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    events: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "40" },
    streams: { type: "string", default: "8,16" },
    seconds: { type: "string", default: "10" },
    mbps: { type: "string", default: "4" },
    archive: { type: "string" },
    files: { type: "string", default: "96" },
    docs: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const settings = { rounds: Number(values.rounds), seconds: Number(values.seconds), streamMbps: Number(values.mbps) };
const machine = {
  cores: cpus().length,
  model: cpus()[0]?.model ?? "unknown",
  kernel: release(),
  loadAverageAtStart: loadavg()[0] ?? 0,
  date: new Date(systemClock.wallUs() / 1000).toISOString().slice(0, 10),
};
const say = (what: string) => process.stderr.write(`${what}\n`);

type Found = Pick<BenchResult, "archive" | "queries" | "similarity" | "firstByteMs" | "firstByteCachedMs">;

async function findings(): Promise<Found> {
  const home = makeTemporaryHome();
  try {
    const size = { events: Number(values.events), cameras: 16, days: 90 };
    if (values.archive !== undefined) {
      const kept = resolve(values.archive);
      mkdirSync(kept, { recursive: true });
      mkdirSync(join(home.root, "state"), { recursive: true });
      symlinkSync(kept, join(home.root, "state", "archive"));
    }
    const stateDir = home.stateDir("archive");
    say("a minute of recording");
    const file = await makeSegmentFile(home.root, settings.streamMbps);
    const isThere = existsSync(databaseFileOf(stateDir));
    say(isThere ? "the archive that is there" : `an archive of ${size.events} events`);
    const archive = isThere ? openMadeArchive(stateDir, size) : makeArchive(stateDir, size, file);
    say("embeddings");
    ensureMadeEmbeddings(stateDir);
    registerCameras(
      home,
      Array.from({ length: size.cameras }, (_, camera) => cameraIdOf(camera)),
    );
    await using _service = await startService("archive", home, { readyTimeoutMs: 60_000 });
    say("what looks alike");
    const alike = await askSimilarity({ runDir: home.runDir, stateDir, size }, settings.rounds);
    if (values.part === "similarity") {
      return { archive, ...alike };
    }
    say("questions");
    const queries = await askQueries(home.runDir, size, settings.rounds);
    say("random moments");
    const firstBytes = await timeFirstBytes({ runDir: home.runDir, stateDir, size, file }, settings.rounds);
    return {
      ...{ archive, queries: [...queries, ...alike.queries], similarity: alike.similarity },
      firstByteMs: firstBytes.cold,
      firstByteCachedMs: firstBytes.cached,
    };
  } finally {
    home.remove(); // of a kept archive only the link
  }
}

async function forecastFacts(): Promise<Pick<BenchResult, "forecast" | "forecastErrorPct">> {
  say("forecast");
  const { cameras, forecastErrorPct } = await measureForecast();
  return { forecast: cameras, forecastErrorPct };
}

async function recordings(): Promise<Pick<BenchResult, "write" | "peers">> {
  const home = makeTemporaryHome();
  try {
    const media = join(home.root, "stream.mp4");
    await makeStream(media, { seconds: 20, mbps: settings.streamMbps });
    const write: WriteResult[] = [];
    const ffmpegSegment: WriteResult[] = [];
    for (const streams of values.streams.split(",").map(Number)) {
      const recording = { streams, seconds: settings.seconds, media };
      say(`${streams} streams, archive`);
      write.push(await recordByArchive(recording));
      say(`${streams} streams, ffmpeg`);
      ffmpegSegment.push(await recordByFfmpeg(recording));
    }
    return { write, peers: { ffmpegSegment } };
  } finally {
    home.remove();
  }
}

async function reindexing(): Promise<Pick<BenchResult, "reindex" | "reindexMBps">> {
  say("an index from files");
  const reindex = await timeReindex(Number(values.files), settings.streamMbps);
  return { reindex, reindexMBps: reindex.cold.mbps };
}

async function previews(): Promise<Pick<BenchResult, "previewMs" | "previewsOf100Ms">> {
  say("previews");
  const { one, hundred } = await timePreviews(settings.rounds);
  return { previewMs: one, previewsOf100Ms: hundred };
}

const isAsked = (part: string) => values.part === undefined || values.part === part;
const found = isAsked("queries") || isAsked("similarity") ? await findings() : {};
const looked = isAsked("previews") ? await previews() : {};
const recorded = isAsked("write") ? await recordings() : {};
const indexed = isAsked("reindex") ? await reindexing() : {};
const budgets = budgetsOf(found.queries ?? []);
const forecast = isAsked("forecast") ? await forecastFacts() : {};
const result: BenchResult = { machine, settings, ...found, ...looked, ...recorded, ...forecast, ...indexed, budgets };
const document = fileURLToPath(new URL("../../../docs/design/archive.md", import.meta.url));
if (values.docs && values.part === undefined) {
  writeTables(result, document);
}
if (values.docs) {
  writeReindexTable(result, document);
  writeForecastTable(result, document);
}
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : asText(result));
