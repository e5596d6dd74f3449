/** What a camera calls itself when it calls in. Source: libsrt's access control guidelines (Haivision/srt, features/access-control.md). */

/** The stream id handed out with a camera's passphrase. */
export function streamIdOf(cameraId: string): string {
  return `#!::u=${cameraId},r=${cameraId}/main,m=publish`;
}

/** Every stream id that a camera may use: the full one, and the bare id for encoders with short or restricted fields. */
export function acceptedStreamIds(streamId: string, cameraId: string): string[] {
  return [streamId, cameraId];
}
