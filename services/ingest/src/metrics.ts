/** Prometheus metrics of ingest, read from the status rows when asked. Names and meaning: docs/ref/ingest.md#metrics. */
import { Counter, Gauge, type Registry } from "@lanthorn/base";
import type { CameraLink, SrtPortState, StreamLink, StreamName, TrafficLight } from "@lanthorn/contract";
import { srtFloods, srtLibraryWarnings, srtTurns } from "@lanthorn/srt";

const PREFIX = "lanthorn_ingest";

/** Where the numbers come from. */
export interface MetricSources {
  readonly rows: () => readonly CameraLink[];
  readonly ports: () => readonly SrtPortState[];
  readonly rejectedCallers: () => number;
}

/** The traffic light as a number that an alarm can compare: higher is worse. */
const LIGHT_VALUE: Readonly<Record<TrafficLight, number>> = { off: 0, green: 1, amber: 2, red: 3 };

/** A number of a stream's row; null is not reported. */
type Read = (link: StreamLink) => number | null;

/** One label set and the row it is about. */
type Labelled = readonly [labels: { camera: string; stream: StreamName }, link: StreamLink];

function labelled({ rows }: MetricSources): Labelled[] {
  return rows().flatMap((link): Labelled[] => {
    const main: Labelled = [{ camera: link.id, stream: "main" }, link];
    return link.sub === null ? [main] : [main, [{ camera: link.id, stream: "sub" }, link.sub]];
  });
}

const GAUGES: readonly (readonly [name: string, help: string, read: Read])[] = [
  ["connected", "1 while the camera's stream is connected.", (link) => (link.state === "connected" ? 1 : 0)],
  ["light", "Traffic light: 0 off, 1 green, 2 amber, 3 red.", (link) => LIGHT_VALUE[link.light]],
  ["key_length_bits", "AES key length of the connection.", (link) => link.keyLengthBits],
  [
    "key_frame_interval_seconds",
    "From one key frame to the next.",
    (link) => (link.keyFrameIntervalMs === null ? null : link.keyFrameIntervalMs / 1000),
  ],
  [
    "latency_seconds",
    "Negotiated latency: the time that lost packets have to come again.",
    (link) => link.msRcvTsbPdDelay / 1000,
  ],
  ["reorder_distance_packets", "How far out of order packets came lately.", (link) => link.pktReorderDistance],
  ["rtt_seconds", "Round trip time of the connection.", (link) => link.msRTT / 1000],
  ["receive_bits_per_second", "Rate of the stream.", (link) => link.mbpsRecvRate * 1e6],
  ["frames_per_second", "Frame rate of the video.", (link) => link.fps],
  [
    "last_packet_age_seconds",
    "Age of the newest bytes.",
    (link) => (link.lastPacketAgeMs === null ? null : link.lastPacketAgeMs / 1000),
  ],
  ["ring_bytes", "What the packet ring can hold.", (link) => link.ringBytes],
  ["ring_holds_seconds", "What the packet ring holds at the stream's rate.", (link) => link.ringHoldsS],
];

const COUNTERS: readonly (readonly [name: string, help: string, read: Read])[] = [
  ["packets_received_total", "Network packets received.", (link) => link.pktRecv],
  ["packets_lost_total", "Network packets found missing, most of them sent again.", (link) => link.pktRcvLoss],
  ["packets_retransmitted_total", "Network packets received by retransmission.", (link) => link.pktRcvRetrans],
  ["packets_dropped_total", "Network packets given up: visible damage.", (link) => link.pktRcvDrop],
  ["packets_belated_total", "Network packets that came too late.", (link) => link.pktRcvBelated],
  ["loss_reports_sent_total", "Requests for missing packets that were sent.", (link) => link.pktSentNAK],
  ["packets_undecrypted_total", "Network packets that did not decrypt.", (link) => link.pktRcvUndecrypt],
  ["records_total", "Access units and audio frames written to the packet ring.", (link) => link.packets],
  ["key_frames_total", "Key frames written to the packet ring.", (link) => link.keyFrames],
  ["continuity_errors_total", "Gaps in the transport stream.", (link) => link.continuityErrors],
  ["discarded_bytes_total", "Bytes that were no transport stream.", (link) => link.discardedBytes],
  ["reconnects_total", "Connections after the first.", (link) => link.reconnects],
];

/** Registers everything. */
export function registerMetrics(registry: Registry, sources: MetricSources): void {
  const registers = [registry];
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      ...{ name: `${PREFIX}_${name}`, help, labelNames: ["camera", "stream"], registers },
      collect() {
        this.reset(); // cameras that are gone do not stay
        for (const [labels, link] of labelled(sources)) {
          const value = read(link);
          if (value !== null) {
            this.set(labels, value);
          }
        }
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      ...{ name: `${PREFIX}_${name}`, help, labelNames: ["camera", "stream"], registers },
      collect() {
        this.reset();
        for (const [labels, link] of labelled(sources)) {
          this.inc(labels, read(link) ?? 0);
        }
      },
    });
  }
  registerPortMetrics(registry, sources);
  registerProcessMetrics(registry, sources);
}

function registerPortMetrics(registry: Registry, { ports }: MetricSources): void {
  const common = { labelNames: ["port"], registers: [registry] };
  new Gauge({
    ...{
      name: `${PREFIX}_udp_buffer_bytes`,
      help: "UDP buffer of a port that cameras call, as the kernel counts.",
      ...common,
    },
    collect() {
      this.reset();
      for (const { port, udpBufferBytes } of ports()) {
        this.set({ port }, udpBufferBytes);
      }
    },
  });
  new Counter({
    ...{ name: `${PREFIX}_udp_dropped_total`, help: "Network packets that found that buffer full.", ...common },
    collect() {
      this.reset();
      for (const { port, udpDropped } of ports()) {
        this.inc({ port }, udpDropped);
      }
    },
  });
}

function registerProcessMetrics(registry: Registry, { rejectedCallers }: MetricSources): void {
  const totals: readonly (readonly [name: string, help: string, read: () => number])[] = [
    ["rejected_callers_total", "Callers that were turned away.", rejectedCallers],
    [
      "receive_turns_total",
      "Turns of the receive loop; it stands still only if the thread hangs.",
      () => Number(srtTurns()),
    ],
    ["floods_total", "Times that an address was shut out for calling more than 200 times a second.", srtFloods],
    ["library_warnings_total", "Warnings of libsrt: malformed handshakes, late packets.", srtLibraryWarnings],
  ];
  for (const [name, help, read] of totals) {
    new Counter({
      ...{ name: `${PREFIX}_${name}`, help, registers: [registry] },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
