import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { requestJson, requestSocket, systemClock } from "@lanthorn/base";
import type { RejectionList } from "@lanthorn/contract";
import {
  makeTemporaryHome,
  makeTestMedia,
  type ServiceProcess,
  startService,
  type TemporaryHome,
  waitUntil,
} from "@lanthorn/testing";
import WebSocket from "ws";
import { CameraFeed } from "./support/camera-feed.ts";
import { StandInArchive } from "./support/stand-in-archive.ts";
import { linkOf, StandInIngest } from "./support/stand-in-ingest.ts";

interface Heard {
  readonly texts: { type: string; value?: string; error?: { code: string } }[];
  readonly binaries: Buffer[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
}

function watch(url: string, first?: object): Heard {
  const socket = new WebSocket(url);
  const heard = { texts: [] as Heard["texts"], binaries: [] as Buffer[] };
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) {
      heard.binaries.push(data);
    } else {
      heard.texts.push(JSON.parse(data.toString()) as Heard["texts"][number]);
    }
  });
  if (first !== undefined) {
    socket.on("open", () => socket.send(JSON.stringify(first)));
  }
  const closed = new Promise<number>((resolve) => socket.on("close", resolve).on("error", () => {}));
  return { ...heard, closed, socket };
}

/** HTTP status of a refused upgrade, or 101. */
function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_request, answer) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

const hasBox = (bytes: Buffer | undefined, type: string) => bytes?.includes(type) ?? false;

describe("the web service as a process", () => {
  let home: TemporaryHome;
  let cameras: ServiceProcess;
  let web: ServiceProcess;
  let ingest: StandInIngest;
  let archive: StandInArchive;
  let street: CameraFeed;
  let url = "";
  let port = 0;
  const get = (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
  const json = async (path: string, status = 200) => {
    const answer = await get(path);
    assert.equal(answer.status, status, path);
    return answer.json() as Promise<Record<string, never>>;
  };

  before(async () => {
    home = makeTemporaryHome();
    cameras = await startService("cameras", home);
    for (const id of ["street", "absent"]) {
      const camera = { id, name: `The ${id}`, source: { kind: "srt-listener" } };
      await requestJson(home.runDir, "cameras", { method: "POST", path: "/cameras", json: camera });
    }
    const file = await makeTestMedia({ audio: "aac", durationS: 10 });
    street = new CameraFeed({ prefix: home.ringPrefix, camera: "street", file, decode: true });
    ingest = new StandInIngest(home.runDir);
    ingest.links.push(linkOf("street"), linkOf("absent", { state: "waiting", encrypted: false }));
    ingest.rejectedCallers = 2;
    ingest.rejections.push({
      ...{ peerHost: "192.0.2.7", streamId: "street", code: 10, reason: "wrong passphrase", count: 2 },
      ...{ firstWallUs: 1_000_000, lastWallUs: 2_000_000 },
    });
    archive = new StandInArchive(home.runDir);
    await ingest.start();
    await archive.start(home.ringPrefix, ["street"]);
    web = await startService("web", home, { arguments: ["--set", "http.port=0"] });
    const status = await requestJson<{ port: number; url: string }>(home.runDir, "web", { path: "/status" });
    port = status.port;
    url = `http://127.0.0.1:${port}`;
  });

  after(async () => {
    await web?.stop();
    await cameras?.stop();
    await archive?.stop();
    await ingest?.stop();
    street?.close();
    home?.remove();
  });

  test("port 0 takes a free one, told in /status and in the log", async () => {
    assert.ok(port > 0);
    await web.logged(new RegExp(`"url":"http://127.0.0.1:${port}/"`));
  });

  test("cameras are listed with the state of their links", async () => {
    const list = await waitUntil("cameras of the registry", async () => {
      const body = (await (await get("/api/cameras")).json()) as {
        cameras: { id: string; state: string; encrypted: boolean }[];
        rejectedCallers: number;
      };
      return body.cameras.length === 2 && body;
    });
    assert.deepEqual(
      list.cameras.map(({ id, state }) => [id, state]),
      [
        ["absent", "connecting"],
        ["street", "live"],
      ],
    );
    assert.equal(list.rejectedCallers, 2);
    const { rejections } = (await (await get("/api/rejections")).json()) as RejectionList;
    assert.deepEqual(
      rejections.map(({ peerHost, streamId, reason, count, lastWallUs }) => [
        peerHost,
        streamId,
        reason,
        count,
        lastWallUs,
      ]),
      [["192.0.2.7", "street", "wrong passphrase", 2, 2_000_000]],
    );
  });

  test("a camera's recording settings are changed for everybody at once, and what is refused is said by who refuses it", async () => {
    const patch = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const init = { method: "PATCH", headers: { "content-type": "application/json", ...headers } };
      const answer = await get(path, { ...init, body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as Record<string, never> };
    };
    type Shown = { id: string; state: string; recording: { mode: string; schedule: object[]; privacy: boolean } };
    const schedule = [{ days: ["mon"], from: "22:00", to: "06:00", mode: "off" }];
    const changed = await patch("/api/cameras/absent", { recording: { mode: "events", schedule } });
    assert.deepEqual([changed.status, (changed.body as unknown as Shown).recording.mode], [200, "events"]);
    const list = (await json("/api/cameras")) as unknown as { timeZone: string; cameras: Shown[] };
    const shown = list.cameras.find(({ id }) => id === "absent");
    assert.deepEqual([shown?.recording.mode, shown?.recording.schedule], ["events", schedule]);
    assert.equal(list.timeZone, new Intl.DateTimeFormat().resolvedOptions().timeZone);
    const hidden = await patch("/api/cameras/absent", { recording: { privacy: true } });
    assert.equal((hidden.body as unknown as Shown).state, "private");
    await patch("/api/cameras/absent", { recording: { privacy: false, mode: "continuous", schedule: [] } });
    const refused: [status: number, code: string, path: string, body: unknown, headers?: Record<string, string>][] = [
      [400, "WEB_REQUEST_INVALID", "/api/cameras/absent", { recording: { preRollS: 61 } }],
      [400, "WEB_REQUEST_INVALID", "/api/cameras/absent", { recording: { unknown: 1 } }],
      [400, "WEB_REQUEST_INVALID", "/api/cameras/absent", { recording: {}, name: "Mine now" }],
      [400, "WEB_REQUEST_INVALID", "/api/cameras/absent", {}],
      [400, "CAMERA_INVALID", "/api/cameras/absent", { recording: { retention: { minDays: 9, maxDays: 3 } } }],
      [404, "CAMERA_NOT_FOUND", "/api/cameras/nobody", { recording: { mode: "off" } }],
      [403, "WEB_ORIGIN_REFUSED", "/api/cameras/absent", { recording: {} }, { origin: "http://elsewhere.example" }],
      [400, "WEB_BODY_NOT_JSON", "/api/cameras/absent", { recording: {} }, { "content-type": "text/plain" }],
    ];
    for (const [status, code, path, body, headers] of refused) {
      const answer = await patch(path, body, headers);
      const said = (answer.body as unknown as { error?: { code: string } }).error?.code;
      assert.deepEqual([answer.status, said], [status, code], JSON.stringify(body));
    }
  });

  test("what belongs to the archive is answered by the archive", async () => {
    const span = `fromUs=${systemClock.wallUs() - 60_000_000}&toUs=${systemClock.wallUs() + 1_000_000}`;
    await waitUntil("a recording", async () => {
      const timeline = await json(`/api/cameras/street/timeline?${span}`);
      return (timeline as unknown as { segments: unknown[] }).segments.length > 0;
    });
    const clip = await get(`/api/cameras/street/recording.mp4?${span}`);
    assert.equal(clip.headers.get("content-type"), "video/mp4");
    assert.ok(Number(clip.headers.get("x-start-wall-us")) > 0);
    assert.ok(hasBox(Buffer.from(await clip.arrayBuffer()), "moof"));
    assert.ok(Array.isArray((await json("/api/events?limit=5")).events));
  });

  test("a still of a camera is a JPEG with its capture time; without frames the reason is told", async () => {
    const answer = await waitUntil("a picture", async () => {
      const tried = await get("/api/cameras/street/picture.jpg?widthPx=160");
      return tried.status === 200 && tried;
    });
    assert.equal(answer.headers.get("content-type"), "image/jpeg");
    assert.ok(Number(answer.headers.get("x-capture-wall-us")) > 0);
    assert.deepEqual([...new Uint8Array(await answer.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
    const none = (await json("/api/cameras/absent/picture.jpg", 503)) as unknown as {
      error: { code: string; message: string };
    };
    assert.equal(none.error.code, "WEB_PICTURE_UNAVAILABLE");
    assert.match(none.error.message, /absent .*RING_NOT_FOUND/);
  });

  test("a private camera shows nothing, though its rings still hold the last pictures, and is back by itself", async () => {
    const live = `${url.replace("http", "ws")}/api/live/street`;
    const setPrivacy = (privacy: boolean) =>
      requestJson(home.runDir, "cameras", {
        method: "PATCH",
        path: "/cameras/street",
        json: { recording: { privacy } },
      });
    const pictureStatus = async () => (await get("/api/cameras/street/picture.jpg")).status;
    await waitUntil("a picture", async () => (await pictureStatus()) === 200);
    await setPrivacy(true);
    await waitUntil("the picture withheld", async () => (await pictureStatus()) === 412);
    const refused = (await json("/api/cameras/street/picture.jpg", 412)) as unknown as { error: { code: string } };
    assert.equal(refused.error.code, "WEB_CAMERA_PRIVATE");
    assert.equal(await upgradeStatus(live, { origin: url }), 412);
    await setPrivacy(false);
    await waitUntil("the picture back", async () => (await pictureStatus()) === 200);
    assert.equal(await upgradeStatus(live, { origin: url }), 101);
  });

  test("the status of every service is one answer; a silent service is a fault, not an error", async () => {
    const { services } = (await json("/api/status")) as unknown as {
      services: { name: string; healthy: boolean; status: unknown }[];
    };
    assert.deepEqual(
      services.map(({ name, healthy }) => `${name} ${healthy}`),
      [
        "cameras true",
        "ingest true",
        "decode false",
        "inference false",
        "archive true",
        "automation false",
        "web true",
      ],
    );
  });

  test("bad input is answered as JSON that names the field", async () => {
    const cases: [path: string, status: number, code: string, words: RegExp][] = [
      ["/api/cameras/UPPER/timeline?fromUs=1&toUs=2", 400, "WEB_REQUEST_INVALID", /path id: expected 1 to 31/],
      ["/api/cameras/street/timeline?fromUs=5&toUs=2", 400, "WEB_REQUEST_INVALID", /query toUs: .*later than fromUs/],
      ["/api/cameras/street/timeline", 400, "WEB_REQUEST_INVALID", /query fromUs.*query toUs/],
      ["/api/cameras?x=1", 400, "WEB_REQUEST_INVALID", /Unrecognized key: "x"/],
      ["/api/events?limit=0", 400, "WEB_REQUEST_INVALID", /query limit/],
      ["/api/exports/not-a-uuid", 400, "WEB_REQUEST_INVALID", /path id/],
      ["/api/cameras/nobody/picture.jpg", 404, "WEB_CAMERA_UNKNOWN", /nobody/],
      ["/api/nothing", 404, "ROUTE_NOT_FOUND", /\/api\/nothing/],
      ["/..%2f..%2f..%2fetc%2fpasswd", 404, "ROUTE_NOT_FOUND", /./],
    ];
    for (const [path, status, code, words] of cases) {
      const { error } = (await json(path, status)) as unknown as { error: { code: string; message: string } };
      assert.equal(error.code, code, path);
      assert.match(error.message, words, path);
    }
  });

  test("every answer carries the headers that keep other pages out", async () => {
    for (const path of ["/", "/api/cameras", "/api/nothing", "/theme.js"]) {
      const { headers } = await get(path);
      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'self';.*frame-ancestors 'self'/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    }
  });

  test("a foreign host name and a foreign page are refused", async () => {
    const { hostname } = new URL(url);
    const rebound = await requestSocketless(hostname, port, "evil.example");
    assert.equal(rebound.status, 403);
    assert.match(rebound.body, /WEB_HOST_REFUSED/);
    const live = `ws://127.0.0.1:${port}/api/live/street`;
    assert.equal(await upgradeStatus(live, { origin: "https://evil.example" }), 403);
    assert.equal(await upgradeStatus(live, { origin: "null" }), 403);
    assert.equal(await upgradeStatus(live, { origin: url }), 101);
    assert.equal(await upgradeStatus(live, {}), 101);
    assert.equal(await upgradeStatus(`ws://127.0.0.1:${port}/api/live/nobody`, {}), 404);
    assert.equal(await upgradeStatus(`ws://127.0.0.1:${port}/api/events/stream?frames=maybe`, {}), 400);
  });

  test("only this box's own pages and programs change anything, and only by JSON", async () => {
    const clip = { name: "Visitor", cameras: ["street"], fromUs: 1, toUs: 2 };
    const post = async (headers: Record<string, string>, body = JSON.stringify(clip)) => {
      const answer = await get("/api/clips", { method: "POST", headers, body });
      return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
    };
    const json = { "content-type": "application/json" };
    const made = [404, "ROUTE_NOT_FOUND"]; // the stand-in has no clips: the request came through to it
    assert.deepEqual(await post(json), made);
    assert.deepEqual(await post({ ...json, origin: url }), made);
    assert.deepEqual(await post({ ...json, origin: "https://evil.example" }), [403, "WEB_ORIGIN_REFUSED"]);
    assert.deepEqual(await post({ ...json, origin: "null" }), [403, "WEB_ORIGIN_REFUSED"]);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "text/plain; application/json"]) {
      assert.deepEqual(await post({ "content-type": type }), [400, "WEB_BODY_NOT_JSON"], type);
    }
    assert.deepEqual(await post(json, "{"), [400, "REQUEST_INVALID"]);
    assert.deepEqual(await post(json, JSON.stringify({ ...clip, name: "x".repeat(70_000) })), [413, "REQUEST_INVALID"]);
    const gone = await get("/api/clips/one", { method: "DELETE", headers: { origin: "https://evil.example" } });
    assert.equal(gone.status, 403);
    const asked = await get("/api/clips", { method: "OPTIONS", headers: { origin: "https://evil.example" } });
    assert.deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [403, null]);
  });

  test("live by WebCodecs: the codec, then a key frame in Annex B, then frame after frame", async () => {
    const viewer = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "webcodecs", value: "avc1.640033" });
    await waitUntil("20 frames", () => viewer.binaries.length >= 20);
    assert.equal(viewer.texts[0]?.type, "webcodecs");
    assert.match(viewer.texts[0]?.value ?? "", /^avc1\.[0-9a-f]{6}$/i);
    const first = viewer.binaries[0];
    assert.equal(first?.readUInt8(0), 1);
    assert.equal((first?.readUInt8(1) ?? 0) & 1, 1);
    assert.match(first?.subarray(16, 21).toString("hex") ?? "", /^(000001|00000001)/);
    const ages = viewer.binaries.map((frame) => systemClock.wallUs() - Number(frame.readBigUInt64LE(8)));
    assert.ok(
      ages.every((ageUs) => ageUs > -1_000_000 && ageUs < 60_000_000),
      "capture times are of now",
    );
    const times = viewer.binaries.map((frame) => frame.readUIntLE(2, 6));
    assert.ok(
      times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)),
      "pts rises without B-frames",
    );
    viewer.socket.close();
  });

  test("live by MSE: type with sound, init segment, then one fragment a frame", async () => {
    const viewer = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "mse", value: "avc1.640033,mp4a.40.2" });
    await waitUntil("40 segments", () => viewer.binaries.length >= 40);
    assert.match(viewer.texts[0]?.value ?? "", /^video\/mp4; codecs="avc1\.[0-9a-fA-F]{6},mp4a\.40\.2"$/);
    assert.ok(hasBox(viewer.binaries[0], "moov"));
    assert.ok(viewer.binaries.slice(1).every((segment) => hasBox(segment, "moof") && hasBox(segment, "mdat")));
    viewer.socket.close();
    const silent = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "mse", value: "avc1.640033" });
    await waitUntil("a segment", () => silent.binaries.length >= 2);
    assert.doesNotMatch(silent.texts[0]?.value ?? "", /mp4a/);
    silent.socket.close();
  });

  test("a camera that is not connected is waited for; nonsense is refused", async () => {
    const waiting = watch(`ws://127.0.0.1:${port}/api/live/absent`, { type: "webcodecs", value: "avc1.640033" });
    await waitUntil("word of waiting", () => waiting.texts[0]?.type === "waiting");
    waiting.socket.close();
    const nonsense = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "gif" });
    assert.equal(await nonsense.closed, 1003);
    assert.equal(nonsense.texts[0]?.error?.code, "WEB_LIVE_MESSAGE_INVALID");
    const huge = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "mse", value: "x".repeat(20_000) });
    assert.equal(await huge.closed, 1009); // larger than maxPayload
  });

  test("viewers are counted while they watch and forgotten when they leave", async () => {
    const counts = () =>
      requestJson<{ liveViewers: number; eventViewers: number }>(home.runDir, "web", { path: "/status" });
    await waitUntil("nobody watching", async () => (await counts()).liveViewers === 0);
    const viewer = watch(`ws://127.0.0.1:${port}/api/live/street`, { type: "webcodecs", value: "avc1.640033" });
    await waitUntil("one viewer", async () => (await counts()).liveViewers === 1);
    const metrics = await requestSocket(home.runDir, "web", { path: "/metrics" });
    assert.match(metrics.body.toString(), /lanthorn_web_viewers\{kind="live",service="web"\} 1/);
    viewer.socket.terminate();
    await waitUntil("nobody watching", async () => (await counts()).liveViewers === 0);
  });

  test("an event comes over the stream, and its picture from memory", async () => {
    const stream = watch(`ws://127.0.0.1:${port}/api/events/stream`);
    await waitUntil("the greeting", () => stream.texts[0]?.type === "hello");
    street.beginEvent({ x: 0, y: 0, width: 1, height: 1 });
    await waitUntil("the event", () => stream.texts.some(({ type }) => type === "event"));
    stream.socket.close();
  });

  test("a taken port is an error that names the port and the fix", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port: number } = taken.address() as { port: number };
    using other = makeTemporaryHome();
    const second = await startService("web", other, {
      arguments: ["--set", `http.port=${number}`],
      waitForReady: false,
    });
    assert.deepEqual(await second.ended, { code: 78, signal: null });
    assert.match(second.log(), new RegExp(`WEB_PORT_TAKEN.*Port ${number} on 127.0.0.1 is taken.*--set http.port=`));
    taken.close();
  });

  test("an address that is not this machine's is an error that says which are", async () => {
    using other = makeTemporaryHome();
    const second = await startService("web", other, {
      arguments: ["--set", "http.host=192.0.2.1"],
      waitForReady: false,
    });
    assert.deepEqual(await second.ended, { code: 64, signal: null });
    assert.match(second.log(), /WEB_ADDRESS_UNKNOWN.*192\.0\.2\.1/);
  });

  test("stops within a second while people watch", async () => {
    using other = makeTemporaryHome();
    const second = await startService("web", other, { arguments: ["--set", "http.port=0"] });
    const own = await requestJson<{ port: number }>(other.runDir, "web", { path: "/status" });
    const viewer = watch(`ws://127.0.0.1:${own.port}/api/events/stream`);
    await waitUntil("the greeting", () => viewer.texts.length > 0);
    assert.deepEqual(await second.stop(), { code: 0, signal: null });
    await viewer.closed;
  });
});

/** fetch sets Host itself: a request with another one needs a bare connection. */
async function requestSocketless(host: string, port: number, name: string): Promise<{ status: number; body: string }> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path: "/api/cameras", headers: { host: name } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    outgoing.on("error", reject).end();
  });
}
