import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import Sqlite from "better-sqlite3";
import { checkArchive } from "../../src/check/check.ts";
import { ThumbnailPacks } from "../../src/events/thumbnail-packs.ts";
import { dayNumberOf } from "../../src/recording/recording-paths.ts";
import { repairArchive, repairKindsOf } from "../../src/repair/repair.ts";
import type { RepairKind } from "../../src/repair/repair-context.ts";
import { openForWriting } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig, CHECK_MAIN, complaintsOf } from "../support/archive-rig.ts";
import { putEvent } from "../support/made-events.ts";
import { START_US } from "../support/made-packets.ts";

/** An archive of the real service, with events and pictures; copied for each break. */
let rig: ArchiveRig;

before(async () => {
  rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start({ arguments: ["--set", "recording.disconnectedAfterMs=1000"] });
  await waitUntil("17 s", async () => (await rig.recordedS("street")) >= 17, 90_000);
  rig.disconnect("street");
  const isClosed = async () =>
    (await rig.get<{ segments: { state: string }[] }>("/segments")).segments.every(({ state }) => state === "closed");
  await waitUntil("closed", isClosed, 60_000);
  await rig.archive.stop();
  const store = makeStore(openForWriting(rig.stateDir));
  const packs = new ThumbnailPacks(rig.stateDir);
  for (let startS = 0; startS < 30; startS++) {
    const uuid = putEvent(store, { label: startS % 3 === 0 ? "car" : "person", zones: ["drive"], startS });
    const packDay = dayNumberOf(START_US);
    const jpeg = Buffer.from("ffd8ffe000000000ffd9", "hex");
    const { offsetBytes } = await packs.append("street", packDay, jpeg);
    const picture = { captureWallUs: START_US, widthPx: 320, heightPx: 180 };
    store.events.setPicture(uuid, { packDay, offsetBytes, jpegBytes: jpeg.length, ...picture });
  }
  await packs.close();
  store.database.close();
});
after(async () => {
  await rig[Symbol.asyncDispose]();
});

interface Broken {
  readonly stateDir: string;
  readonly files: readonly string[];
  sql(text: string): void;
}

function copyOf(name: string): Broken {
  const stateDir = join(rig.home.root, "copies", name);
  mkdirSync(dirname(stateDir), { recursive: true });
  cpSync(rig.stateDir, stateDir, { recursive: true });
  const root = join(stateDir, "recordings");
  const idOf = (path: string) => Number(/-(\d+)\.mp4$/.exec(path)?.[1]);
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".mp4"));
  const files = names.sort((a, b) => idOf(a) - idOf(b)).map((each) => join(root, each));
  assert.ok(files.length >= 3);
  return {
    stateDir,
    files,
    sql: (text) => {
      const database = new Sqlite(join(stateDir, "archive.db"));
      database.exec(text);
      database.close();
    },
  };
}

async function repaired(stateDir: string, kinds: RepairKind[], dryRun = false): Promise<string[]> {
  const steps: string[] = [];
  await repairArchive({
    stateDir,
    clock: systemClock,
    kinds,
    dryRun,
    onStep: ({ kind, what }) => steps.push(`${kind}: ${what}`),
  });
  return steps;
}

const everything = (stateDir: string) =>
  readdirSync(stateDir, { recursive: true, encoding: "utf8" })
    .filter((name) => !/archive\.(db-|lock)/.test(name))
    .toSorted();

/** A way to break an archive: the fault that `lanthorn check` must find, and the repair that cures it. */
const BREAKS: readonly {
  name: string;
  faults: RegExp;
  kinds: RepairKind[];
  steps: number;
  break: (copy: Broken) => void;
}[] = [
  {
    name: "a recording without a row is taken up",
    faults: /^(F1|T3)$/,
    kinds: ["orphan-files"],
    steps: 1,
    break: ({ sql }) => sql("update segment set state = 'deleting' where id = 2; delete from segment where id = 2"),
  },
  {
    name: "what is no recording is moved to lost+found",
    faults: /^F1$/,
    kinds: ["orphan-files"],
    steps: 3,
    break: ({ files: [first = ""], stateDir }) => {
      writeFileSync(join(dirname(first), "00-00-00-77.mp4"), "no");
      writeFileSync(join(dirname(first), "letter.txt"), "dear");
      mkdirSync(join(stateDir, "recordings", "Some Where", "else"), { recursive: true });
    },
  },
  {
    name: "a row without a file becomes a gap",
    faults: /^F2$/,
    kinds: ["missing-files"],
    steps: 1,
    break: ({ files }) => rmSync(files[1] ?? ""),
  },
  {
    name: "a file that was cut off keeps what is whole",
    faults: /^F[3-6]$/,
    kinds: ["damaged-files"],
    steps: 1,
    break: ({ files: [, second = ""] }) => truncateSync(second, Math.floor(readFileSync(second).length / 2)),
  },
  {
    name: "a file with a broken box in its middle keeps what is before it",
    faults: /^F[3-6]$/,
    kinds: ["damaged-files"],
    steps: 1,
    break: ({ files: [, second = ""] }) => {
      const bytes = readFileSync(second);
      const at = bytes.indexOf("moof", bytes.indexOf("moof", bytes.indexOf("moof") + 1) + 1);
      writeFileSync(second, bytes.fill(0xee, at, at + 4));
    },
  },
  {
    name: "a file of which nothing is left goes to lost+found",
    faults: /^F[3-6]$/,
    kinds: ["damaged-files"],
    steps: 1,
    break: ({ files }) => writeFileSync(files[0] ?? "", Buffer.alloc(10_000, 7)),
  },
  {
    name: "garbage behind the index is cut off",
    faults: /^F[3-6]$/,
    kinds: ["damaged-files"],
    steps: 1,
    break: ({ files }) => appendFileSync(files[0] ?? "", "garbage"),
  },
  {
    name: "a row that says other numbers than its file is corrected",
    faults: /^F[35]$/,
    kinds: ["sizes"],
    steps: 1,
    break: ({ sql }) => sql("update segment set file_bytes = file_bytes + 5, fragments = fragments + 1 where id = 1"),
  },
  {
    name: "an end that contradicts the media's length, and an overlap, are corrected",
    faults: /^(T[1-3]|S2)$/,
    kinds: ["times", "summaries"],
    steps: 2,
    break: ({ sql }) => sql("update segment set end_wall_us = end_wall_us + 3000000 where id = 1"),
  },
  {
    name: "a gap that lies nowhere is deleted, and one that is missing is written",
    faults: /^T[34]$/,
    kinds: ["gaps"],
    steps: 1,
    break: ({ sql, files }) => {
      rmSync(files[1] ?? "");
      sql(`update segment set state = 'deleting' where id = 2; delete from segment where id = 2;
        insert into gap (camera_id, start_wall_us, end_wall_us, cause) select camera_id, start_wall_us + 1000, start_wall_us + 2000, 'disk-full' from segment where id = 3`);
    },
  },
  {
    name: "rows that point to no picture are forgotten",
    faults: /^E2$/,
    kinds: ["thumbnails"],
    steps: 2,
    break: ({ sql }) =>
      sql(
        "update thumbnail set offset_bytes = offset_bytes + 1 where event_id in (select id from event order by id limit 2)",
      ),
  },
  {
    name: "counts, coverage, zones and words are made anew",
    faults: /^S[1-4]$/,
    kinds: ["summaries"],
    steps: 1,
    break: ({ sql }) =>
      sql(`delete from activity where width_s = 900; update coverage set recorded_us = recorded_us + 1;
        insert into event_zone values ('moon', 5); delete from event_zone where zone = 'drive' and event_id = (select min(id) from event);
        delete from event_text where rowid = (select max(id) from event)`),
  },
];

for (const { name, faults, kinds, steps, break: spoil } of BREAKS) {
  test(name, async () => {
    const copy = copyOf(name.replaceAll(/[^a-z]+/g, "-"));
    assert.deepEqual((await checkArchive(copy.stateDir)).faults, []);
    spoil(copy);
    const found = (await checkArchive(copy.stateDir)).faults;
    assert.ok(found.length > 0 && found.every(({ invariant }) => faults.test(invariant)), JSON.stringify(found));
    const before = everything(copy.stateDir);
    const foreseen = await repaired(copy.stateDir, kinds, true);
    assert.deepEqual(everything(copy.stateDir), before, "a dry run changes nothing");
    assert.deepEqual((await checkArchive(copy.stateDir)).faults, found);
    const done = await repaired(copy.stateDir, kinds);
    assert.equal(done.length, steps, done.join("\n"));
    const withoutStamp = (lines: string[]) => lines.map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT[\d-]+/g, "then"));
    assert.equal(withoutStamp(foreseen)[0], withoutStamp(done)[0], "a dry run says what will be done");
    assert.deepEqual((await checkArchive(copy.stateDir)).faults, []);
    assert.deepEqual(await repaired(copy.stateDir, kinds), [], "nothing is left to repair");
    const isRewritten = kinds.includes("damaged-files");
    for (const file of copy.files.slice(0, 2).filter((path) => isRewritten && existsSync(path))) {
      assert.equal(await complaintsOf(file), "");
    }
  });
}

test("nothing is unlinked: every byte that was moved away lies in lost+found", async () => {
  const { stateDir, files } = copyOf("lost");
  const [first = "", second = ""] = files;
  const bytes = readFileSync(first);
  truncateSync(first, bytes.length - 900);
  renameSync(second, join(dirname(second), "renamed.mp4"));
  const was = [readFileSync(first), readFileSync(join(dirname(second), "renamed.mp4"))];
  await repaired(stateDir, repairKindsOf(["all"]));
  assert.deepEqual((await checkArchive(stateDir)).faults, []);
  const lost = readdirSync(join(stateDir, "lost+found"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".mp4"),
  );
  const found = lost.map((name) => readFileSync(join(stateDir, "lost+found", name)));
  assert.equal(found.length, 2);
  assert.ok(was.every((content) => found.some((each) => each.equals(content))));
});

test("repairing is refused while another process writes, without an archive, and for words that name no repair", async () => {
  await rig.start();
  try {
    await assert.rejects(repaired(rig.stateDir, ["gaps"]), { code: "ARCHIVE_IN_USE" });
  } finally {
    await rig.archive.stop();
  }
  await assert.rejects(repaired(join(rig.home.root, "nowhere"), ["gaps"]), { code: "ARCHIVE_STATE_MISSING" });
  assert.throws(() => repairKindsOf(["everything"]), { code: "ARCHIVE_OPTION_INVALID" });
  const run = spawnSync(process.execPath, [CHECK_MAIN, "--state", rig.stateDir, "--dry-run"], { encoding: "utf8" });
  assert.equal(run.status, 64);
  assert.match(run.stderr, /--repair/);
});

test("pictures that the disk refuses to read are left alone and told, and the rest is repaired", async () => {
  const { stateDir } = copyOf("unreadable pictures");
  const entries = readdirSync(join(stateDir, "thumbnails"), { recursive: true, withFileTypes: true });
  const entry = entries.find((each) => each.isFile()) ?? assert.fail("no pack");
  const pack = join(entry.parentPath, entry.name);
  const kept = readFileSync(pack);
  rmSync(pack);
  symlinkSync("/proc/self/mem", pack); // read(2) of addresses that nothing is mapped to is EIO: proc_pid_mem(5)
  const left: string[] = [];
  const steps = await repairArchive({
    stateDir,
    clock: systemClock,
    kinds: repairKindsOf(["all"]),
    dryRun: false,
    onStep: () => {},
    onUnrepaired: ({ kind, reason }) => left.push(`${kind}: ${reason}`),
  });
  assert.equal(steps, 0, "no row is forgotten for what may be there");
  assert.equal(left.length, 30);
  assert.deepEqual(new Set(left), new Set(["thumbnails: cannot be read"]));
  const findings = await checkArchive(stateDir);
  assert.match(findings.faults[0]?.detail ?? "", /the disk does not give the bytes/);
  rmSync(pack);
  writeFileSync(pack, kept);
  assert.deepEqual((await checkArchive(stateDir)).faults, []);
});
