import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { systemClock } from "@lanthorn/base";
import { Camera, type StreamMessage } from "@lanthorn/contract";
import { makeTestMedia, waitUntil } from "@lanthorn/testing";
import { type EventSocket, serveEventStream } from "../src/events/event-stream.ts";
import { ResultsHub } from "../src/events/results-hub.ts";
import { CameraFeed } from "./support/camera-feed.ts";

class FakeSocket implements EventSocket {
  bufferedAmount = 0;
  closed: number | undefined;
  readonly messages: StreamMessage[] = [];
  #onClose = () => {};

  send(text: string): void {
    this.messages.push(JSON.parse(text) as StreamMessage);
  }

  close(code: number): void {
    this.closed = code;
    this.#onClose();
  }

  on(_event: "close", callback: () => void): void {
    this.#onClose = callback;
  }
}

const BOX = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };

class Scene {
  readonly prefix = `lanthorn-test-${randomBytes(6).toString("hex")}`;
  readonly feeds: CameraFeed[] = [];
  readonly hub: ResultsHub;
  #cameras: Camera[] = [];
  #changed = () => {};

  constructor() {
    const directory = {
      cameras: () => this.#cameras,
      onChange: (callback: () => void) => {
        this.#changed = callback;
        return () => {};
      },
    };
    const log = { error: () => {} } as never;
    this.hub = new ResultsHub({ directory, ringPrefix: this.prefix, clock: systemClock, log });
    this.hub.start(new AbortController().signal);
  }

  async camera(id: string, decode = false): Promise<CameraFeed> {
    const file = await makeTestMedia();
    const feed = new CameraFeed({ prefix: this.prefix, camera: id, file, decode });
    this.feeds.push(feed);
    await waitUntil("a first frame", () => feed.source.statistics().videoPackets > 2);
    this.register(id);
    await systemClock.sleep(300); // the hub looks for the ring every 100 ms
    return feed;
  }

  register(...ids: string[]): void {
    const camera = (id: string) =>
      Camera.parse({ id, name: id, source: { kind: "srt-listener" }, enabled: true, createdWallUs: 1 });
    this.#cameras = [...this.#cameras, ...ids.map(camera)];
    this.#changed();
  }

  forget(): void {
    this.#cameras = [];
    this.#changed();
  }

  watch(options: { camera?: string; frames?: boolean } = {}): FakeSocket {
    const socket = new FakeSocket();
    serveEventStream(socket, { hub: this.hub, clock: systemClock, frames: true, ...options });
    return socket;
  }

  [Symbol.dispose](): void {
    this.hub.stop();
    for (const feed of this.feeds) {
      feed.close();
    }
  }
}

const typesOf = (socket: FakeSocket) => socket.messages.map(({ type }) => type).filter((type) => type !== "beat");

test("a viewer is greeted with what goes on, then hears results as they happen", async () => {
  using scene = new Scene();
  const feed = await scene.camera("street");
  const first = scene.watch();
  const event = feed.beginEvent(BOX);
  await waitUntil("the event", () => typesOf(first).includes("event"));
  const second = scene.watch();
  const hello = second.messages[0];
  assert.equal(hello?.type, "hello");
  assert.deepEqual(hello?.type === "hello" && hello.active.map(({ id }) => id), [event.id]);
  feed.moveEvent(event, BOX);
  feed.endEvent(event);
  await waitUntil("the end", () => typesOf(second).at(-1) === "event");
  assert.deepEqual(typesOf(second), ["hello", "frame", "frame", "event"]);
  assert.deepEqual(scene.hub.activeEvents(), []);
  first.close(1000);
  second.close(1000);
});

test("a picture is announced and kept, so that it can be shown before the archive has it", async () => {
  using scene = new Scene();
  const feed = await scene.camera("street", true);
  const socket = scene.watch();
  const event = await waitUntil("a picture", async () => {
    const begun = feed.beginEvent(BOX); // without a frame to take it from there is no picture: try again
    await systemClock.sleep(200);
    return socket.messages.some((message) => message.type === "thumbnail" && message.eventId === begun.id) && begun;
  });
  assert.deepEqual([...(scene.hub.pictures.get(event.id)?.subarray(0, 2) ?? [])], [0xff, 0xd8]); // JPEG
  socket.close(1000);
});

test("a viewer hears only the camera it asked for, and no frames if it wants none", async () => {
  using scene = new Scene();
  const street = await scene.camera("street");
  const yard = await scene.camera("yard");
  const socket = scene.watch({ camera: "yard", frames: false });
  street.beginEvent(BOX);
  const event = yard.beginEvent(BOX);
  yard.moveEvent(event, BOX);
  yard.endEvent(event);
  await waitUntil("the end", () => typesOf(socket).length >= 3);
  assert.deepEqual(typesOf(socket), ["hello", "event", "event"]);
  socket.close(1000);
});

test("a slow viewer loses overlays first, then the connection, never an event silently", async () => {
  using scene = new Scene();
  const feed = await scene.camera("street");
  const socket = scene.watch();
  socket.bufferedAmount = 300 * 1024;
  const event = feed.beginEvent(BOX);
  feed.moveEvent(event, BOX);
  await waitUntil("the event", () => typesOf(socket).includes("event"));
  socket.bufferedAmount = 5 * 1024 * 1024;
  feed.endEvent(event);
  await waitUntil("the close", () => socket.closed !== undefined);
  assert.equal(socket.closed, 1013);
  assert.deepEqual(typesOf(socket), ["hello", "event"]);
});

test("cameras that come and go are followed and left", async () => {
  using scene = new Scene();
  scene.register("late");
  const socket = scene.watch();
  const feed = await scene.camera("late");
  feed.beginEvent(BOX);
  await waitUntil("the event", () => typesOf(socket).includes("event"));
  scene.forget();
  feed.beginEvent(BOX);
  await systemClock.sleep(300);
  assert.equal(typesOf(socket).filter((type) => type === "event").length, 1);
  socket.close(1000);
});
