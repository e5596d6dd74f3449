/** A test tone instead of a scene's own sound: what goes in is known exactly, so what comes out can be judged. */
import { type Scene, SOUND_RATE_HZ } from "./scene.ts";

/** A quarter of full scale, as loud as test tones are: -12 dBFS. */
const AMPLITUDE = 0.25 * 32_768;

/** The same scene, whose microphone hears a sine that goes on from frame to frame. */
export function withTone(scene: Scene, toneHz: number): Scene {
  const firstOf = (frame: number) => Math.round((frame * SOUND_RATE_HZ) / scene.size.fps);
  return {
    size: scene.size,
    render: (frame, out) => scene.render(frame, out),
    sound: (frame) => {
      const first = firstOf(frame);
      return Int16Array.from({ length: firstOf(frame + 1) - first }, (_, i) =>
        Math.round(AMPLITUDE * Math.sin((2 * Math.PI * toneHz * (first + i)) / SOUND_RATE_HZ)),
      );
    },
  };
}
