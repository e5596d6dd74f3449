/** What the page knows of the box: cameras, connection, what is going on. One event socket and one slow poll feed it. */
import type { CameraView, DetectionEvent, ResultRecord, StreamMessage } from "@lanthorn/contract";
import { computed, signal } from "@preact/signals";
import { readCameras, readEvents } from "../net/api.ts";
import { SteadySocket } from "../net/steady-socket.ts";

/** Cameras; undefined until the box answered for the first time. */
export const cameras = signal<CameraView[] | undefined>(undefined);

/** The box's own time zone, an IANA name: schedules go by it, not by the viewer's. */
export const boxTimeZone = signal<string | undefined>(undefined);

/** Whether the box is heard. */
export const connection = signal<"first" | "open" | "lost">("first");

/** Events newest first: the last ones from the archive, and those that came since. */
export const feed = signal<DetectionEvent[] | undefined>(undefined);

/** Events going on now. */
export const active = signal<ReadonlyMap<string, DetectionEvent>>(new Map());

/** Newest picture of an event, as a version for its address. */
export const pictureVersions = signal<ReadonlyMap<string, number>>(new Map());

/** Box time, moving on by a second: what "3 min ago" is counted from. */
export const nowUs = signal(Date.now() * 1000);

/** Cameras where something is going on. */
export const activeCameras = computed(() => new Set([...active.value.values()].map((event): string => event.camera)));

/** What is in a frame; for overlays. */
export type FrameRecord = Extract<ResultRecord, { type: "frame" }>;

const FEED_LENGTH = 60;
const CAMERAS_EVERY_MS = 2000;
const SILENCE_MS = 5000; // the box says something every 2 s

let clockOffsetUs = 0;
let changes = 0;
const frameListeners = new Set<(record: FrameRecord) => void>();
let socket: SteadySocket | undefined;

/** The box's own time, Unix microseconds: the clock of whoever looks may be wrong. */
export function boxNowUs(): number {
  return Date.now() * 1000 + clockOffsetUs;
}

/** Hears of each frame's detections; the returned function ends it. */
export function onFrameRecord(listener: (record: FrameRecord) => void): () => void {
  frameListeners.add(listener);
  return () => frameListeners.delete(listener);
}

/** Starts listening to the box. Once, by main.tsx. */
export function connectBox(): void {
  socket = new SteadySocket("/api/events/stream", SILENCE_MS, {
    onText: (text) => take(JSON.parse(text) as StreamMessage),
    onLost: () => {
      connection.value = "lost";
    },
  });
  socket.open();
  void refreshCameras();
  setInterval(() => void refreshCameras(), CAMERAS_EVERY_MS);
  setInterval(() => {
    nowUs.value = boxNowUs();
  }, 1000);
  addEventListener("online", () => socket?.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      socket?.hurry();
      void refreshCameras();
    }
  });
}

/** Takes the box's answer to a change; what was asked before it says nothing any more. */
export function takeCamera(view: CameraView): void {
  changes++;
  cameras.value = cameras.peek()?.map((camera) => (camera.id === view.id ? view : camera));
}

async function refreshCameras(): Promise<void> {
  if (document.visibilityState === "hidden") {
    return;
  }
  const asOf = changes;
  try {
    const list = await readCameras();
    if (asOf !== changes) {
      return;
    }
    boxTimeZone.value = list.timeZone;
    if (JSON.stringify(list.cameras) !== JSON.stringify(cameras.peek())) {
      cameras.value = list.cameras;
    }
  } catch {
    // the event socket tells of a lost connection; what was known stays on the page
  }
}

/** Reads the newest events from the archive; what came meanwhile stays in front. */
async function refreshFeed(): Promise<void> {
  try {
    const { events } = await readEvents({ limit: FEED_LENGTH });
    feed.value = merge(feed.peek() ?? [], events);
  } catch {
    feed.value ??= [];
  }
}

function take(message: StreamMessage): void {
  switch (message.type) {
    case "hello":
      synchronise(message.serverWallUs);
      connection.value = "open";
      active.value = new Map(message.active.map((event) => [event.id, event]));
      void refreshFeed();
      void refreshCameras();
      break;
    case "beat":
      synchronise(message.serverWallUs);
      break;
    case "frame":
      for (const listener of frameListeners) {
        listener(message);
      }
      break;
    case "event":
      takeEvent(message.event, message.phase === "end");
      break;
    case "thumbnail":
      pictureVersions.value = new Map(
        [...pictureVersions.peek(), [message.eventId, message.captureWallUs]].slice(-200) as [string, number][],
      );
      break;
  }
}

function takeEvent(event: DetectionEvent, ended: boolean): void {
  const next = new Map(active.peek());
  if (ended) {
    next.delete(event.id);
  } else {
    next.set(event.id, event);
  }
  active.value = next;
  feed.value = merge([event], feed.peek() ?? []);
}

/** Events by id, the first list's word counts; newest start first. */
function merge(newer: readonly DetectionEvent[], older: readonly DetectionEvent[]): DetectionEvent[] {
  const known = new Map<string, DetectionEvent>();
  for (const event of [...newer, ...older]) {
    if (!known.has(event.id)) {
      known.set(event.id, event);
    }
  }
  return [...known.values()].sort((a, b) => b.startWallUs - a.startWallUs).slice(0, FEED_LENGTH);
}

function synchronise(serverWallUs: number): void {
  clockOffsetUs = serverWallUs - Date.now() * 1000;
}
