/** Plays the recording around an event, over whatever page one is on. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter";
import { clockTime, dayHeading, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { readTimeline, recordingUrl } from "../net/api.ts";
import { RecordingPlayer, type RecordingState } from "../recording/recording-player.ts";
import { around } from "../saving/stretch.ts";
import { boxNowUs, nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";
import { joinStretches, stretchAt } from "../timeline/timeline-data.ts";
import { cameraName } from "./event-feed.tsx";
import { EventPicture } from "./event-picture.tsx";
import { type Purpose, SaveDialog } from "./save-dialog.tsx";
import { SimilarEvents, useEmbeds } from "./similar-events.tsx";

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
  const [saving, setSaving] = useState<Purpose | undefined>(undefined);
  const [showsSimilar, setShowsSimilar] = useState(false);
  /** Where one came from by way of similar events, the last one at the end. */
  const [trail, setTrail] = useState<readonly DetectionEvent[]>([]);
  const embeds = useEmbeds();
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => dialog.current?.scrollTo({ top: 0 }), [event.id]);
  const { fromUs, toUs } = clipOf(event, boxNowUs());
  const moves = neighbours(event, among, trail, (target, way) => {
    setTrail(way);
    onMove(target);
  });
  const onKeyDown = (press: KeyboardEvent) => {
    const move = press.key === "ArrowLeft" ? moves.earlier : press.key === "ArrowRight" ? moves.later : undefined;
    if (move !== undefined) {
      press.preventDefault();
      move();
    }
  };
  return (
    <>
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
          <Head event={event} onBack={moves.back} onClose={() => dialog.current?.close()} />
          <Clip key={event.id} event={event} />
          <footer>
            <MoveButton icon="left" label={strings.events.previous} onMove={moves.earlier} />
            <MoveButton icon="right" label={strings.events.next} onMove={moves.later} />
            <span class="push" />
            <div class="event-ways">
              {embeds && (
                <button
                  type="button"
                  class="button"
                  aria-expanded={showsSimilar}
                  onClick={() => setShowsSimilar(!showsSimilar)}
                >
                  <Icon name="similar" size="small" />
                  {strings.saving.similar.show}
                </button>
              )}
              <a
                class="button"
                href={recordingUrl(event.camera, fromUs, toUs)}
                download={`${event.camera}-${event.id}.mp4`}
              >
                <Icon name="download" size="small" />
                {strings.events.download}
              </a>
              <button type="button" class="button" title={strings.saving.keepHint} onClick={() => setSaving("keep")}>
                <Icon name="keep" size="small" />
                {strings.saving.keep}
              </button>
              <button
                type="button"
                class="button"
                title={strings.saving.exportHint}
                onClick={() => setSaving("export")}
              >
                <Icon name="export" size="small" />
                {strings.saving.export}
              </button>
              <Link class="button" href={`/recordings/${event.camera}?at=${event.startWallUs}`}>
                {strings.events.openTimeline}
              </Link>
            </div>
          </footer>
          {embeds && showsSimilar && <SimilarEvents event={event} onOpen={(target) => moves.follow(target)} />}
        </div>
      </dialog>
      {saving !== undefined && (
        <SaveDialog
          purpose={saving}
          cameras={[event.camera]}
          stretch={around(fromUs, toUs)}
          onClose={() => setSaving(undefined)}
        />
      )}
    </>
  );
}

/** Where one may go from an event; undefined: nowhere that way. */
function neighbours(
  event: DetectionEvent,
  among: readonly DetectionEvent[],
  trail: readonly DetectionEvent[],
  go: (target: DetectionEvent, trail: readonly DetectionEvent[]) => void,
) {
  const index = among.findIndex(({ id }) => id === event.id);
  const later = among[index - 1];
  const earlier = index === -1 ? undefined : among[index + 1];
  const last = trail.at(-1);
  return {
    earlier: earlier && (() => go(earlier, [])),
    later: later && (() => go(later, [])),
    back: last && (() => go(last, trail.slice(0, -1))),
    follow: (target: DetectionEvent) => go(target, [...trail, event]),
  };
}

function Head(props: { event: DetectionEvent; onBack: (() => void) | undefined; onClose: () => void }) {
  const { event, onBack, onClose } = props;
  return (
    <header>
      {onBack !== undefined && (
        <button type="button" class="button bare" onClick={onBack}>
          <Icon name="left" size="small" />
          {strings.saving.similar.back}
        </button>
      )}
      <div class="event-title">
        <h2>{labelName(event.label)}</h2>
        <p class="muted small">
          {cameraName(event.camera)} · {dayHeading(event.startWallUs, nowUs.value)}, {clockTime(event.startWallUs)}
          {event.endWallUs === null
            ? ` · ${strings.events.ongoing}`
            : ` · ${strings.events.lasted(duration((event.endWallUs - event.startWallUs) / 1e6))}`}
        </p>
      </div>
      <button type="button" class="button bare icon-only" aria-label={strings.events.close} onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
  );
}

function MoveButton(props: { icon: "left" | "right"; label: string; onMove: (() => void) | undefined }) {
  const { icon, label, onMove } = props;
  return (
    <button
      type="button"
      class="button icon-only"
      aria-label={label}
      title={label}
      disabled={onMove === undefined}
      onClick={onMove}
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
