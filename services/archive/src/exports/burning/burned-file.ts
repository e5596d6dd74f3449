/**
 * Makes a file with date, time and camera in every picture: parts are encoded one by one into the work folder, then put together. Where footage
 * is missing, the last picture stands darkened for three seconds and says what is missing and why.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { archiveErrors } from "../../error-codes.ts";
import { openByteSource } from "../../recording/durable-file.ts";
import { causesOf } from "../footage/footage-plan.ts";
import { wallTimeIn } from "../footage/wall-clock.ts";
import { lengthInWords } from "../local-time.ts";
import { layOut } from "../progressive/progressive-layout.ts";
import { SampleTable, type TrackTable } from "../progressive/track-table.ts";
import { layoutBytes } from "../worker/copy-ranges.ts";
import type { FileTask } from "../worker/job-context.ts";
import { type CardTime, type ChosenFootage, soundTracks, writeTracks } from "../worker/original-file.ts";
import type { FileDigest } from "../worker/part-file.ts";
import { STEP_WEIGHTS } from "../worker/progress-meter.ts";
import { videoTrack } from "../worker/tracks-of-footage.ts";
import { type BurnPart, CARD_S, type FootageBreak, pauseTicksAfter, planParts } from "./burn-plan.ts";
import { ENCODED_TIMESCALE, encodePart } from "./encode-part.ts";
import type { Overlay, OverlayLine } from "./overlay-script.ts";
import { readEncoded } from "./read-encoded.ts";

/** Writes the file. Parts that an earlier attempt finished are taken as they are. */
export async function writeBurned(task: FileTask, chosen: ChosenFootage): Promise<FileDigest> {
  const recorded = videoTrack(chosen.footage, chosen.initBytes, chosen.shown, task.camera.id);
  const parts = planParts(
    chosen.footage.tables.get(chosen.footage.init.primary.id) as SampleTable,
    recorded.timescale,
    chosen.shown,
    chosen.segments,
  );
  const names = await encodeParts(task, chosen, recorded, parts);
  const extras = [...names];
  const video = await joinParts(task, chosen, recorded, { parts, names });
  const cards = cardsOf(parts, recorded.timescale);
  const sound = await soundTracks(task, chosen, extras, cards);
  const { footage, startWallUs } = chosen;
  return await writeTracks(task, [video, ...sound], { footage, extras, startWallUs });
}

function cardsOf(parts: readonly BurnPart[], timescale: number): CardTime[] {
  return parts.flatMap(({ breakAfter }, index) =>
    breakAfter === undefined
      ? []
      : [{ beforeSource: breakAfter.afterSource, lengthS: pauseTicksAfter(parts, index, timescale) / timescale }],
  );
}

async function encodeParts(
  task: FileTask,
  chosen: ChosenFootage,
  recorded: TrackTable,
  parts: readonly BurnPart[],
): Promise<string[]> {
  const { context } = task;
  const names: string[] = [];
  for (const [index, part] of parts.entries()) {
    const name = `${chosen.making.slice(0, 16)}-part-${index}.mp4`;
    names.push(name);
    const input = inputOf(chosen, recorded, part);
    const work = input.samples.totalBytes() * STEP_WEIGHTS.burn;
    if ((await stat(join(context.workDir, name)).catch(() => undefined)) === undefined) {
      await encodeOne(task, chosen, { part, name, input, work });
    } else {
      context.meter.done(work);
    }
    context.durable();
  }
  return names;
}

/** The samples of a part as a track of their own, whose decode times begin at 0. */
function inputOf(chosen: ChosenFootage, recorded: TrackTable, part: BurnPart): TrackTable {
  const first = part.firstSample - chosen.shown.firstSample;
  const startTicks = recorded.samples.dtsAt(first);
  const samples = recorded.samples.slice(first, part.endSample - chosen.shown.firstSample, (row) => ({
    ...row,
    dtsTicks: row.dtsTicks - startTicks,
  }));
  const last = samples.row(samples.count - 1);
  return { ...recorded, samples, shown: { fromTicks: 0, durationTicks: last.dtsTicks + last.durationTicks } };
}

interface OnePart {
  readonly part: BurnPart;
  readonly name: string;
  readonly input: TrackTable;
  readonly work: number;
}

async function encodeOne(task: FileTask, chosen: ChosenFootage, { part, name, input, work }: OnePart): Promise<void> {
  const { context, open } = task;
  const { timescale } = input;
  const startTicks = chosen.footage.tables.get(chosen.footage.init.primary.id)?.dtsAt(part.firstSample) ?? 0;
  const layout = layOut([input], 0);
  let fed = 0;
  const feeding = async function* () {
    const sources = layoutBytes(layout, (source) => open(chosen.segments[source] as ChosenFootage["segments"][number]));
    for await (const bytes of sources) {
      const share = Math.min(work - fed, (work * bytes.length) / Math.max(1, layout.bytes));
      fed += share;
      context.meter.done(share);
      yield bytes;
    }
  };
  await encodePart({
    workDir: context.workDir,
    name,
    input: feeding(),
    fromTicks: part.fromTicks - startTicks,
    toTicks: part.toTicks - startTicks,
    overlay: overlayOf(task, chosen, part, { startTicks, timescale }),
    cardS: part.breakAfter === undefined ? 0 : CARD_S,
    askRoom: context.askRoom,
    expectedBytes: layout.bytes,
    progress: () => {},
  });
  context.meter.done(work - fed);
}

function overlayOf(
  { context, camera }: FileTask,
  chosen: ChosenFootage,
  part: BurnPart,
  { startTicks, timescale }: { startTicks: number; timescale: number },
): Overlay {
  const { footage, segments } = chosen;
  const table = footage.tables.get(footage.init.primary.id) as SampleTable;
  const seconds = (ticks: number) => (ticks - startTicks) / timescale;
  const pictures: { ticks: number; wallUs: number }[] = [];
  for (let index = part.firstSample; index < part.endSample; index++) {
    const { source } = table.row(index);
    const ticks = table.ptsAt(index);
    const segment = segments[source];
    if (segment !== undefined && ticks >= part.fromTicks && ticks < part.toTicks) {
      pictures.push({ ticks, wallUs: wallTimeIn(segment, footage.shifts90k[source] ?? 0, ticks, timescale) });
    }
  }
  pictures.sort((a, b) => a.ticks - b.ticks);
  const times: { fromS: number; toS: number; text: string }[] = [];
  for (const [index, { ticks, wallUs }] of pictures.entries()) {
    const text = context.localTime.precise(wallUs);
    const last = times.at(-1);
    const toS = seconds(pictures[index + 1]?.ticks ?? part.toTicks);
    if (last !== undefined && last.text === text) {
      last.toS = toS;
    } else {
      times.push({ fromS: seconds(ticks), toS, text });
    }
  }
  const size = sizeOf(chosen);
  const card = part.breakAfter && {
    fromS: seconds(part.toTicks),
    toS: seconds(part.toTicks) + CARD_S + 1,
    lines: cardLines(context, chosen, part.breakAfter),
  };
  return { ...size, cameraName: camera.name, times: times satisfies OverlayLine[], card };
}

/** Width and height as the sample entry says: 16 bits each, 24 bytes into it. ISO/IEC 14496-12 §12.1.3 */
function sizeOf({ initBytes, footage }: ChosenFootage): { widthPx: number; heightPx: number } {
  const at = initBytes.indexOf(footage.init.primary.format, 0, "latin1") + 4;
  return { widthPx: initBytes.readUInt16BE(at + 24), heightPx: initBytes.readUInt16BE(at + 26) };
}

function cardLines(
  { localTime }: FileTask["context"],
  chosen: ChosenFootage,
  { before, after }: FootageBreak,
): string[] {
  const lengthUs = after.startWallUs - before.endWallUs;
  const [from, to] = [localTime.dateAndTime(before.endWallUs), localTime.dateAndTime(after.startWallUs)];
  if (lengthUs < 0) {
    return ["The clock was set back", `by ${lengthInWords(-lengthUs)}`, `from ${from}`, `to ${to}`];
  }
  const causes = causesOf({ startWallUs: before.endWallUs, endWallUs: after.startWallUs }, chosen.gaps);
  if (causes.length === 1 && causes[0] === "clock-jump") {
    return ["The clock was set forward", `by ${lengthInWords(lengthUs)}`, `from ${from}`, `to ${to}`];
  }
  const why = causes.length === 0 ? [] : [causes.map((cause) => cause.replaceAll("-", " ")).join(", ")];
  return [`No recording for ${lengthInWords(lengthUs)}`, `from ${from}`, `to ${to}`, ...why];
}

async function joinParts(
  { context, camera }: FileTask,
  chosen: ChosenFootage,
  recorded: TrackTable,
  { parts, names }: { parts: readonly BurnPart[]; names: readonly string[] },
): Promise<TrackTable> {
  const samples = new SampleTable();
  let description: TrackTable["description"] | undefined;
  let cardTicks = 0;
  const scaled = (ticks: number) => Math.round((ticks * ENCODED_TIMESCALE) / recorded.timescale);
  for (const [index, part] of parts.entries()) {
    const bytes = await openByteSource(join(context.workDir, names[index] ?? ""));
    try {
      const shiftTicks = scaled(part.fromTicks) + cardTicks; // what comes out begins at 0: with the first picture kept
      const source = chosen.footage.used.length + index;
      const encoded = await readEncoded(bytes, { source, shiftTicks, camera: camera.id });
      if (description !== undefined && !description.stsd.equals(encoded.description.stsd)) {
        throw archiveErrors.make("ARCHIVE_EXPORT_UNREADABLE", { camera: camera.id, what: "parts with one header" });
      }
      description ??= encoded.description;
      for (let row = 0; row < encoded.samples.count; row++) {
        samples.pushAfter(encoded.samples.row(row));
      }
    } finally {
      await bytes.close();
    }
    cardTicks += scaled(pauseTicksAfter(parts, index, recorded.timescale));
  }
  const fromTicks = samples.dtsAt(0);
  return {
    kind: "video",
    timescale: ENCODED_TIMESCALE,
    description: description as TrackTable["description"],
    samples,
    shown: { fromTicks, durationTicks: scaled(chosen.shown.toTicks) + cardTicks - fromTicks },
    delayTicks: 0,
  };
}
