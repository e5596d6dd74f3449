/** From cameras and their keys to what the SRT port may let in. Pure. */
import type { Camera } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import type { AccessEntry } from "@lanthorn/srt";
import { ingestErrors } from "./error-codes.ts";

/** The access table: one row for each camera that calls us and whose key is known. */
export function accessEntries(
  cameras: readonly Camera[],
  secrets: ReadonlyMap<string, CameraSecrets>,
): readonly AccessEntry[] {
  return cameras.flatMap((camera) => {
    const { streamIds = [], passphrase, nextPassphrase } = secrets.get(camera.id) ?? {};
    return camera.source.kind !== "srt-listener" || passphrase === undefined
      ? []
      : [{ cameraId: camera.id, streamIds, passphrase, nextPassphrase, enabled: camera.enabled }];
  });
}

/** Why nothing can come from a camera as it is registered; null when something may. */
export function idleReason(camera: Camera, secrets: CameraSecrets | undefined): string | null {
  if (!camera.enabled) {
    return "this camera is switched off";
  }
  return camera.source.kind === "srt-listener" && secrets?.passphrase === undefined
    ? ingestErrors.make("SOURCE_KEY_MISSING", { camera: camera.id }).message
    : null;
}

/** What a source was made from: another fingerprint means another source. Holds secrets: compare it, never show it. */
export function sourceFingerprint(camera: Camera, secrets: CameraSecrets | undefined): string {
  // A camera that calls us keeps its ring through changes of key and switch: the access table alone decides.
  return camera.source.kind === "srt-listener"
    ? JSON.stringify([camera.source])
    : JSON.stringify([camera.source, camera.enabled, secrets?.passphrase, secrets?.user, secrets?.password]);
}
