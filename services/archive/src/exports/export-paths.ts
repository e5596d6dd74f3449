/** Where exports lie below the archive's state directory. Pure. Documented in docs/ref/archive-files.md. */
import { join } from "node:path";

/** All exports. */
export function exportsDirOf(stateDir: string): string {
  return join(stateDir, "exports");
}

/** One export: what is given away, and nothing else once it is done. */
export function exportDirOf(stateDir: string, uuid: string): string {
  return join(exportsDirOf(stateDir), uuid);
}

/** An export that is being deleted: renamed first, so that no half of it is ever taken for an export. */
export function deletedDirOf(stateDir: string, uuid: string): string {
  return `${exportDirOf(stateDir, uuid)}.deleted`;
}

/** What an unfinished export needs meanwhile. */
export function workDirOf(exportDir: string): string {
  return join(exportDir, "work");
}

/** The private key that signs manifests; mode 0600. */
export function signingKeyFileOf(stateDir: string): string {
  return join(stateDir, "export-signing-key.pem");
}

/** The uuid of an export's directory name; undefined for others. */
export function uuidOfDirName(name: string): string | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(name) ? name : undefined;
}

/** Names of the files beside the footage. */
export const MANIFEST_NAME = "manifest.json";
/** One line as sha256sum writes it. */
export const MANIFEST_HASH_NAME = "manifest.sha256";
/** The signature of manifest.json. */
export const SIGNATURE_NAME = "manifest.sig";
/** The program with which anybody can check the files. */
export const VERIFIER_NAME = "verify-export.py";
