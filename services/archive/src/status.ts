/** What GET /status and GET /metrics tell. Defined in docs/ref/http.md#archive. */
import { type Clock, Gauge, type Registry } from "@lanthorn/base";
import type { ArchiveStatus } from "@lanthorn/contract";
import type { PreviewFleet } from "./previews/preview-fleet.ts";
import type { CommitLoop } from "./recording/commit-loop.ts";
import type { RecorderFleet } from "./recording/recorder-fleet.ts";
import { streamNameOf } from "./recording/recording-paths.ts";
import { addRetentionMetrics, type RetentionSources, retentionStatus } from "./retention/retention-status.ts";
import type { Store } from "./store/store.ts";

/** What status is read from. */
export interface StatusSources extends RetentionSources {
  readonly fleet: RecorderFleet;
  readonly commits: CommitLoop;
  readonly store: Store;
  readonly clock: Clock;
  readonly previews: PreviewFleet;
}

/** Builds the body of GET /status. */
export function archiveStatus(sources: StatusSources): ArchiveStatus {
  const { fleet, commits, store, clock } = sources;
  const nowUs = clock.wallUs();
  const cameras = fleet.followers().map(({ gate, recorder, ringHoldsS }) => {
    const cameraRow = store.cameras.find(recorder.of.camera, recorder.of.stream);
    const totals = cameraRow === undefined ? { segments: 0, bytes: 0 } : store.segments.totals(cameraRow);
    const growing = recorder.views();
    return {
      id: recorder.of.camera,
      stream: recorder.of.stream,
      mode: gate.modeAt(nowUs),
      watching: gate.isWatched,
      ringHoldsS: ringHoldsS ?? null,
      shortPreRolls: gate.shortPreRolls,
      state: recorder.state,
      recordedS: recorder.tally.recordedS,
      gapS: recorder.tally.gapS(nowUs),
      segments: totals.segments + growing.length,
      bytes: totals.bytes + growing.reduce((sum, { mediaBytes }) => sum + mediaBytes, 0),
      skippedPackets: recorder.skippedPackets,
    };
  });
  const { syncs, commits: count, lastDurationMs, longestDurationMs } = commits.statistics;
  return {
    service: "archive",
    cameras,
    ...retentionStatus(sources),
    commits: { commits: count, syncs, lastDurationMs, longestDurationMs },
    events: {
      records: fleet.eventLogs().reduce((sum, { records }) => sum + records, 0),
      goingOn: store.events.goingOn(),
    },
    previews: sources.previews.rows(),
  };
}

/** Registers the archive's gauges; they are read when asked for. */
export function addMetrics(registry: Registry, sources: StatusSources): void {
  const camera = (name: string, help: string, value: (row: ArchiveStatus["cameras"][number]) => number) =>
    new Gauge({
      name: `lanthorn_archive_${name}`,
      help,
      labelNames: ["camera"],
      registers: [registry],
      collect() {
        this.reset();
        for (const row of archiveStatus(sources).cameras) {
          this.set({ camera: streamNameOf({ camera: row.id, stream: row.stream }) }, value(row));
        }
      },
    });
  camera("recorded_seconds", "Seconds of media made durable since start", ({ recordedS }) => recordedS);
  camera(
    "gap_seconds",
    "Seconds missing since the first durable fragment, while there was something to record",
    ({ gapS }) => gapS,
  );
  camera("bytes", "Bytes of recordings on disk", ({ bytes }) => bytes);
  const plain = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `lanthorn_archive_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  addRetentionMetrics(registry, sources);
  plain("disk_free_bytes", "Bytes free on the disks of the recordings", () => sources.disk.figures.freeBytes);
  plain("commits", "Group commits since start", () => sources.commits.statistics.commits);
  plain("syncs", "Files and directories synced since start", () => sources.commits.statistics.syncs);
  plain(
    "commit_longest_ms",
    "Longest commit since start, milliseconds",
    () => sources.commits.statistics.longestDurationMs,
  );
}
