/** Reads the keys of all cameras, for the services that meet cameras on the network. */
import type { LanthornError } from "@lanthorn/base";
import { selectCameraRows, selectSecretRows } from "./camera-rows.ts";
import { guarded, openRegistryReader, registryFileOf } from "./registry-file.ts";
import { SecretBox, type SecretField } from "./secret-box.ts";
import { acceptedStreamIds } from "./stream-id.ts";

/** What a camera and the box share. Never log it, never put it in an error. */
export interface CameraSecrets {
  /** Stream ids under which the camera may call; no secret themselves. */
  readonly streamIds: readonly string[];
  /** SRT passphrase, 10 to 79 characters; absent where the camera has none (RTSP). */
  readonly passphrase?: string;
  /** Also valid; becomes the passphrase once the camera has used it. */
  readonly nextPassphrase?: string;
  /** RTSP user and password. */
  readonly user?: string;
  readonly password?: string;
}

const PROPERTY_OF_FIELD = {
  passphrase: "passphrase",
  "next-passphrase": "nextPassphrase",
  user: "user",
  password: "password",
} as const satisfies Record<SecretField, keyof CameraSecrets>;

/**
 * Reads the secrets of every camera, by camera id.
 * One that does not open goes to onUnreadable and is left out, so that a damaged row costs one camera and not all;
 * without onUnreadable it is thrown. Throws: REGISTRY_UNREADABLE, REGISTRY_CORRUPT, DEVICE_KEY_INVALID, SECRET_UNREADABLE.
 */
export function readCameraSecrets(
  registryDir: string,
  deviceKey: Buffer,
  onUnreadable: (error: LanthornError) => void = rethrow,
): ReadonlyMap<string, CameraSecrets> {
  const box = new SecretBox(deviceKey);
  const database = openRegistryReader(registryDir);
  try {
    const [cameras, sealed] = guarded(registryFileOf(registryDir), "read", () =>
      database.transaction(() => [selectCameraRows(database), selectSecretRows(database)] as const)(),
    );
    const opened = new Map<string, { -readonly [Key in keyof CameraSecrets]: CameraSecrets[Key] }>();
    for (const row of cameras) {
      opened.set(row.id, { streamIds: acceptedStreamIds(row.stream_id, row.id) });
    }
    for (const row of sealed) {
      const secrets = opened.get(row.camera_id);
      const field = row.field as SecretField;
      if (secrets !== undefined) {
        try {
          secrets[PROPERTY_OF_FIELD[field]] = box.open(row.camera_id, field, row.sealed);
        } catch (error) {
          onUnreadable(error as LanthornError);
        }
      }
    }
    return opened;
  } finally {
    database.close();
  }
}

function rethrow(error: LanthornError): never {
  throw error;
}
