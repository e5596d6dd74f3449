/** The timeline on the page: a canvas that also speaks to those who do not see it. */
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { clockTime, dayName, duration } from "../format.ts";
import { chosen } from "../saving/chosen.ts";
import { boxNowUs, connection } from "../state/box.ts";
import type { Playback } from "../state/playback.ts";
import { strings } from "../strings.ts";
import { PreviewStrip } from "../timeline/preview-strip.ts";
import { type TimeScale, xOf } from "../timeline/time-scale.ts";
import { TimelineCanvas, type TimelineLook } from "../timeline/timeline-canvas.ts";
import { stretchAt, TimelineLoader, whyNothing } from "../timeline/timeline-data.ts";
import { SelectionHandles } from "./selection-handles.tsx";
import { type ShownLook, TimelinePreview, wordsOf } from "./timeline-preview.tsx";

/** What others may do with the timeline. */
export interface TimelineControls {
  zoom(direction: 1 | -1): void;
  reveal(wallUs: number): void;
  /** Shows the picture of a moment; undefined: not any more. */
  look(wallUs: number | undefined): void;
}

const FIRST_SPAN_US = 1_800_000_000;
const FIRST_SPAN_NARROW_US = 600_000_000;
const NARROW_PX = 760;
const TICK_MS = 250;

/** See above. */
export function TimelineBar({
  playback,
  controls,
}: {
  playback: Playback;
  controls: RefObject<TimelineControls | null>;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const [shown, setShown] = useState<ShownLook | undefined>(undefined);
  const [scale, setScale] = useState<TimeScale | undefined>(undefined);
  const firstSpanUs = innerWidth < NARROW_PX ? FIRST_SPAN_NARROW_US : FIRST_SPAN_US;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) {
      return;
    }
    const loader = new TimelineLoader(
      playback.camera,
      (data) => {
        playback.setData(data);
        view.setData(data);
      },
      (error) => setFault(error?.message),
    );
    const want = () => {
      const { startUs, spanUs } = view.scale;
      loader.want(startUs, startUs + spanUs, boxNowUs());
    };
    let look: TimelineLook | undefined;
    const strip = new PreviewStrip(playback.camera, () => showLook());
    const showLook = () => {
      if (look === undefined) {
        strip.leave();
        setShown(undefined);
        return;
      }
      const isRecorded = stretchAt(playback.data.peek().segments, look.wallUs).holds !== undefined;
      const { spanUs, widthPx } = view.scale;
      const preview = isRecorded
        ? strip.look(look.wallUs, spanUs, boxNowUs())
        : ({ state: "unrecorded", cause: whyNothing(playback.data.peek(), look.wallUs) } as const);
      setShown({ ...look, widthPx, preview });
    };
    const view = new TimelineCanvas(element, boxNowUs(), firstSpanUs, {
      onPick: (wallUs) => void playback.playAt(wallUs),
      onScale: (scale) => {
        playback.spanUs.value = scale.spanUs;
        setScale(scale);
        want();
      },
      onLook: (where) => {
        look = where;
        showLook();
      },
    });
    controls.current = {
      zoom: (direction) => view.zoom(direction),
      reveal: (wallUs) => view.reveal(wallUs),
      look: (wallUs) => {
        look = wallUs === undefined ? undefined : { wallUs, x: xOf(view.scale, wallUs), by: "pointer" };
        showLook();
      },
    };
    setScale(view.scale);
    playback.spanUs.value = firstSpanUs;
    const tick = () => {
      const live = playback.mode.peek() === "live";
      if (live) {
        playback.wallUs.value = boxNowUs();
      }
      view.setTimes(playback.wallUs.peek(), boxNowUs(), live);
      want();
    };
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => {
      clearInterval(timer);
      loader.close();
      view.close();
      strip.close();
      controls.current = null;
    };
  }, [playback]);
  const seconds = Math.floor(playback.wallUs.value / 1e6);
  const text = useMemo(() => `${dayName(seconds * 1e6)}, ${clockTime(seconds * 1e6)}`, [seconds]);
  return (
    <div class="timeline">
      {shown !== undefined && <TimelinePreview look={shown} />}
      <p class="visually-hidden" role="status">
        {wordsOf(shown)}
      </p>
      <canvas
        ref={canvas}
        class="timeline-canvas"
        tabIndex={0}
        role="slider"
        aria-label={strings.recordings.timeline}
        aria-valuemin={0}
        aria-valuemax={Math.floor(boxNowUs() / 1e6)}
        aria-valuenow={seconds}
        aria-valuetext={playback.mode.value === "live" ? strings.recordings.live : text}
        aria-description={strings.recordings.span(duration(playback.spanUs.value / 1e6))}
        data-live={strings.recordings.live}
        data-segments={playback.data.value.segments.length}
      />
      {chosen.value !== undefined && scale !== undefined && (
        <SelectionHandles
          scale={scale}
          selection={chosen.value}
          onChange={(selection) => {
            chosen.value = selection;
          }}
          onLook={(wallUs) => controls.current?.look(wallUs)}
          onReveal={(wallUs) => controls.current?.reveal(wallUs)}
        />
      )}
      {fault !== undefined && connection.value === "open" && (
        <p class="timeline-fault" role="status" title={fault}>
          {strings.recordings.unavailable}
        </p>
      )}
    </div>
  );
}
