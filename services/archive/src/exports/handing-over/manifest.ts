/**
 * What is written beside exported footage: where it comes from, what is missing, and hashes of everything. Format: docs/ref/export-manifest.md.
 * Pure but for reading our own version.
 */
import { readFileSync } from "node:fs";
import type { ExportKey } from "@lanthorn/contract";
import type { MissingFootage } from "../footage/footage-plan.ts";
import type { UsedBytes } from "../footage/scan-footage.ts";
import type { LocalTime } from "../local-time.ts";
import type { ExportJob } from "../worker/job-messages.ts";
import type { FileDigest } from "../worker/part-file.ts";

/** A finished file of footage. */
export interface FootageRecord {
  readonly camera: string;
  readonly digest: FileDigest;
  /** Codecs of the recording, as RFC 6381 writes them. */
  readonly recordedCodecs: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** Pictures before the first one shown that must be in the file because it is decoded from a key frame on. */
  readonly hiddenLeadUs: number;
  readonly missing: readonly MissingFootage[];
  readonly used: readonly UsedBytes[];
  readonly notes: readonly string[];
}

/** What of a camera's span is in no file. */
export interface CameraRecord {
  readonly id: string;
  readonly name: string;
  readonly missing: readonly MissingFootage[];
}

/** Everything a manifest is made of. */
export interface ManifestFacts {
  readonly job: ExportJob;
  readonly localTime: LocalTime;
  readonly cameras: readonly CameraRecord[];
  readonly footage: readonly FootageRecord[];
  /** Files that are no footage. */
  readonly others: readonly FileDigest[];
  readonly key: ExportKey;
}

/** Version of the format; a verifier refuses what it does not know. */
const MANIFEST_VERSION = 1;

/** Our own version. */
export function toolVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return `lanthorn ${(JSON.parse(text) as { version: string }).version}`;
}

/** Writes the manifest. */
export function writeManifest(facts: ManifestFacts): string {
  const { job, localTime, cameras, footage, others, key } = facts;
  const instant = (wallUs: number) => ({ us: wallUs, local: localTime.precise(wallUs) });
  const span = ({ startWallUs, endWallUs, causes }: MissingFootage) => ({
    from: instant(startWallUs),
    to: instant(endWallUs),
    causes,
  });
  const manifest = {
    format: "lanthorn-export",
    version: MANIFEST_VERSION,
    id: job.uuid,
    name: job.name,
    createdUs: job.createdWallUs,
    tool: toolVersion(),
    box: { name: job.box, key },
    timeZone: localTime.timeZone,
    mode: job.mode,
    sound: job.options.sound,
    stream: job.stream,
    asked: { from: instant(job.fromUs), to: instant(job.toUs) },
    cameras: cameras.map(({ id, name, missing }) => ({ id, name, missing: missing.map(span) })),
    footage: footage.map((record) => ({
      file: record.digest.name,
      camera: record.camera,
      from: instant(record.fromUs),
      to: instant(record.toUs),
      recordedCodecs: record.recordedCodecs,
      hiddenLeadUs: record.hiddenLeadUs,
      missing: record.missing.map(span),
      notes: record.notes,
      sources: record.used.map(({ segment, startOffset, endOffset, sha256 }) => ({
        segment: segment.id,
        from: instant(segment.startWallUs),
        to: instant(segment.endWallUs),
        startOffset,
        endOffset,
        sha256,
      })),
    })),
    files: [...footage.map(({ digest }) => digest), ...others],
  };
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}
