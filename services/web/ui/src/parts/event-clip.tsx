/** The recording around an event, playing. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clockTime } from "../format.ts";
import { Icon } from "../icons.tsx";
import { readTimeline } from "../net/api.ts";
import { RecordingPlayer, type RecordingState } from "../recording/recording-player.ts";
import { around, type Selection } from "../saving/selection.ts";
import { boxNowUs } from "../state/box.ts";
import { strings } from "../strings.ts";
import { joinStretches, stretchAt } from "../timeline/timeline-data.ts";
import { EventPicture } from "./event-picture.tsx";

const LEAD_US = 4_000_000;
const TAIL_US = 4_000_000;
const LONGEST_US = 120_000_000;

/** What is played of an event: a little before until a little after. Pure. */
export function clipOf(event: DetectionEvent, nowWallUs: number): { fromUs: number; toUs: number } {
  const endUs = event.endWallUs ?? nowWallUs;
  const fromUs = event.startWallUs - LEAD_US;
  return { fromUs, toUs: Math.max(fromUs + 2_000_000, Math.min(endUs + TAIL_US, fromUs + LONGEST_US, nowWallUs)) };
}

/** All of an event, with a little before and after: what is kept or exported of it. Pure. */
export function wholeOf(event: DetectionEvent, nowWallUs: number): Selection {
  return around(event.startWallUs - LEAD_US, Math.min((event.endWallUs ?? nowWallUs) + TAIL_US, nowWallUs));
}

/** See above. */
export function EventClip({ event }: { event: DetectionEvent }) {
  const place = useRef<HTMLDivElement>(null);
  const player = useRef<RecordingPlayer | undefined>(undefined);
  const state = useSignal<RecordingState>("loading");
  const codec = useSignal("");
  const shownUs = useSignal<number | undefined>(undefined);
  const clip = useRef(clipOf(event, boxNowUs()));
  const begin = async () => {
    const { fromUs, toUs } = clip.current;
    state.value = "loading";
    try {
      const { segments } = await readTimeline(event.camera, fromUs, toUs);
      const stretches = joinStretches(segments);
      const { holds, next } = stretchAt(stretches, fromUs);
      const stretch = holds ?? next;
      if (stretch === undefined) {
        state.value = "failed";
        return;
      }
      const startWallUs = Math.max(fromUs, stretch.startWallUs);
      player.current?.playAt(startWallUs, { startWallUs, endWallUs: Math.min(toUs, stretch.endWallUs) });
    } catch {
      state.value = "failed";
    }
  };
  useEffect(() => {
    const recording = new RecordingPlayer(event.camera, {
      onState: (now, reason) => {
        codec.value = reason ?? "";
        state.value = now;
      },
      onTime: (wallUs) => {
        shownUs.value = wallUs;
      },
    });
    recording.video.className = "picture";
    player.current = recording;
    place.current?.prepend(recording.video);
    void begin();
    return () => {
      recording.close();
      recording.video.remove();
    };
  }, []);
  const toggle = () => {
    const recording = player.current;
    if (recording === undefined) {
      return;
    }
    if (state.value === "ended" || state.value === "failed") {
      void begin();
    } else if (state.value === "playing") {
      recording.pause();
    } else {
      recording.resume();
    }
  };
  const waiting = ["loading", "failed", "unplayable", "idle"].includes(state.value);
  const label =
    state.value === "ended"
      ? strings.events.replay
      : state.value === "playing"
        ? strings.recordings.pause
        : strings.recordings.play;
  return (
    <div class="clip" ref={place} data-state={state.value}>
      {waiting && (
        <div class="clip-poster">
          <EventPicture event={event} />
        </div>
      )}
      {state.value === "loading" && (
        <div class="clip-notice">
          <span class="spinner" aria-hidden="true" />
        </div>
      )}
      {state.value === "failed" && (
        <div class="clip-notice words" role="status">
          <p>{strings.recordings.failed}</p>
        </div>
      )}
      {state.value === "unplayable" && (
        <div class="clip-notice words" role="status">
          <p>
            <strong>{strings.recordings.unplayable(codec.value)}</strong>
            {strings.events.unplayableText}
          </p>
        </div>
      )}
      <button type="button" class="clip-toggle" aria-label={label} onClick={toggle}>
        {["playing", "loading", "unplayable"].includes(state.value) || (
          <span class="clip-play">
            <Icon name="play" />
          </span>
        )}
      </button>
      {shownUs.value !== undefined && <span class="clip-time number">{clockTime(shownUs.value)}</span>}
    </div>
  );
}
