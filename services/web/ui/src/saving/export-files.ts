/** What the files of an export are, by their names (docs/ref/export-manifest.md). Pure. */
import type { Export, ExportFile } from "@lanthorn/contract";

/** What a file is for. */
export type FileKind = "footage" | "manifest" | "sha256" | "signature" | "verifier" | "other";

/** See above. */
export function kindOfFile({ name }: Pick<ExportFile, "name">): FileKind {
  if (name.endsWith(".mp4")) {
    return "footage";
  }
  const kinds: Readonly<Record<string, FileKind>> = {
    "manifest.json": "manifest",
    "manifest.sha256": "sha256",
    "manifest.sig": "signature",
    "verify-export.py": "verifier",
  };
  return kinds[name] ?? "other";
}

/** Footage first, then what proves it. */
export function inOrder(files: readonly ExportFile[]): ExportFile[] {
  const rank: Readonly<Record<FileKind, number>> = {
    footage: 0,
    verifier: 1,
    manifest: 2,
    sha256: 3,
    signature: 4,
    other: 5,
  };
  return files.toSorted((a, b) => rank[kindOfFile(a)] - rank[kindOfFile(b)] || a.name.localeCompare(b.name));
}

/** Whether it is still being made. */
export function isUnfinished({ state }: Pick<Export, "state">): boolean {
  return state === "queued" || state === "running";
}
