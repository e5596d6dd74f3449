/** Plays the recording around an event, over whatever page one is on. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Link } from "wouter";
import { clockTime, dayHeading, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { readTimeline, recordingUrl } from "../net/api.ts";
import { RecordingPlayer, type RecordingState } from "../recording/recording-player.ts";
import { boxNowUs, nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";
import { joinStretches, stretchAt } from "../timeline/timeline-data.ts";
import { cameraName } from "./event-feed.tsx";
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

/** See above. among: the list it was chosen from, newest first. */
export function EventDialog(props: {
  event: DetectionEvent;
  among: readonly DetectionEvent[];
  onMove: (event: DetectionEvent) => void;
  onClose: () => void;
}) {
  const { event, among, onMove, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const index = among.findIndex(({ id }) => id === event.id);
  const later = among[index - 1];
  const earlier = index === -1 ? undefined : among[index + 1];
  useEffect(() => dialog.current?.showModal(), []);
  const { fromUs, toUs } = clipOf(event, boxNowUs());
  const onKeyDown = (press: KeyboardEvent) => {
    const target = press.key === "ArrowLeft" ? earlier : press.key === "ArrowRight" ? later : undefined;
    if (target !== undefined) {
      press.preventDefault();
      onMove(target);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="event-dialog"
      aria-label={labelName(event.label)}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={(click) => {
        if (click.target === dialog.current) {
          dialog.current?.close();
        }
      }}
    >
      <div class="event-sheet">
        <header>
          <div>
            <h2>{labelName(event.label)}</h2>
            <p class="muted small">
              {cameraName(event.camera)} · {dayHeading(event.startWallUs, nowUs.value)}, {clockTime(event.startWallUs)}
              {event.endWallUs === null
                ? ` · ${strings.events.ongoing}`
                : ` · ${strings.events.lasted(duration((event.endWallUs - event.startWallUs) / 1e6))}`}
            </p>
          </div>
          <button
            type="button"
            class="button bare icon-only"
            aria-label={strings.events.close}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        <Clip key={event.id} event={event} />
        <footer>
          <MoveButton icon="left" label={strings.events.previous} target={earlier} onMove={onMove} />
          <MoveButton icon="right" label={strings.events.next} target={later} onMove={onMove} />
          <span class="push" />
          <a
            class="button bare"
            href={recordingUrl(event.camera, fromUs, toUs)}
            download={`${event.camera}-${event.id}.mp4`}
          >
            <Icon name="download" size="small" />
            {strings.events.download}
          </a>
          <Link class="button" href={`/recordings/${event.camera}?at=${event.startWallUs}`}>
            {strings.events.openTimeline}
          </Link>
        </footer>
      </div>
    </dialog>
  );
}

function MoveButton(props: {
  icon: "left" | "right";
  label: string;
  target: DetectionEvent | undefined;
  onMove: (event: DetectionEvent) => void;
}) {
  const { icon, label, target, onMove } = props;
  return (
    <button
      type="button"
      class="button icon-only"
      aria-label={label}
      title={label}
      disabled={target === undefined}
      onClick={() => target !== undefined && onMove(target)}
    >
      <Icon name={icon} />
    </button>
  );
}

function Clip({ event }: { event: DetectionEvent }) {
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
      {state.value === "failed" && <p class="clip-notice words">{strings.recordings.failed}</p>}
      {state.value === "unplayable" && (
        <p class="clip-notice words">
          <strong>{strings.recordings.unplayable(codec.value)}</strong>
          {strings.recordings.unplayableText}
        </p>
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
