/**
 * The one list of services, in start order, shared by the runner behind `npm start` and by the systemd units.
 * Does: say what each service is and may do. Does not: start anything (run/), write units (units/generate.ts).
 * Not in it: jobs, which has no process yet (services/jobs/README.md), and camera-agent, which runs on cameras.
 */

/**
 * What a service may reach. lan: the local network, never the internet; loopback: this machine only;
 * none: nothing but unix sockets and shared memory.
 */
const NETWORKS = ["lan", "loopback", "none"] as const;
/** One of NETWORKS. */
export type Network = (typeof NETWORKS)[number];

/** What must go on when the machine is short of memory or CPU; most important first. AI can never cost footage. */
const IMPORTANCES = ["recording", "normal", "extra"] as const;
/** One of IMPORTANCES. */
export type Importance = (typeof IMPORTANCES)[number];

/** One service: one folder, one process, one systemd unit. */
export interface ServiceSpec {
  readonly name: string;
  /** For people: what `systemctl status` and the runner show. */
  readonly description: string;
  /** The composition root, relative to the project's root. */
  readonly main: string;
  /** Services to start before this one. All bear the absence of any other: an order, not a need. */
  readonly after: readonly string[];
  readonly network: Network;
  readonly importance: Importance;
  /** Has a directory of its own to write to (LANTHORN_STATE_DIR). */
  readonly stateDir: boolean;
  /** The other services may read in that directory (registry.db, archive.db): one writer, many readers. */
  readonly stateReadable: boolean;
  /** Secrets it cannot start without, by credential name. */
  readonly credentials: readonly string[];
  /** Secrets it uses where they exist. */
  readonly optionalCredentials: readonly string[];
  /** Wait before a restart, milliseconds. */
  readonly restartMs: number;
  /** Without real progress for this long the service is killed and restarted, milliseconds. */
  readonly watchdogMs: number;
  /** Memory limit, MiB. Rings count for the service that writes them, so writers have room for 100 cameras. */
  readonly memoryMaxMiB: number;
  /** Shortens files (SQLite does). Where not, the unit forbids it: a shortened ring would kill its readers by SIGBUS. */
  readonly truncatesFiles: boolean;
  /** Lets threads of its own run before others (nice -10, never real-time). */
  readonly favoursThreads: boolean;
  /** Starts processes that give way to everything else (exports): it may lower priorities, and when memory is short only they end. */
  readonly startsWorkers: boolean;
  /** Device nodes it may open (a GPU); none means that /dev is private. */
  readonly devices: readonly string[];
  /** Groups beside the shared one, for those devices. */
  readonly supplementaryGroups: readonly string[];
}

/** The group of all services: reads rings, sockets and shared databases. */
export const SHARED_GROUP = "lanthorn";

/**
 * What Node is told for every service: each half of the young generation is 2 MiB at most, where V8 would let it grow to 16. It would do so at
 * every start and keep it: 6 to 11 MiB a service, and no processor time saved by it. Figures: docs/design/measurements.md#services-at-rest.
 */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=2"];

const ORDINARY = {
  importance: "normal",
  stateDir: true,
  stateReadable: false,
  credentials: [],
  optionalCredentials: [],
  restartMs: 1000,
  watchdogMs: 10_000,
  truncatesFiles: true,
  favoursThreads: false,
  startsWorkers: false,
  devices: [],
  supplementaryGroups: [],
} as const satisfies Partial<ServiceSpec>;

/** All services in start order; stopping goes the other way. */
export const SERVICES: readonly ServiceSpec[] = [
  {
    ...ORDINARY,
    name: "cameras",
    description: "Camera registry",
    main: "services/cameras/main.ts",
    after: [],
    network: "lan",
    stateReadable: true,
    credentials: ["device-key"],
    memoryMaxMiB: 256,
  },
  {
    ...ORDINARY,
    name: "ingest",
    description: "Camera streams into packet rings",
    main: "services/ingest/main.ts",
    after: ["cameras"],
    network: "lan",
    importance: "recording",
    restartMs: 100, // footage waits for it
    truncatesFiles: false,
    favoursThreads: true, // the one that empties the UDP buffer: docs/design/ingest.md#what-limits
    credentials: ["device-key"],
    memoryMaxMiB: 6144, // 100 cameras x 2 streams x (16 MiB packet ring + SRT buffers of about 8 MiB) = 4.7 GiB, and the process
  },
  {
    ...ORDINARY,
    name: "decode",
    description: "Packets into frames",
    main: "services/decode/main.ts",
    after: ["ingest"],
    network: "none",
    stateDir: false, // parses hostile bitstreams: nothing to write to
    truncatesFiles: false,
    memoryMaxMiB: 8192, // 100 cameras x frame ring at 1080p (contract CAMERA_RINGS) = 4.7 GiB, and the decoders' own
  },
  {
    ...ORDINARY,
    name: "inference",
    description: "Frames into detections and events",
    main: "services/inference/main.ts",
    after: ["decode"],
    network: "none",
    importance: "extra",
    watchdogMs: 30_000, // loading a model may take many seconds of one thread
    memoryMaxMiB: 4096,
  },
  {
    ...ORDINARY,
    name: "archive",
    description: "Packets into recordings, results into searchable events",
    main: "services/archive/main.ts",
    after: ["ingest"],
    network: "none",
    importance: "recording",
    restartMs: 100, // footage waits for it
    stateReadable: true,
    watchdogMs: 30_000, // a slow disk may take seconds for one fsync
    startsWorkers: true,
    memoryMaxMiB: 2560, // 1 GiB of its own, and two exports: a worker of 0.2 and an encoder of up to 0.5 GiB (4K) each
  },
  {
    ...ORDINARY,
    name: "automation",
    description: "MQTT and Home Assistant",
    main: "services/automation/main.ts",
    after: ["cameras", "ingest"],
    network: "lan",
    importance: "extra",
    optionalCredentials: ["mqtt-password"],
    memoryMaxMiB: 256,
  },
  {
    ...ORDINARY,
    name: "web",
    description: "Web interface and HTTP API",
    main: "services/web/main.ts",
    after: ["cameras", "ingest", "archive"],
    network: "lan",
    memoryMaxMiB: 512,
  },
];
