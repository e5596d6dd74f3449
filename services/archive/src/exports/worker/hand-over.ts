/** The last step of an export: verifier, manifest, its hash and its signature beside the files; the work folder goes. */
import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExportFile } from "@lanthorn/contract";
import { directoryTarget } from "../../recording/durable-file.ts";
import { MANIFEST_HASH_NAME, MANIFEST_NAME, SIGNATURE_NAME, signingKeyFileOf, VERIFIER_NAME } from "../export-paths.ts";
import { type CameraRecord, type FootageRecord, writeManifest } from "../handing-over/manifest.ts";
import { ensureSigningKey, publicPart, signBytes } from "../handing-over/signing-key.ts";
import type { JobContext } from "./job-context.ts";
import { type FileDigest, writeWhole } from "./part-file.ts";

/** The program that is given away with every export. */
const VERIFIER_FILE = fileURLToPath(new URL(`../verifier/${VERIFIER_NAME}`, import.meta.url));

/** Writes what belongs beside the footage; the answer lists all files of the finished folder. */
export async function handOver(
  { job, exportDir, workDir, localTime, askRoom }: JobContext,
  cameras: readonly CameraRecord[],
  footage: readonly FootageRecord[],
): Promise<ExportFile[]> {
  const write = (name: string, content: Uint8Array | string) => writeWhole(join(exportDir, name), content, askRoom);
  await removeStrangers(exportDir, new Set(footage.map(({ digest }) => digest.name)));
  const key = await ensureSigningKey(signingKeyFileOf(job.stateDir));
  const verifier = await write(VERIFIER_NAME, await readFile(VERIFIER_FILE));
  const manifest = Buffer.from(
    writeManifest({ job, localTime, cameras, footage, others: [verifier], key: publicPart(key) }),
  );
  const hash = createHash("sha256").update(manifest).digest("hex");
  const beside = [
    await write(MANIFEST_HASH_NAME, `${hash}  ${MANIFEST_NAME}\n`),
    await write(SIGNATURE_NAME, `${signBytes(key, manifest)}\n`),
    await write(MANIFEST_NAME, manifest), // last: a folder with a manifest is complete
  ];
  await rm(workDir, { recursive: true, force: true });
  await directoryTarget(exportDir).sync();
  return [...footage.map(({ digest }) => digest), verifier, ...beside].map(listed);
}

function listed({ name, bytes, sha256, crc32 }: FileDigest): ExportFile {
  return { name, bytes, sha256, crc32 };
}

/** Files that an earlier attempt made of footage that has changed since. */
async function removeStrangers(exportDir: string, wanted: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(exportDir, { withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile() && !wanted.has(each.name))) {
    await rm(join(exportDir, entry.name), { force: true });
  }
}
