/**
 * The MQTT topic tree, as data: every topic the service publishes or listens to, with its retain flag and QoS.
 * Pure. docs/ref/mqtt.md says the same for people; a test compares the two. Source: docs/design/automation.md.
 */

/** A topic's place in the tree; `{…}` stands for a value. */
export interface TopicDefinition {
  readonly pattern: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
  /** out: we publish. in: we subscribe. both: we publish, and listen to what others say there. */
  readonly direction: "out" | "in" | "both";
}

/** Every topic of the service. `{base}` and `{discovery}` are configured, `{camera}` is a camera's topic segment. */
export const TOPICS = {
  bridgeState: { pattern: "{base}/bridge/state", retain: true, qos: 1, direction: "out" },
  bridgeInfo: { pattern: "{base}/bridge/info", retain: true, qos: 1, direction: "both" },
  bridgeHealth: { pattern: "{base}/bridge/health", retain: true, qos: 0, direction: "out" },
  request: { pattern: "{base}/bridge/request/{verb}", retain: false, qos: 1, direction: "in" },
  response: { pattern: "{base}/bridge/response/{verb}", retain: false, qos: 1, direction: "out" },
  events: { pattern: "{base}/events", retain: false, qos: 1, direction: "out" },
  availability: { pattern: "{base}/{camera}/availability", retain: true, qos: 1, direction: "out" },
  motion: { pattern: "{base}/{camera}/motion", retain: true, qos: 1, direction: "out" },
  object: { pattern: "{base}/{camera}/object/{label}", retain: true, qos: 1, direction: "out" },
  objectCount: { pattern: "{base}/{camera}/object/{label}/count", retain: true, qos: 0, direction: "out" },
  event: { pattern: "{base}/{camera}/event", retain: false, qos: 1, direction: "out" },
  snapshot: { pattern: "{base}/{camera}/snapshot/{label}", retain: true, qos: 0, direction: "out" },
  image: { pattern: "{base}/{camera}/image", retain: true, qos: 0, direction: "out" },
  telemetry: { pattern: "{base}/{camera}/telemetry", retain: true, qos: 0, direction: "out" },
  discovery: { pattern: "{discovery}/device/{device}/config", retain: true, qos: 1, direction: "both" },
  birth: { pattern: "{discovery}/status", retain: false, qos: 1, direction: "in" },
} as const satisfies Record<string, TopicDefinition>;

/** Key of TOPICS. */
export type TopicKind = keyof typeof TOPICS;

/** A message ready to go out. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain: boolean;
  readonly qos: 0 | 1;
}

/** First levels below the base that are not cameras: a camera of that name gets another segment. */
const RESERVED_SEGMENTS: ReadonlySet<string> = new Set(["bridge", "events"]);

/** The level a camera has in the tree: its id, or `camera_<id>` where the id is one of our own words (ids have no `_`). */
export function cameraSegment(cameraId: string): string {
  return RESERVED_SEGMENTS.has(cameraId) ? `camera_${cameraId}` : cameraId;
}

/** A label as one topic level: lower case, everything but letters, digits and `-` becomes `_` ("traffic light" → "traffic_light"). */
export function labelSegment(label: string): string {
  return label.toLowerCase().replace(/[^a-z0-9-]+/g, "_") || "_";
}

/** Builds topics and messages below a base topic and a discovery prefix. */
export class TopicTree {
  readonly base: string;
  readonly discoveryPrefix: string;

  constructor(base: string, discoveryPrefix: string) {
    this.base = base;
    this.discoveryPrefix = discoveryPrefix;
  }

  /** The topic of a kind; places that are not given stay MQTT wildcards (`+`), so the same call makes a subscription. */
  topic(kind: TopicKind, places: TopicPlaces = {}): string {
    const values: Record<string, string | undefined> = {
      base: this.base,
      discovery: this.discoveryPrefix,
      camera: places.camera === undefined ? undefined : cameraSegment(places.camera),
      label: places.label === undefined ? undefined : labelSegment(places.label),
      device: places.device,
      verb: places.verb,
    };
    return TOPICS[kind].pattern.replace(/\{(\w+)\}/g, (_place, name: string) => values[name] ?? "+");
  }

  /** A message on the topic of a kind, with that kind's retain flag and QoS; objects become JSON. */
  message(kind: TopicKind, places: TopicPlaces, payload: string | Buffer | object): OutgoingMessage {
    const { retain, qos } = TOPICS[kind];
    const body = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    return { topic: this.topic(kind, places), payload: body, retain, qos };
  }
}

/** Values for the places of a pattern. */
export interface TopicPlaces {
  /** A camera's id. */
  readonly camera?: string;
  readonly label?: string;
  readonly device?: string;
  readonly verb?: string;
}
