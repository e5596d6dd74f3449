/** What GET /status and GET /metrics tell of disks and of what is deleted. Defined in docs/ref/http.md#archive. */
import { Gauge, type Registry } from "@lanthorn/base";
import type { ArchiveStorage } from "@lanthorn/contract";
import type { DiskSet } from "../disks/disk-set.ts";
import type { DiskKeeper } from "./disk-keeper.ts";
import { RETENTION_RULES } from "./retention-rules.ts";
import type { Room } from "./room.ts";

/** What it is read from. */
export interface RetentionSources {
  readonly disk: DiskKeeper;
  readonly disks: DiskSet;
}

/** Members `disk` and `disks` of the status. */
export function retentionStatus({ disk, disks }: RetentionSources): ArchiveStorage {
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
  addFloorMetrics(registry, disk);
}

function addFloorMetrics(registry: Registry, disk: DiskKeeper): void {
  const ofDisks = (name: string, help: string, of: (room: Room) => number) => {
    new Gauge({
      name,
      help,
      labelNames: ["disk"],
      registers: [registry],
      collect() {
        this.reset(); // a disk that was pulled out has no figures
        for (const [id, room] of disk.rooms) {
          this.set({ disk: String(id) }, of(room));
        }
      },
    });
  };
  ofDisks("lanthorn_archive_headroom_bytes", "Bytes kept free beyond the floor", ({ headroomBytes }) => headroomBytes);
  ofDisks(
    "lanthorn_archive_fill_bytes_per_s",
    "The fastest that free space vanished in recent times, whoever took it",
    ({ fillBytesPerS }) => fillBytesPerS,
  );
  ofDisks(
    "lanthorn_archive_making_room_s",
    "The longest of recent times from the look before room was needed until it was there",
    ({ reactionS }) => reactionS,
  );
  new Gauge({
    name: "lanthorn_archive_admitted_below_floor",
    help: "Writes admitted below the floor since start: nothing was left to delete, or deleting took too long",
    registers: [registry],
    collect() {
      this.set(disk.admittedBelowFloor);
    },
  });
  new Gauge({
    name: "lanthorn_archive_disk_looks",
    help: "Looks at free space since start",
    registers: [registry],
    collect() {
      this.set(disk.looks);
    },
  });
}
