/** Small signs of a camera: its state in a word, its link, its lock. Never by colour alone. */
import type { CameraView } from "@lanthorn/contract";
import { Icon } from "../icons.tsx";
import type { PlayerState } from "../live/live-player.ts";
import { strings } from "../strings.ts";

/** The word that fits what the box says and what is seen. */
export function shownState(camera: CameraView, playing: PlayerState | undefined): CameraView["state"] {
  if (camera.state === "private") {
    return "private";
  }
  if (playing === "playing" || playing === "stills") {
    return "live"; // seeing is believing
  }
  return camera.state === "live" ? "connecting" : camera.state;
}

/** Whether there may be live pictures of it at all. */
export function isShown(camera: CameraView): boolean {
  return camera.enabled && camera.state !== "private";
}

/** A dot and a word. */
export function StateChip({ state }: { state: CameraView["state"] }) {
  const tone = state === "live" ? "good" : state === "offline" ? "bad" : state === "connecting" ? "warn" : "";
  return (
    <span class={`sign state ${state}`}>
      <span class={`dot ${tone}`} aria-hidden="true" />
      {strings.state[state]}
    </span>
  );
}

/** Three bars: how well the network carries. */
export function LinkSign({ camera }: { camera: CameraView }) {
  const light = camera.link?.light ?? "off";
  const bars = { green: 3, amber: 2, red: 1, off: 0 }[light];
  const title = strings.link[light];
  return (
    <span class={`sign link ${light}`} title={title}>
      <svg viewBox="0 0 16 16" role="img" aria-label={title}>
        <title>{title}</title>
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={2 + bar * 4.5}
            y={10 - bar * 3.5}
            width="3"
            height={4 + bar * 3.5}
            rx="1"
            class={bar < bars ? "on" : "off"}
          />
        ))}
      </svg>
    </span>
  );
}

/** A lock, open or closed. */
export function LockSign({ camera }: { camera: CameraView }) {
  const title = camera.encrypted ? strings.link.encrypted(camera.link?.keyLengthBits ?? 0) : strings.link.unencrypted;
  return (
    <span class={`sign lock ${camera.encrypted ? "" : "open"}`} title={title}>
      <Icon name={camera.encrypted ? "lock" : "unlock"} size="small" title={title} />
    </span>
  );
}
