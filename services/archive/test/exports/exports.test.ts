import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Export } from "@lanthorn/contract";
import { archiveErrors } from "../../src/error-codes.ts";
import { runEncoder } from "../../src/exports/burning/encoder-process.ts";
import { readEncoded } from "../../src/exports/burning/read-encoded.ts";
import { runExport } from "../../src/exports/worker/export-job.ts";
import type { ExportJob } from "../../src/exports/worker/job-messages.ts";
import type { PlayableSegment } from "../../src/playback/recording-plan.ts";
import { segmentFileOf } from "../../src/recording/recording-paths.ts";
import { openForReading } from "../../src/store/database.ts";
import { makeStore } from "../../src/store/store.ts";
import { ArchiveRig } from "../support/archive-rig.ts";
import {
  closedSegments,
  complaintsAbout,
  createExport,
  ended,
  exportFolder,
  exportList,
  pictureHashes,
  readManifest,
  send,
  verify,
} from "../support/export-rig.ts";

const FRAME_US = 40_000; // 25 pictures a second

function videoOf(rig: ArchiveRig, done: Export): string {
  const name = done.files.find((file) => file.name.endsWith(".mp4"))?.name;
  assert.ok(name !== undefined, JSON.stringify(done));
  return join(exportFolder(rig, done.id), name);
}

/** What the manifest says of its sources must be true of the segment files. */
function assertSourcesTrue(rig: ArchiveRig, done: Export): number {
  const database = openForReading(rig.stateDir);
  try {
    const store = makeStore(database);
    const sources = readManifest(exportFolder(rig, done.id)).footage.flatMap((footage) => footage.sources);
    for (const { segment, startOffset, endOffset, sha256 } of sources) {
      const row = store.segments.byId(segment);
      assert.ok(row !== undefined);
      const bytes = readFileSync(segmentFileOf(store.disks, row)).subarray(startOffset, endOffset);
      assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
    }
    return sources.length;
  } finally {
    database.close();
  }
}

test("exports of footage across two files: exact, playable, verifiable, downloadable, and gone when deleted", async (context) => {
  await using rig = new ArchiveRig();
  await rig.feed("street", { audio: "aac" });
  await rig.start();
  const [first, second] = await closedSegments(rig, "street", 2);
  assert.ok(first && second);
  const fromUs = first.startWallUs + 2_330_000;
  const toUs = second.startWallUs + 1_700_000;
  const asked = { cameras: ["street"], fromUs, toUs };
  const original = await ended(rig, (await createExport(rig, asked)).id);
  const burned = await ended(
    rig,
    (await createExport(rig, { ...asked, mode: "burned-time", options: { timeZone: "Asia/Kathmandu" } })).id,
  );

  await context.test("begin and end with the right pictures, and nobody complains about them", async () => {
    const recorded = await pictureHashes(join(rig.stateDir, "recordings"), "street");
    const pictures = await pictureHashes(videoOf(rig, original));
    assert.ok(pictures.length > 90, `${pictures.length} pictures`);
    const start = recorded.indexOf(pictures[0] ?? "");
    assert.deepEqual(pictures, recorded.slice(start, start + pictures.length), "the recording's pictures, each once");
    assert.equal(start, Math.floor(2_330_000 / FRAME_US), "the one on display at fromUs");
    const manifest = readManifest(exportFolder(rig, original.id));
    const [footage] = manifest.footage;
    assert.ok(footage !== undefined && footage.from.us <= fromUs && footage.from.us > fromUs - FRAME_US - 1000);
    assert.ok(Math.abs(footage.to.us - toUs) <= FRAME_US + 1000, `ends ${footage.to.us - toUs} us off`);
    assert.ok(Math.abs(pictures.length - (toUs - fromUs) / FRAME_US) <= 1.5, "as long as asked for, to a picture");
    for (const done of [original, burned]) {
      assert.equal(await complaintsAbout(videoOf(rig, done)), "");
      assert.equal(assertSourcesTrue(rig, done), 2);
    }
    assert.equal((await pictureHashes(videoOf(rig, burned))).length, pictures.length);
    assert.match(burned.files[0]?.name ?? "", /^street_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.mp4$/);
    assert.match(readManifest(exportFolder(rig, burned.id)).footage[0]?.from.local ?? "", /UTC\+05:45$/);
  });

  await context.test("burned time changes each tenth of a second, and only its corner of the picture", async () => {
    const corner = await pictureHashes(videoOf(rig, burned), "", "crop=150:14:0:164");
    const wallTimes = readManifest(exportFolder(rig, burned.id)).footage[0];
    assert.ok(wallTimes !== undefined);
    const tenths = Math.ceil((wallTimes.to.us - wallTimes.from.us) / 100_000);
    const changes = corner.filter((hash, index) => hash !== corner[index - 1]).length;
    assert.ok(changes >= tenths - 1, `${changes} changes in ${tenths} tenths`);
    const [plain, written] = await Promise.all(
      [original, burned].map((done) => meanDifference(videoOf(rig, done), videoOf(rig, original), "crop=320:100:0:40")),
    );
    assert.ok(plain !== undefined && written !== undefined && plain === 0 && written < 12, `${plain}, ${written}`);
    const here = await meanDifference(videoOf(rig, burned), videoOf(rig, original), "crop=140:12:2:166");
    assert.ok(here > 20, `the corner differs by ${here}`);
  });

  await context.test("the verifier says OK of what is whole, and finds every change", async () => {
    for (const done of [original, burned]) {
      const { code, text } = await verify(exportFolder(rig, done.id));
      assert.equal(code, 0, text);
      assert.match(text, /^OK: 5 files/m);
    }
    await assertEveryChangeIsFound(exportFolder(rig, original.id), videoOf(rig, original));
  });

  await context.test("the verifier knows the key of the box", async () => {
    const { fingerprint } = await rig.get<{ fingerprint: string }>("/exports/key");
    const folder = exportFolder(rig, original.id);
    assert.equal((await verify(folder, "--key", fingerprint)).code, 0);
    assert.equal(
      (
        await verify(
          folder,
          "--key",
          fingerprint.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
        )
      ).code,
      1,
    );
  });

  await context.test("files and the zip of all come whole, in ranges, and by their names only", async () => {
    const [video] = original.files;
    assert.ok(video !== undefined);
    const path = `/exports/${original.id}/files/${video.name}`;
    const whole = await rig.request(path);
    assert.equal(whole.statusCode, 200);
    assert.equal(whole.headers["content-type"], "video/mp4");
    assert.equal(createHash("sha256").update(whole.body).digest("hex"), video.sha256);
    const part = await rig.request(path, { range: "bytes=100-199" });
    assert.equal(part.statusCode, 206);
    assert.deepEqual(part.body, whole.body.subarray(100, 200));
    const zip = await rig.request(`/exports/${original.id}/all.zip`);
    assert.equal(Number(zip.headers["content-length"]), zip.body.length);
    await assertZipIsWhole(zip.body, original);
    const tail = await rig.request(`/exports/${original.id}/all.zip`, { range: "bytes=-1000" });
    assert.deepEqual(tail.body, zip.body.subarray(-1000));
    const middle = await rig.request(`/exports/${original.id}/all.zip`, { range: `bytes=50-${video.bytes + 100}` });
    assert.deepEqual(middle.body, zip.body.subarray(50, video.bytes + 101));
    for (const name of ["..%2F..%2Fexport-signing-key.pem", "work", "none.mp4", "%00"]) {
      const refused = await rig.request(`/exports/${original.id}/files/${name}`);
      assert.equal(refused.statusCode, 404, name);
    }
  });

  await context.test("what cannot be asked is refused in words", async () => {
    const refusals: [unknown, RegExp, number][] = [
      [{}, /ARCHIVE_QUERY_INVALID.*cameras/, 400],
      [{ ...asked, cameras: "street" }, /ARCHIVE_QUERY_INVALID.*cameras/, 400],
      [{ ...asked, cameras: ["street", "street"] }, /ARCHIVE_QUERY_INVALID.*each camera once/, 400],
      [{ ...asked, cameras: ["../etc"] }, /ARCHIVE_QUERY_INVALID/, 400],
      [{ ...asked, cameras: ["garden"] }, /ARCHIVE_CAMERA_UNKNOWN.*garden/, 404],
      [{ ...asked, toUs: fromUs }, /ARCHIVE_QUERY_INVALID.*toUs/, 400],
      [{ ...asked, toUs: fromUs + 2 * 86_400_000_000 }, /ARCHIVE_QUERY_INVALID.*at most a day/, 400],
      [{ ...asked, fromUs: 1, toUs: 2 }, /ARCHIVE_NOTHING_RECORDED/, 404],
      [{ ...asked, mode: "fast" }, /ARCHIVE_QUERY_INVALID.*mode/, 400],
      [{ ...asked, options: { timeZone: "Mars/Olympus" } }, /ARCHIVE_QUERY_INVALID.*time zone/, 400],
      [{ ...asked, options: { sound: "loud" } }, /ARCHIVE_QUERY_INVALID.*sound/, 400],
      [{ ...asked, more: 1 }, /ARCHIVE_QUERY_INVALID.*more/, 400],
      [{ ...asked, name: "x".repeat(201) }, /ARCHIVE_QUERY_INVALID.*name/, 400],
    ];
    for (const [body, words, status] of refusals) {
      const reply = await send(rig, "POST", "/exports", body);
      assert.match(reply.body.toString(), words);
      assert.equal(reply.statusCode, status);
    }
    const unknown = "/exports/00000000-0000-4000-8000-000000000000";
    for (const [method, path] of [
      ["GET", unknown],
      ["DELETE", unknown],
      ["POST", `${unknown}/cancel`],
    ] as const) {
      assert.match((await send(rig, method, path)).body.toString(), /ARCHIVE_EXPORT_UNKNOWN/);
    }
    const late = await send(rig, "POST", `/exports/${original.id}/cancel`);
    assert.match(late.body.toString(), /ARCHIVE_EXPORT_ENDED.*done/);
    assert.equal((await exportList(rig)).exports.length, 2);
  });

  await context.test("what is deleted is gone, and only that", async () => {
    const { totalBytes } = await exportList(rig);
    assert.equal(totalBytes, original.bytes + burned.bytes);
    assert.equal((await send(rig, "DELETE", `/exports/${burned.id}`)).statusCode, 204);
    assert.deepEqual(readdirSync(join(rig.stateDir, "exports")), [original.id]);
    assert.equal((await exportList(rig)).totalBytes, original.bytes);
    assert.equal((await rig.check()).isClean, true);
    const stranger = join(rig.stateDir, "exports", original.id, "stranger.txt");
    writeFileSync(stranger, "x");
    mkdirSync(join(rig.stateDir, "exports", "00000000-0000-4000-8000-000000000000"));
    const { faults } = await rig.check();
    assert.deepEqual(faults.map(({ invariant }) => invariant).toSorted(), ["X1", "X2"]);
    rmSync(stranger); // the folder goes at the next start
  });

  await context.test(
    "no room, a segment that is gone, and footage that nobody can read are said, and leave no half file",
    async () => {
      const uuid = "11111111-1111-4111-8111-111111111111";
      const job: ExportJob = {
        ...{ stateDir: rig.stateDir, uuid, name: "x", stream: "main", mode: "original", createdWallUs: 1, box: "box" },
        ...{ fromUs, toUs, options: { sound: "compatible" }, cameras: [{ id: "street", name: "Street", growing: [] }] },
      };
      const folder = exportFolder(rig, uuid);
      const progress = () => {};
      const roomFor = (bytes: number) => async (wanted: number) => {
        bytes -= wanted;
        if (bytes < 0) {
          throw archiveErrors.make("ARCHIVE_EXPORT_DISK_FULL", { bytes: wanted });
        }
      };
      await assert.rejects(runExport(job, { askRoom: roomFor(0), progress }), { code: "ARCHIVE_EXPORT_DISK_FULL" });
      assert.deepEqual(readdirSync(folder), ["work"]);
      await assert.rejects(runExport(job, { askRoom: roomFor(2 ** 25), progress }), {
        code: "ARCHIVE_EXPORT_DISK_FULL",
      });
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.endsWith(".part") || name === "manifest.json"),
        [],
      );
      const far = { ...job, fromUs: toUs + 400_000_000, toUs: toUs + 400_500_000 };
      const hooks = { askRoom: roomFor(2 ** 30), progress };
      await assert.rejects(runExport(far, hooks), { code: "ARCHIVE_NOTHING_RECORDED" });
      const gone: PlayableSegment = {
        ...{ id: 999_999, camera: "street", stream: "main", disk: 1, initSegmentId: 1, headerBytes: 1, mediaBytes: 2 },
        ...{ startWallUs: far.fromUs, endWallUs: far.fromUs + 1_000_000, duration90k: 90_000, isGrowing: true },
      };
      const withGone = { ...far, cameras: [{ id: "street", name: "Street", growing: [gone] }] };
      await assert.rejects(runExport(withGone, hooks), { code: "ARCHIVE_EXPORT_SOURCE_GONE" });
      const input = (async function* () {
        yield Buffer.from("no video at all");
      })();
      const run = {
        arguments: ["-i", "pipe:0", "-f", "null", "-"],
        directory: rig.stateDir,
        input,
        output: async () => {},
      };
      await assert.rejects(runEncoder(run), { code: "ARCHIVE_EXPORT_ENCODER_FAILED" });
      const nothing = { bytes: 0, read: async () => Buffer.alloc(0) };
      await assert.rejects(readEncoded(nothing, { source: 0, shiftTicks: 0, camera: "street" }), {
        code: "ARCHIVE_EXPORT_UNREADABLE",
      });
      const unknownFile = await rig.request(`/exports/${original.id}/files/none.mp4`);
      assert.match(unknownFile.body.toString(), /ARCHIVE_EXPORT_FILE_UNKNOWN/);
      rmSync(folder, { recursive: true });
    },
  );

  await context.test("a finished export whose row was lost is taken up again", async () => {
    await rig.archive.stop();
    const database = new (await import("better-sqlite3")).default(join(rig.stateDir, "archive.db"));
    database.prepare("delete from export").run();
    database.close();
    await rig.start();
    const [adopted, ...others] = (await exportList(rig)).exports;
    assert.deepEqual(others, []);
    assert.deepEqual(readdirSync(join(rig.stateDir, "exports")), [original.id], "what nobody knows is removed");
    assert.deepEqual({ ...adopted, options: original.options, finishedUs: 0 }, { ...original, finishedUs: 0 });
    assert.equal((await rig.request(`/exports/${original.id}/files/${original.files[0]?.name}`)).statusCode, 200);
  });
});

/** Copies an export and changes the copy in every way that should be noticed. */
async function assertEveryChangeIsFound(folder: string, video: string): Promise<void> {
  const copies = mkdtempSync(join(tmpdir(), "lanthorn-verify-"));
  const name = video.slice(folder.length + 1);
  const flip = (file: string, at: number) => {
    const bytes = readFileSync(file);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(file, bytes);
  };
  const changes: [string, (copy: string) => void, RegExp][] = [
    [
      "one bit of the video",
      (copy) => flip(join(copy, name), 300_000),
      /DIFFERENT street_.*differs within bytes 0 to \d+/,
    ],
    [
      "the video cut short",
      (copy) => truncateSync(join(copy, name), 100_000),
      /DIFFERENT street_.*has 100000 bytes; expected \d+/,
    ],
    [
      "the video renamed",
      (copy) => renameSync(join(copy, name), join(copy, "holiday.mp4")),
      /another name: holiday.mp4/,
    ],
    ["the video missing", (copy) => rmSync(join(copy, name)), /DIFFERENT street_.*is missing/],
    ["a file more", (copy) => copyFileSync(join(copy, "manifest.sig"), join(copy, "more.txt")), /more.txt is not part/],
    [
      "one bit of a name in the manifest",
      (copy) => flip(join(copy, "manifest.json"), 60),
      /manifest.json does not have the SHA-256/,
    ],
    ["the signature", (copy) => flip(join(copy, "manifest.sig"), 10), /manifest.json does not have the signature/],
    ["no hash", (copy) => rmSync(join(copy, "manifest.sha256")), /manifest.sha256 is missing/],
    ["no signature", (copy) => rmSync(join(copy, "manifest.sig")), /manifest.sig is missing/],
    [
      "manifest and hash forged together",
      (copy) => {
        const forged = readFileSync(join(copy, "manifest.json"), "utf8").replace(
          /"tool": "lanthorn/,
          '"tool": "lanthorm',
        );
        writeFileSync(join(copy, "manifest.json"), forged);
        writeFileSync(
          join(copy, "manifest.sha256"),
          `${createHash("sha256").update(forged).digest("hex")}  manifest.json\n`,
        );
      },
      /manifest.json does not have the signature/,
    ],
  ];
  try {
    for (const [index, [what, change, words]] of changes.entries()) {
      const copy = join(copies, String(index));
      cpSync(folder, copy, { recursive: true });
      change(copy);
      const { code, text } = await verify(copy);
      assert.equal(code, 1, `${what}: ${text}`);
      assert.match(text, words, what);
    }
    const empty = join(copies, "empty");
    cpSync(folder, empty, { recursive: true });
    rmSync(join(empty, "manifest.json"));
    assert.deepEqual([(await verify(empty)).code], [2], "nothing to compare with");
  } finally {
    rmSync(copies, { recursive: true });
  }
}

async function assertZipIsWhole(zip: Buffer, done: Export): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "lanthorn-zip-"));
  try {
    writeFileSync(join(directory, "all.zip"), zip);
    const run = promisify(execFile);
    await run("python3", ["-m", "zipfile", "-t", "all.zip"], { cwd: directory });
    await run("python3", ["-m", "zipfile", "-e", "all.zip", "out"], { cwd: directory });
    const [folder] = readdirSync(join(directory, "out"));
    assert.deepEqual(
      readdirSync(join(directory, "out", folder ?? "")).toSorted(),
      done.files.map(({ name }) => name).toSorted(),
    );
    assert.equal((await verify(join(directory, "out", folder ?? ""))).code, 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Mean difference of the brightness of two videos' pictures within a part of them, 0 to 255. */
async function meanDifference(a: string, b: string, crop: string): Promise<number> {
  const graph = `[0:v]setpts=N,${crop},format=gray[x];[1:v]setpts=N,${crop},format=gray[y];[x][y]blend=all_mode=difference,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-`;
  const { stdout } = await promisify(execFile)("ffmpeg", [
    ...["-nostdin", "-v", "error", "-i", a, "-i", b, "-lavfi", graph, "-frames:v", "40", "-f", "null", "-"],
  ]);
  const values = [...stdout.matchAll(/YAVG=([\d.]+)/g)].map(([, value]) => Number(value));
  assert.ok(values.length > 30, `compared ${values.length} pictures`);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
