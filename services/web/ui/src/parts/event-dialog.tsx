/** Plays the recording around an event, over whatever page one is on. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter";
import { clockTime, dayHeading, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { recordingUrl } from "../net/api.ts";
import { boxNowUs, nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";
import { clipOf, EventClip, wholeOf } from "./event-clip.tsx";
import { cameraName } from "./event-feed.tsx";
import { type Purpose, SaveDialog } from "./save-dialog.tsx";
import { SimilarEvents, useEmbeds } from "./similar-events.tsx";

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
          <EventClip key={event.id} event={event} />
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
          selection={wholeOf(event, boxNowUs())}
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
