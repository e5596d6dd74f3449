/** From cameras and their keys to what the SRT port may let in. Pure. */
import type { Camera, StreamName } from "@lanthorn/contract";
import type { CameraSecrets } from "@lanthorn/registry";
import type { AccessEntry } from "@lanthorn/srt";
import { ingestErrors } from "./error-codes.ts";
import { streamKey, subStreamIdOf } from "./stream-key.ts";

/** A camera as it is to be taken in now. */
export interface WantedCamera {
  readonly camera: Camera;
  readonly secrets: CameraSecrets | undefined;
  /** Its owner wants privacy now: nothing of it is taken in. */
  readonly isPrivate: boolean;
}

/** The access table: a row for each stream of each camera that calls us and whose key is known. */
export function accessEntries(wanted: readonly WantedCamera[]): readonly AccessEntry[] {
  return wanted.flatMap((one) => {
    const { id, source } = one.camera;
    const { streamIds = [], passphrase, nextPassphrase } = one.secrets ?? {};
    if (source.kind !== "srt-listener" || passphrase === undefined) {
      return [];
    }
    const shared = { passphrase, nextPassphrase, enabled: isWanted(one) };
    return [
      { ...shared, cameraId: streamKey(id, "main"), streamIds },
      { ...shared, cameraId: streamKey(id, "sub"), streamIds: streamIds.map(subStreamIdOf) },
    ];
  });
}

/** UDP ports of their own that the registry gives to cameras. */
export function ownPorts(wanted: readonly WantedCamera[]): ReadonlyMap<string, number> {
  return new Map(
    wanted.flatMap(({ camera: { id, source } }): [string, number][] =>
      source.kind === "srt-listener" && source.port !== undefined ? [[id, source.port]] : [],
    ),
  );
}

/** Whether anything of the camera may come in now. */
export function isWanted({ camera, isPrivate }: WantedCamera): boolean {
  return camera.enabled && !isPrivate;
}

/** Whether its owner counts on the sub-stream: then its ring is there before its first packet. */
export function isSubRecorded({ recording }: Camera): boolean {
  return recording.streams.includes("sub");
}

/** Why nothing can come from a camera as it is registered; null when something may. */
export function idleReason({ camera, secrets, isPrivate }: WantedCamera): string | null {
  if (!camera.enabled) {
    return "this camera is switched off";
  }
  if (isPrivate) {
    return "privacy: nothing of this camera is taken in now";
  }
  return camera.source.kind === "srt-listener" && secrets?.passphrase === undefined
    ? ingestErrors.make("SOURCE_KEY_MISSING", { camera: camera.id }).message
    : null;
}

/** What a stream's source was made from: another fingerprint means another source. Holds secrets: compare it, never show it. */
export function sourceFingerprint(wanted: WantedCamera, stream: StreamName): string {
  const { camera, secrets } = wanted;
  // A camera that calls us keeps its rings through changes of key, switch and privacy: the access table alone decides.
  return camera.source.kind === "srt-listener"
    ? JSON.stringify([camera.source, stream === "sub" && isSubRecorded(camera)])
    : JSON.stringify([
        ...[camera.source, stream === "sub" ? camera.subSourceUrl : null, isWanted(wanted)],
        ...[secrets?.passphrase, secrets?.user, secrets?.password],
      ]);
}
