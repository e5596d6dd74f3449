/** How much of /dev/shm a camera takes: for whoever checks beforehand. The writers' own code decides; tests compare. */

const MIB = 2 ** 20;

/** The rings of one camera. Slots: those that libavcodec holds for a usual stream, and those for readers (lanthorn/media.h). */
export const CAMERA_RINGS = {
  /** What it is made with; it grows to what its stream and its owner's pre-roll need, while there is room (services/ingest). */
  packetsMiB: 16,
  /** The sub-stream's, where there is one: made when it first comes, or from the start where it is recorded. Grows likewise. */
  packetsSubMiB: 4,
  resultsMiB: 4,
  /** Sound of 48 kHz in stereo (5 s: 1 MiB) and inertial sensors of 200 Hz (256 KiB), rounded up. */
  samplesMiB: 2,
  /** Some hundred preview pictures of 320 × 180: what the archive has not taken for eight minutes. */
  previewsMiB: 1,
  /** References, reordering and the picture in work: 2 for a camera without B-frames, at most 8 in what encoders make by default. */
  heldSlots: 8,
  spareSlots: 8,
  /** With less room decode makes do with fewer; below this it refuses the camera. */
  leastSpareSlots: 1,
} as const;

/** What of a camera's rings may be or not be. spareSlots: CAMERA_RINGS.spareSlots, or leastSpareSlots. */
export interface RingExtent {
  readonly spareSlots: number;
  readonly hasSubStream: boolean;
}

/** Mebibytes of /dev/shm for one camera of this size. */
export function cameraRingsMiB(size: { widthPx: number; heightPx: number }, extent: RingExtent): number {
  const frameBytes = size.widthPx * size.heightPx * 1.5; // 4:2:0, 8 bits: all that cameras send
  const framesMiB = ((CAMERA_RINGS.heldSlots + extent.spareSlots) * frameBytes) / MIB;
  const { packetsMiB, packetsSubMiB, resultsMiB, samplesMiB, previewsMiB } = CAMERA_RINGS;
  const streamsMiB = packetsMiB + (extent.hasSubStream ? packetsSubMiB : 0);
  return streamsMiB + Math.ceil(framesMiB) + resultsMiB + samplesMiB + previewsMiB;
}
