/** Puts a LivePlayer on the page: runs while its place is visible, draws boxes over it. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { BoxOverlay } from "../live/box-overlay.ts";
import { LivePlayer, type PlayerKind, type PlayerState } from "../live/live-player.ts";
import { onFrameRecord } from "../state/box.ts";
import { showBoxes } from "../state/settings.ts";

/** What a component needs of its player. */
export interface LiveView {
  /** Put it on the element that holds the pictures. */
  readonly stage: { current: HTMLDivElement | null };
  readonly state: Signal<PlayerState>;
  readonly kind: Signal<PlayerKind>;
  readonly player: { current: LivePlayer | undefined };
}

const SNUG_PART = 0.04;

/** Plays a camera in the stage while `enabled`, the page is visible, and the stage is in view. */
export function useLivePlayer(camera: string, aspect: number, enabled = true): LiveView {
  const stage = useRef<HTMLDivElement | null>(null);
  const player = useRef<LivePlayer | undefined>(undefined);
  const state = useSignal<PlayerState>("connecting");
  const kind = useSignal<PlayerKind>("webcodecs");
  const shape = useRef(aspect);
  shape.current = aspect;

  useEffect(() => {
    const place = stage.current;
    if (place === null || !enabled) {
      return;
    }
    const canvas = document.createElement("canvas");
    canvas.className = "overlay";
    canvas.setAttribute("aria-hidden", "true");
    const overlay = new BoxOverlay(canvas);
    let picture: HTMLElement | undefined;
    /** Width by height of the picture as shown. One that fits its place but for a few pixels is stretched by them: black edges look like a fault. */
    const fit = (): number => {
      const placeAspect = place.clientWidth / Math.max(1, place.clientHeight);
      const snug = Math.abs(placeAspect / shape.current - 1) < SNUG_PART;
      const objectFit = snug ? "fill" : "contain";
      if (picture !== undefined && picture.style.objectFit !== objectFit) {
        picture.style.objectFit = objectFit;
      }
      return snug ? placeAspect : shape.current;
    };
    const live = new LivePlayer(camera, {
      onState: (now) => {
        state.value = now;
        kind.value = live.kind;
        if (now !== "playing") {
          overlay.clear();
        }
      },
      onPicture: (pts90k) => {
        const shown = fit();
        if (pts90k !== undefined && showBoxes.peek()) {
          overlay.draw(pts90k, shown);
        } else {
          overlay.clear();
        }
      },
      onElement: (element) => {
        element.classList.add("picture");
        picture = element;
        place.replaceChildren(element, canvas);
      },
    });
    player.current = live;
    const stopFrames = onFrameRecord((record) => {
      if (record.camera === camera) {
        overlay.push({ pts90k: record.frame.pts90k, detections: record.detections });
      }
    });
    let inView = true;
    const follow = () => {
      if (inView && document.visibilityState === "visible") {
        live.start();
      } else {
        live.stop();
      }
    };
    const observer = new IntersectionObserver((entries) => {
      inView = entries.at(-1)?.isIntersecting ?? true;
      follow();
    });
    observer.observe(place);
    document.addEventListener("visibilitychange", follow);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", follow);
      stopFrames();
      live.stop();
      player.current = undefined;
      place.replaceChildren();
    };
  }, [camera, enabled]);

  return { stage, state, kind, player };
}
