/** Keys of the camera page; what they do is listed in strings.recordings.keys. */
import { useEffect, useRef } from "preact/hooks";
import type { Playback } from "../state/playback.ts";
import type { TimelineControls } from "./timeline-bar.tsx";

/** What keys act on. */
export interface KeyTargets {
  readonly playback: Playback;
  readonly timeline: { readonly current: TimelineControls | null };
  readonly fullScreen: () => void;
  readonly help: () => void;
  /** Begins or ends the selection at the playhead. */
  readonly mark: (edge: "from" | "to") => void;
}

/** Listens while the page is shown; never where one types or chooses. */
export function useKeys(targets: KeyTargets): void {
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    const onKeyDown = (press: KeyboardEvent) => {
      const place = press.target as HTMLElement;
      const typing = place.closest("input, select, textarea, dialog") !== null;
      const onButton = press.key === " " && place.closest("button, a") !== null;
      if (typing || onButton || press.ctrlKey || press.metaKey || press.altKey) {
        return;
      }
      if (act(press, latest.current)) {
        press.preventDefault();
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function act(press: KeyboardEvent, { playback, timeline, fullScreen, help, mark }: KeyTargets): boolean {
  switch (press.key) {
    case " ":
    case "k":
    case "K":
      playback.toggle();
      return true;
    case "ArrowLeft":
      playback.seekBy(press.shiftKey ? -10 : -1);
      return true;
    case "ArrowRight":
      playback.seekBy(press.shiftKey ? 10 : 1);
      return true;
    case "j":
    case "J":
      playback.seekBy(-10);
      return true;
    case "l":
    case "L":
      playback.seekBy(10);
      return true;
    case "[":
      playback.seekEvent(-1);
      return true;
    case "]":
      playback.seekEvent(1);
      return true;
    case ",":
      playback.recording.step(-1);
      return true;
    case ".":
      playback.recording.step(1);
      return true;
    case "+":
    case "=":
      timeline.current?.zoom(-1);
      return true;
    case "-":
      timeline.current?.zoom(1);
      return true;
    case "End":
      playback.goLive();
      return true;
    case "i":
    case "I":
      mark("from");
      return true;
    case "o":
    case "O":
      mark("to");
      return true;
    case "f":
    case "F":
      fullScreen();
      return true;
    case "?":
      help();
      return true;
    default:
      return false;
  }
}
