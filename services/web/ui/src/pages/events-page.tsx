/** All events, filtered, as pictures; a click plays the recording around one. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useSearch } from "wouter";
import { clockTime, dayHeading, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { type EventFilter, readEvents } from "../net/api.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { EventDialog } from "../parts/event-dialog.tsx";
import { cameraName } from "../parts/event-feed.tsx";
import { EventPicture } from "../parts/event-picture.tsx";
import { active, boxNowUs, cameras, connection, feed, nowUs } from "../state/box.ts";
import { labelName, strings } from "../strings.ts";

const PAGE = 48;
const SPANS_US = { hour: 3_600_000_000, day: 86_400_000_000, week: 604_800_000_000, all: undefined } as const;
type Span = keyof typeof SPANS_US;

interface Listing {
  readonly events: readonly DetectionEvent[];
  readonly next: string | undefined;
  readonly state: "loading" | "ready" | "more" | "failed";
  readonly reason?: string;
}

/** See above. */
export function EventsPage() {
  const search = new URLSearchParams(useSearch());
  const [camera, setCamera] = useState(search.get("camera") ?? "");
  const [label, setLabel] = useState("");
  const [span, setSpan] = useState<Span>("all");
  const [chosen, setChosen] = useState<DetectionEvent | undefined>(undefined);
  const { listing, more, again } = useListing(camera, label, span);
  const events = withNews(listing.events, camera, label, listing.state === "ready");
  const labels = useLabels(events);
  const filtered = camera !== "" || label !== "" || span !== "all";
  return (
    <div class="page">
      <header class="page-head">
        <h1>{strings.events.title}</h1>
        <span class="push" />
        <div class="filters">
          <Choice
            name={strings.events.camera}
            value={camera}
            onChange={setCamera}
            options={[
              ["", strings.events.anyCamera],
              ...(cameras.value ?? []).map((each): [string, string] => [each.id, each.name]),
            ]}
          />
          <Choice
            name={strings.events.label}
            value={label}
            onChange={setLabel}
            options={[
              ["", strings.events.anyLabel],
              ...labels.map((each): [string, string] => [each, labelName(each)]),
            ]}
          />
          <Choice
            name={strings.events.time}
            value={span}
            onChange={(value) => setSpan(value as Span)}
            options={Object.entries(strings.events.spans)}
          />
        </div>
      </header>
      {listing.state === "failed" && events.length === 0 ? (
        <EmptyState
          icon="alert"
          title={strings.events.failedTitle}
          {...(listing.reason === undefined ? {} : { text: listing.reason })}
        >
          <button type="button" class="button" onClick={again}>
            {strings.events.retry}
          </button>
        </EmptyState>
      ) : listing.state === "loading" ? (
        <div class="event-grid" aria-busy="true">
          {Array.from({ length: 8 }, (_, index) => (
            <div key={index} class="event-card skeleton" />
          ))}
        </div>
      ) : events.length === 0 ? (
        <EmptyState
          icon="events"
          title={strings.events.emptyTitle}
          text={filtered ? strings.events.emptyText : strings.events.emptyAllText}
        />
      ) : (
        <>
          <Days events={events} onOpen={setChosen} />
          {listing.next !== undefined && (
            <button type="button" class="button more" onClick={more} disabled={listing.state === "more"}>
              {listing.state === "more" ? strings.events.loadingMore : strings.events.more}
            </button>
          )}
        </>
      )}
      {chosen !== undefined && (
        <EventDialog event={chosen} among={events} onMove={setChosen} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

function Days({ events, onOpen }: { events: readonly DetectionEvent[]; onOpen: (event: DetectionEvent) => void }) {
  const days = Map.groupBy(events, (event) => dayHeading(event.startWallUs, nowUs.value));
  return (
    <>
      {[...days].map(([day, ofDay]) => (
        <section key={day} class="event-day">
          <h2>{day}</h2>
          <ul class="event-grid">
            {ofDay.map((event) => (
              <li key={event.id}>
                <EventCard event={event} onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function EventCard({ event, onOpen }: { event: DetectionEvent; onOpen: (event: DetectionEvent) => void }) {
  const going = active.value.has(event.id);
  const camera = cameraName(event.camera);
  const seconds = event.endWallUs === null ? undefined : (event.endWallUs - event.startWallUs) / 1e6;
  return (
    <button
      type="button"
      class="event-card"
      data-event={event.id}
      aria-label={strings.events.play(labelName(event.label), camera, clockTime(event.startWallUs))}
      onClick={() => onOpen(event)}
    >
      <span class="event-picture">
        <EventPicture event={event} />
        <span class="event-badge number">
          {going ? (
            <>
              <span class="dot warn" aria-hidden="true" />
              {strings.feed.now}
            </>
          ) : seconds === undefined ? (
            "…"
          ) : (
            duration(seconds)
          )}
        </span>
      </span>
      <span class="event-words">
        <span class="event-what">{labelName(event.label)}</span>
        <span class="event-when number">{clockTime(event.startWallUs)}</span>
        <span class="event-where">{camera}</span>
      </span>
    </button>
  );
}

/** A select with its name for those who do not see it. */
export function Choice(props: {
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <span class="select">
      <select
        aria-label={props.name}
        value={props.value}
        onChange={(change) => props.onChange((change.currentTarget as HTMLSelectElement).value)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <Icon name="chevron" size="small" />
    </span>
  );
}

function useListing(camera: string, label: string, span: Span) {
  const [listing, setListing] = useState<Listing>({ events: [], next: undefined, state: "loading" });
  const [round, setRound] = useState(0);
  const running = useRef<AbortController | undefined>(undefined);
  const read = async (before: string | undefined, kept: readonly DetectionEvent[]) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const spanUs = SPANS_US[span];
    const filter: EventFilter = {
      camera,
      label,
      fromUs: spanUs === undefined ? undefined : Math.floor(boxNowUs() - spanUs),
      limit: PAGE,
      before,
    };
    try {
      const page = await readEvents(filter, controller.signal);
      const next = page.next ?? undefined;
      setListing({ events: [...kept, ...page.events], next, state: "ready" });
    } catch (error) {
      if (!controller.signal.aborted) {
        setListing({ events: kept, next: before, state: "failed", reason: (error as Error).message });
      }
    }
  };
  const connected = connection.value === "open";
  useEffect(() => {
    setListing((old) => (old.state === "failed" ? old : { events: [], next: undefined, state: "loading" }));
    void read(undefined, []);
    return () => running.current?.abort();
  }, [camera, label, span, round, connected]);
  return {
    listing,
    again: () => setRound(round + 1),
    more: () => {
      setListing({ ...listing, state: "more" });
      void read(listing.next, listing.events);
    },
  };
}

/** Events that came since the list was read, in front of it. */
function withNews(events: readonly DetectionEvent[], camera: string, label: string, ready: boolean): DetectionEvent[] {
  const news = (feed.value ?? []).filter(
    (event) =>
      ready &&
      (camera === "" || event.camera === camera) &&
      (label === "" || event.label === label) &&
      (events[0] === undefined || event.startWallUs >= events[0].startWallUs),
  );
  const fresh = new Map((feed.value ?? []).map((event) => [event.id, event]));
  const known = new Set(events.map(({ id }) => id));
  return [...news.filter(({ id }) => !known.has(id)), ...events.map((event) => fresh.get(event.id) ?? event)];
}

/** Every label seen so far: a filter must not vanish because it is chosen. */
function useLabels(events: readonly DetectionEvent[]): string[] {
  const seen = useRef(new Set<string>());
  return useMemo(() => {
    for (const event of [...events, ...(feed.value ?? [])]) {
      seen.current.add(event.label);
    }
    return [...seen.current].sort();
  }, [events.length, feed.value?.length]);
}
