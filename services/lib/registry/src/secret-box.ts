/**
 * Secrets at rest: AES-256-GCM under the device key.
 * Does: seal, open, read the key. Does not: store anything, say a secret in an error. Tested: test/secret-box.test.ts.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { readCredential, type ServicePaths } from "@lanthorn/base";
import { registryErrors } from "./error-codes.ts";

/** Name of the credential that holds the device key. */
export const DEVICE_KEY_CREDENTIAL = "device-key";

/** Bytes of an AES-256 key. */
export const DEVICE_KEY_BYTES = 32;

/** The secrets of a camera that may be stored; the words are those of the column camera_secret.field. */
export const SECRET_FIELDS = ["passphrase", "next-passphrase", "user", "password"] as const;
/** One of SECRET_FIELDS. */
export type SecretField = (typeof SECRET_FIELDS)[number];

const LAYOUT_VERSION = 1;
const NONCE_BYTES = 12; // 96 bits: the length GCM is defined for without hashing, NIST SP 800-38D 5.2.1.1
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/**
 * Reads the device key of this process: exactly 32 bytes, not readable by every user.
 * Group bits are allowed: systemd shows the mask of its access control list there (0440).
 * Throws: CREDENTIAL_MISSING, DEVICE_KEY_INVALID, DEVICE_KEY_EXPOSED.
 */
export function readDeviceKey(paths: ServicePaths): Buffer {
  const key = readCredential(paths, DEVICE_KEY_CREDENTIAL);
  const file = join(paths.credentialsDir, DEVICE_KEY_CREDENTIAL);
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o007) !== 0) {
    throw registryErrors.make("DEVICE_KEY_EXPOSED", { file, mode: mode.toString(8).padStart(4, "0") });
  }
  return checkedKey(key);
}

/** Seals and opens the secrets of cameras. Holds the key in a private field: it is neither enumerable nor printed. */
export class SecretBox {
  readonly #key: Buffer;

  /** Throws: DEVICE_KEY_INVALID. */
  constructor(deviceKey: Buffer) {
    this.#key = checkedKey(deviceKey);
  }

  /** Encrypts one secret for its place; sealing the same text twice gives different bytes. */
  seal(cameraId: string, field: SecretField, secret: string): Buffer {
    // A random 96-bit nonce is safe for 2^32 seals under one key (SP 800-38D 8.3); a home makes a few thousand.
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(cameraId, field));
    const ciphertext = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([Buffer.of(LAYOUT_VERSION), nonce, cipher.getAuthTag(), ciphertext]);
  }

  /** Decrypts what was sealed for this camera and field. Throws: SECRET_UNREADABLE, with no cause that could carry bytes. */
  open(cameraId: string, field: SecretField, sealed: Uint8Array): string {
    if (sealed.length <= HEADER_BYTES || sealed[0] !== LAYOUT_VERSION) {
      throw registryErrors.make("SECRET_UNREADABLE", { camera: cameraId, field });
    }
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(cameraId, field));
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES));
    try {
      return decipher.update(sealed.subarray(HEADER_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      throw registryErrors.make("SECRET_UNREADABLE", { camera: cameraId, field });
    }
  }
}

function associatedData(cameraId: string, field: SecretField): Buffer {
  // NUL cannot occur in either part, so no two places have the same bytes.
  return Buffer.from(`lanthorn-registry-v1\0${cameraId}\0${field}`, "utf8");
}

function checkedKey(key: Buffer): Buffer {
  if (key.length !== DEVICE_KEY_BYTES) {
    throw registryErrors.make("DEVICE_KEY_INVALID", { bytes: key.length });
  }
  return key;
}
