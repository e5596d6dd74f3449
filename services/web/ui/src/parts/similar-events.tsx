/** Events that look like one: a grid under its recording. Only where the box embeds pictures. */
import type { DetectionEvent, InferenceStatus } from "@lanthorn/contract";
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { clockTime, dayHeading } from "../format.ts";
import { readStatus } from "../net/api.ts";
import { readSimilar } from "../net/saving-api.ts";
import { nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";
import { cameraName } from "./event-feed.tsx";
import { EventPicture } from "./event-picture.tsx";

const SHOWN = 12;
const KNOWN_FOR_MS = 60_000;
const words = strings.saving.similar;

/** Whether the box embeds pictures of events; false until it is known. */
const embeds = signal(false);
let askedMs = Number.NEGATIVE_INFINITY;

/** Whether similar events can be asked for at all; asks the box once a minute at most. */
export function useEmbeds(): boolean {
  useEffect(() => {
    if (performance.now() - askedMs < KNOWN_FOR_MS) {
      return;
    }
    askedMs = performance.now();
    readStatus()
      .then(({ services }) => {
        const status = services.find(({ name }) => name === "inference")?.status as
          | (InferenceStatus & { readonly embedding?: object | null })
          | null
          | undefined;
        embeds.value = status?.embedding !== undefined && status?.embedding !== null;
      })
      .catch(() => {
        askedMs = Number.NEGATIVE_INFINITY; // not known: asked again when the next event is opened
      });
  }, []);
  return embeds.value;
}

/** See above. onOpen: one of them was chosen. */
export function SimilarEvents({ event, onOpen }: { event: DetectionEvent; onOpen: (event: DetectionEvent) => void }) {
  const [found, setFound] = useState<readonly DetectionEvent[] | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    setFound(undefined);
    setFault(undefined);
    readSimilar(event.id, SHOWN, controller.signal)
      .then(({ events }) => setFound(events))
      .catch((error: Error) => controller.signal.aborted || setFault(error.message));
    return () => controller.abort();
  }, [event.id]);
  const place = useRef<HTMLElement>(null);
  const hasShown = useRef(false);
  useEffect(() => {
    if (found !== undefined && !hasShown.current) {
      hasShown.current = true; // once: of an event that was opened from here its recording is to be seen
      place.current?.scrollIntoView({ block: "nearest" });
    }
  }, [found]);
  return (
    <section ref={place} class="similar" aria-label={words.title} data-event={event.id}>
      <header>
        <h3>{words.title}</h3>
        {found !== undefined && found.length > 0 && <span class="muted small">{words.order}</span>}
      </header>
      <div role="status">
        {fault !== undefined && <p class="muted small">{fault}</p>}
        {fault === undefined && found === undefined && (
          <p>
            <span class="spinner" aria-hidden="true" />
            <span class="visually-hidden">{words.looking}</span>
          </p>
        )}
        {found?.length === 0 && <p class="muted small">{words.none}</p>}
      </div>
      <ul class="event-grid">
        {found?.map((each) => (
          <li key={each.id}>
            <SimilarCard event={each} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SimilarCard({ event, onOpen }: { event: DetectionEvent; onOpen: (event: DetectionEvent) => void }) {
  const camera = cameraName(event.camera);
  const when = `${dayHeading(event.startWallUs, nowUs.value)}, ${clockTime(event.startWallUs)}`;
  return (
    <button
      type="button"
      class="event-card"
      data-similar={event.id}
      aria-label={strings.events.play(labelName(event.label), camera, when)}
      onClick={() => onOpen(event)}
    >
      <span class="event-picture">
        <EventPicture event={event} />
      </span>
      <span class="event-words">
        <span class="event-what">{labelName(event.label)}</span>
        <span class="event-where">{camera}</span>
        <span class="event-when">{when}</span>
      </span>
    </button>
  );
}
