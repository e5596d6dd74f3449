/** What GET /status and GET /metrics tell of disks and of what is deleted. Defined in docs/ref/http.md#archive. */
import { Gauge, type Registry } from "@lanthorn/base";
import type { DiskSet } from "../disks/disk-set.ts";
import type { DiskKeeper } from "./disk-keeper.ts";
import { RETENTION_RULES } from "./retention-rules.ts";

/** What it is read from. */
export interface RetentionSources {
  readonly disk: DiskKeeper;
  readonly disks: DiskSet;
}

/** Members `disk` and `disks` of the status. */
export function retentionStatus({ disk, disks }: RetentionSources): object {
  return {
    disk: {
      ...disk.figures,
      floorBytes: disk.words().floorBytes,
      bytesByCategory: disk.usage,
      deletedSegments: disk.deletedSegments,
      deletedByRule: Object.fromEntries(disk.deletedByRule),
    },
    disks: disks.list().map(({ id, uuid, directory, state, wish }) => {
      const room = disk.rooms.get(id);
      const { totalBytes, freeBytes, usedBytes } = room?.figures ?? { totalBytes: 0, freeBytes: 0, usedBytes: 0 };
      const floorBytes = room?.floorBytes ?? 0;
      return { id, uuid, directory, state, inUse: wish !== undefined, totalBytes, freeBytes, usedBytes, floorBytes };
    }),
  };
}

/** Registers the gauges; they are read when asked for. */
export function addRetentionMetrics(registry: Registry, { disk, disks }: RetentionSources): void {
  new Gauge({
    name: "lanthorn_archive_deleted_segments",
    help: "Segments deleted since start, by the rule that said so",
    labelNames: ["rule"],
    registers: [registry],
    collect() {
      for (const rule of RETENTION_RULES) {
        this.set({ rule }, disk.deletedByRule.get(rule) ?? 0);
      }
    },
  });
  new Gauge({
    name: "lanthorn_archive_used_bytes",
    help: "Bytes of everything the archive writes, by what it is",
    labelNames: ["category"],
    registers: [registry],
    collect() {
      for (const [category, bytes] of Object.entries(disk.usage)) {
        this.set({ category }, bytes);
      }
    },
  });
  new Gauge({
    name: "lanthorn_archive_disks_missing",
    help: "Disks of archive.toml that are not there",
    registers: [registry],
    collect() {
      this.set(disks.list().filter(({ state, wish }) => state === "missing" && wish !== undefined).length);
    },
  });
}
