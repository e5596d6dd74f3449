/** Events beside the live view, as they happen. Beside on wide screens, a strip above the pictures on narrow ones. */
import type { DetectionEvent } from "@lanthorn/contract";
import { Link } from "wouter";
import { ago, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { active, cameras, feed, nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";
import { EventPicture } from "./event-picture.tsx";

const SHOWN = 30;

/** See above. onOpen: an event was chosen. */
export function EventFeed({ onOpen }: { onOpen: (event: DetectionEvent) => void }) {
  const events = feed.value;
  return (
    <aside class="feed" aria-label={strings.feed.title}>
      <header class="feed-head">
        <h2>{strings.feed.title}</h2>
        <Link href="/events" class="feed-all">
          {strings.feed.all}
          <Icon name="right" size="small" />
        </Link>
      </header>
      <div class="feed-list" aria-live="polite" aria-relevant="additions">
        {events === undefined &&
          [0, 1, 2].map((index) => <div key={index} class="feed-item skeleton" aria-hidden="true" />)}
        {events?.length === 0 && <p class="feed-empty">{strings.feed.empty}</p>}
        {events?.slice(0, SHOWN).map((event) => (
          <FeedItem key={event.id} event={event} onOpen={onOpen} />
        ))}
      </div>
    </aside>
  );
}

/** One event in a row: picture, what, where, when. */
export function FeedItem({ event, onOpen }: { event: DetectionEvent; onOpen: (event: DetectionEvent) => void }) {
  const going = active.value.has(event.id);
  const camera = cameraName(event.camera);
  const lastedS = ((event.endWallUs ?? event.startWallUs) - event.startWallUs) / 1e6;
  const now = nowUs.value;
  return (
    <button
      type="button"
      class={`feed-item ${going ? "going" : ""}`}
      aria-label={strings.events.play(labelName(event.label), camera, ago(event.startWallUs, now))}
      data-event={event.id}
      onClick={() => onOpen(event)}
    >
      <span class="feed-picture">
        <EventPicture event={event} />
      </span>
      <span class="feed-words">
        <span class="feed-what">{labelName(event.label)}</span>
        <span class="feed-where">{camera}</span>
        <span class="feed-when">
          {going ? (
            <span class="now">
              <span class="dot warn" aria-hidden="true" />
              {strings.feed.now}
            </span>
          ) : (
            <>
              {ago(event.startWallUs, now)}
              {lastedS >= 1 && ` · ${duration(lastedS)}`}
            </>
          )}
        </span>
      </span>
    </button>
  );
}

/** A camera's name for people; its id when it is gone. */
export function cameraName(id: string): string {
  return cameras.value?.find((camera) => camera.id === id)?.name ?? id;
}
