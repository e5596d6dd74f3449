/** Playback asked for what makes no sense, or by viewers who leave. */
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { waitUntil } from "@lanthorn/testing";
import { NumberedCamera } from "../support/numbered-camera.ts";

const VIEWERS = 100;
const WAIT_MS = 60_000;

test("absurd intervals and ranges are answered with what there is, or with what is wrong", async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 4 });
  await scene.record(30, { seconds: 4 });
  const segments = await scene.end();
  const [first, second] = [segments[0], segments.at(-1)];
  assert.ok(first && second && first.endWallUs < second.startWallUs);
  const ask = (fromUs: number, toUs: number, range?: string) =>
    scene.rig.request(
      `/cameras/street/recording.mp4?fromUs=${fromUs}&toUs=${toUs}`,
      range === undefined ? {} : { range },
    );

  const all = await ask(0, Number.MAX_SAFE_INTEGER);
  assert.equal(all.statusCode, 200);
  assert.equal(Number(all.headers["x-start-wall-us"]) >= first.startWallUs, true);
  const fromGap = await ask(first.endWallUs + 1_000_000, second.endWallUs);
  assert.ok(
    Math.abs(Number(fromGap.headers["x-start-wall-us"]) - second.startWallUs) < 100_000,
    "begins after the gap",
  );
  const inGap = await ask(first.endWallUs + 1_000_000, first.endWallUs + 2_000_000);
  assert.equal(inGap.statusCode, 404);
  assert.match(inGap.body.toString(), new RegExp(`the next recording starts at ${second.startWallUs}`));
  const future = await ask(first.startWallUs, systemClock.wallUs() + 86_400_000_000);
  assert.equal(future.headers["accept-ranges"], "none", "the same request may give more later");
  const blink = await ask(first.startWallUs + 1_000_000, first.startWallUs + 1_000_001);
  assert.equal(blink.statusCode, 200);

  for (const [fromUs, toUs] of [
    [-1, 5],
    [5, 5],
    [5, 2 ** 60],
    [Number.NaN, 5],
  ] as const) {
    assert.equal((await ask(fromUs, toUs)).statusCode, 400, `${fromUs} ${toUs}`);
  }
  const span = [first.startWallUs, second.endWallUs] as const;
  const whole = await ask(...span);
  const many = await ask(...span, `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-${index}`).join()}`);
  assert.equal(many.statusCode, 200, "several ranges: the whole, once (RFC 9110 §14.2)");
  assert.equal(many.body.length, whole.body.length);
  const huge = await ask(...span, `bytes=5-${"9".repeat(400)}`);
  assert.equal(huge.statusCode, 206);
  assert.ok(huge.body.equals(whole.body.subarray(5)));
  assert.equal((await ask(...span, "bytes=9-3")).statusCode, 200, "what is no range is ignored");
  for (const range of [`bytes=${whole.body.length}-`, "bytes=-0", `bytes=${"9".repeat(400)}-`]) {
    const refused = await ask(...span, range);
    assert.deepEqual([range.slice(0, 20), refused.statusCode], [range.slice(0, 20), 416]);
    assert.equal(refused.headers["content-range"], `bytes */${whole.body.length}`);
    assert.match(refused.body.toString(), /ARCHIVE_RANGE_INVALID/);
  }
});

test(`${VIEWERS} viewers who leave in the middle leave no open file behind`, async () => {
  await using scene = new NumberedCamera();
  await scene.start();
  await scene.record(60, { seconds: 12, heavy: true });
  const segments = await scene.end();
  const [first, last] = [segments[0], segments.at(-1)];
  assert.ok(first && last);
  const { home, archive } = scene.rig;
  const span = `fromUs=${first.startWallUs + 500_000}&toUs=${last.endWallUs}`;
  const playlist = (await scene.rig.request(`/cameras/street/recording.m3u8?${span}`)).body.toString();
  const part = playlist.split("\n").find((line) => line.includes(".m4s"));
  const paths = [`recording.mp4?${span}`, `recording.mp4?${span}&start=key-frame`, part].map(
    (path) => `/cameras/street/${path}`,
  );
  const whole = await scene.rig.request(paths[0] ?? "");
  assert.ok(whole.body.length > 1_000_000, `${whole.body.length} bytes: too few to leave in the middle of`);

  const recordings = join(scene.rig.stateDir, "recordings");
  const openFiles = () => {
    const descriptors = `/proc/${archive.pid}/fd`;
    return readdirSync(descriptors).flatMap((name) => {
      try {
        return [readlinkSync(join(descriptors, name))];
      } catch {
        return []; // closed meanwhile
      }
    });
  };
  const before = openFiles().length;
  let most = 0;
  await Promise.all(
    Array.from({ length: VIEWERS }, async (_, index) => {
      const path = paths[index % paths.length];
      await new Promise<void>((resolve, reject) => {
        const asked = request({ socketPath: join(home.runDir, "archive.sock"), path, agent: false }, (reply) => {
          reply.once("data", () => {
            reply.pause();
            most = Math.max(most, openFiles().filter((file) => file.startsWith(recordings)).length);
            setImmediate(() => asked.destroy());
          });
          reply.once("close", resolve);
        });
        asked.on("error", reject).end();
      });
    }),
  );
  assert.ok(most >= 2, `${most} files were open at once: nobody was in the middle`);
  await waitUntil("no file open", () => openFiles().every((file) => !file.startsWith(recordings)), WAIT_MS);
  await waitUntil("no connection left", () => openFiles().length <= before + 1, WAIT_MS);
  assert.equal((await scene.rig.request(paths[0] ?? "")).body.length, whole.body.length);
});
