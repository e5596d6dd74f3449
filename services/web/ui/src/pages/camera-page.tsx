/** One camera: live or any recorded moment, with a timeline that has live at its end. */

import type { CameraView } from "@lanthorn/contract";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter";
import { Icon } from "../icons.tsx";
import { BoxesButton } from "../parts/boxes-button.tsx";
import { LinkSign, LockSign } from "../parts/camera-signs.tsx";
import { CameraStage } from "../parts/camera-stage.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { FeedItem } from "../parts/event-feed.tsx";
import { SelectionPanel } from "../parts/selection-panel.tsx";
import { TimelineBar, type TimelineControls } from "../parts/timeline-bar.tsx";
import { Transport } from "../parts/transport.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { chosen } from "../saving/chosen.ts";
import { firstSelection, marked } from "../saving/selection.ts";
import { boxNowUs, cameras } from "../state/box.ts";
import { Playback } from "../state/playback.ts";
import { strings } from "../strings.ts";
import { Choice } from "./events-page.tsx";

const EVENTS_SHOWN = 60;

/** See above. camera undefined: there is none, or the list is not here yet. */
export function CameraPage({ camera }: { camera: string | undefined }) {
  const known = cameras.value;
  const view = known?.find(({ id }) => id === camera);
  if (known !== undefined && view === undefined) {
    return (
      <div class="page">
        <EmptyState icon="recordings" title={strings.live.emptyTitle} text={strings.live.emptyText} />
      </div>
    );
  }
  if (view === undefined) {
    return (
      <div class="page">
        <div class="empty">
          <span class="spinner" />
        </div>
      </div>
    );
  }
  return <Watching key={view.id} camera={view} all={known ?? []} />;
}

function Watching({ camera, all }: { camera: CameraView; all: readonly CameraView[] }) {
  const [, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  const [at, from, to] = ["at", "from", "to"].map((name) => search.get(name));
  const playback = useMemo(() => new Playback(camera.id), [camera.id]);
  const stage = useRef<HTMLDivElement>(null);
  const timeline = useRef<TimelineControls>(null);
  const [help, setHelp] = useState(false);
  useEffect(() => () => playback.close(), [playback]);
  useEffect(() => {
    const wallUs = Number(at);
    if (at && Number.isFinite(wallUs) && wallUs > 0) {
      void playback.playAt(wallUs - 3_000_000);
      timeline.current?.reveal(wallUs);
    }
  }, [at, playback]);
  useEffect(() => {
    const [fromUs, toUs] = [Number(from), Number(to)];
    if (fromUs > 0 && toUs > fromUs) {
      chosen.value = { fromUs, toUs };
      void playback.playAt(fromUs);
      timeline.current?.reveal((fromUs + toUs) / 2);
    }
  }, [from, to, playback]);
  const mark = (edge: "from" | "to") => {
    const wallUs = playback.wallUs.peek();
    const selection = chosen.peek() ?? firstSelection(wallUs, playback.spanUs.peek(), boxNowUs());
    chosen.value = marked(selection, edge, wallUs, boxNowUs());
  };
  const fullScreen = () => {
    if (document.fullscreenElement === null) {
      void stage.current?.requestFullscreen();
    } else {
      void document.exitFullscreen();
    }
  };
  useKeys({ playback, timeline, fullScreen, help: () => setHelp(!help), mark });
  return (
    <div class="page camera-page">
      <header class="page-head">
        <h1 class="visually-hidden">{`${strings.recordings.title}: ${camera.name}`}</h1>
        <Choice
          name={strings.recordings.camera}
          value={camera.id}
          options={all.map((each): [string, string] => [each.id, each.name])}
          onChange={(id) => navigate(`/recordings/${id}`)}
        />
        <span class="head-signs">
          <LinkSign camera={camera} />
          <LockSign camera={camera} />
        </span>
        <span class="push" />
        <button
          type="button"
          class="button icon-only bare wide-only"
          aria-label={strings.recordings.help}
          title={strings.recordings.help}
          aria-expanded={help}
          onClick={() => setHelp(!help)}
        >
          <Icon name="keyboard" />
        </button>
        {playback.mode.value === "live" && <BoxesButton />}
        <Link
          href={`/cameras/${camera.id}/settings`}
          class="button icon-only bare"
          aria-label={strings.settings.openOf(camera.name)}
          title={strings.settings.open}
        >
          <Icon name="gear" />
        </Link>
      </header>
      {help && <KeyList />}
      <div class="camera-body">
        <div class="camera-main">
          <CameraStage camera={camera} playback={playback} stage={stage} onFullScreen={fullScreen} />
          <section class="card timeline-card" aria-label={strings.recordings.timeline}>
            <Transport playback={playback} timeline={timeline} />
            <TimelineBar playback={playback} controls={timeline} />
            <SelectionPanel playback={playback} />
          </section>
        </div>
        <EventsInView playback={playback} onPick={(wallUs) => timeline.current?.reveal(wallUs)} />
      </div>
    </div>
  );
}

function EventsInView({ playback, onPick }: { playback: Playback; onPick: (wallUs: number) => void }) {
  const events = playback.data.value.events.toSorted((a, b) => b.startWallUs - a.startWallUs).slice(0, EVENTS_SHOWN);
  return (
    <aside class="feed camera-events" aria-label={strings.recordings.dayEvents}>
      <header class="feed-head">
        <h2>{strings.recordings.dayEvents}</h2>
      </header>
      <div class="feed-list">
        {events.length === 0 && <p class="feed-empty">{strings.recordings.noEvents}</p>}
        {events.map((event) => (
          <FeedItem
            key={event.id}
            event={event}
            onOpen={() => {
              playback.playEvent(event);
              onPick(event.startWallUs);
            }}
          />
        ))}
      </div>
    </aside>
  );
}

function KeyList() {
  return (
    <dl class="card keys">
      {strings.recordings.keys.map(([keys, meaning]) => (
        <div key={keys}>
          <dt>{keys}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
