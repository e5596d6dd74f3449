/**
 * The key that says which box made an export: Ed25519, made once, private part in a file that only the archive may read. Not derived from the
 * device key: that one travels in backups to new hardware, and this one may be shown to a court.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { ExportKey } from "@lanthorn/contract";
import { directoryTarget } from "../../recording/durable-file.ts";

/** Raw Ed25519 public keys are the last 32 bytes of their SPKI form. RFC 8410 §4 */
const PUBLIC_KEY_BYTES = 32;

/** Reads the key, or makes it: aside, synced, renamed. */
export async function ensureSigningKey(file: string): Promise<KeyObject> {
  const known = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  });
  if (known !== undefined) {
    return createPrivateKey(known);
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  const handle = await open(`${file}.part`, "w", 0o600);
  try {
    await handle.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
  await directoryTarget(dirname(file)).sync();
  return privateKey;
}

/** What may be known of a key. */
export function publicPart(key: KeyObject): ExportKey {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-PUBLIC_KEY_BYTES);
  const digest = createHash("sha256").update(publicKey).digest("hex");
  const fingerprint = digest.match(/.{4}/g)?.join(" ") ?? digest;
  return { algorithm: "ed25519", publicKey: publicKey.toString("base64"), fingerprint };
}

/** Signs bytes; base64. */
export function signBytes(key: KeyObject, bytes: Uint8Array): string {
  return sign(null, bytes, key).toString("base64");
}
