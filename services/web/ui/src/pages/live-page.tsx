/** The live grid, with what happens beside it. */
import type { CameraView, DetectionEvent } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { BoxesButton } from "../parts/boxes-button.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { EventDialog } from "../parts/event-dialog.tsx";
import { EventFeed } from "../parts/event-feed.tsx";
import { fittingColumns, fittingWidth, WIDE_ASPECT } from "../parts/live-layout.ts";
import { aspectOf, LiveTile } from "../parts/live-tile.tsx";
import { active, cameras, feed } from "../state/box.ts";
import { LAYOUTS, layout } from "../state/settings.ts";
import { strings } from "../strings.ts";

const NARROW_PX = 760;
const GAP_PX = 12;

/** See above. */
export function LivePage() {
  const known = cameras.value;
  const [event, setEvent] = useState<DetectionEvent | undefined>(undefined);
  return (
    <div class="page live-page">
      <header class="page-head">
        <div class="title">
          <h1>{strings.live.title}</h1>
          {known !== undefined && known.length > 0 && (
            <span class="muted small quiet">{strings.live.active(active.value.size)}</span>
          )}
        </div>
        <span class="push" />
        <LayoutChoice />
        <BoxesButton />
      </header>
      {known?.length === 0 ? (
        <EmptyState icon="live" title={strings.live.emptyTitle} text={strings.live.emptyText} />
      ) : (
        <div class="live-body">
          <Grid cameras={known} />
          <EventFeed onOpen={setEvent} />
        </div>
      )}
      {event !== undefined && (
        <EventDialog event={event} among={feed.value ?? []} onMove={setEvent} onClose={() => setEvent(undefined)} />
      )}
    </div>
  );
}

function LayoutChoice() {
  return (
    <fieldset class="segmented layouts" aria-label={strings.live.layout}>
      {LAYOUTS.map((columns) => (
        <button
          key={columns}
          type="button"
          aria-pressed={layout.value === columns}
          aria-label={columns === 0 ? strings.live.layoutAuto : strings.live.layoutOf(columns)}
          title={columns === 0 ? strings.live.layoutAuto : strings.live.layoutOf(columns)}
          onClick={() => {
            layout.value = columns;
          }}
        >
          {columns === 0 ? strings.live.layoutAuto : columns}
        </button>
      ))}
    </fieldset>
  );
}

function Grid({ cameras: shown }: { cameras: readonly CameraView[] | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ widthPx: 0, heightPx: 0 });
  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() =>
      setRoom({ widthPx: element.clientWidth, heightPx: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const narrow = room.widthPx < NARROW_PX && innerWidth < NARROW_PX;
  const wide = (shown ?? []).map((camera) => aspectOf(camera) > WIDE_ASPECT);
  const measured = { ...room, gapPx: GAP_PX, wide };
  const columns = narrow ? 1 : layout.value === 0 ? fittingColumns(measured) : layout.value;
  const fitted = layout.value === 0 && !narrow && room.heightPx > 200;
  const width = fitted ? `${Math.floor(fittingWidth(measured, columns))}px` : "100%";
  return (
    <div class="grid-room" ref={place}>
      <div class={columns > 1 ? "grid many" : "grid"} style={{ "--columns": String(columns), width }}>
        {shown === undefined
          ? [0, 1].map((index) => (
              <div key={index} class="tile skeleton" role="img" aria-label={strings.live.loading} />
            ))
          : shown.map((camera, index) => <LiveTile key={camera.id} camera={camera} wide={wide[index] ?? false} />)}
      </div>
    </div>
  );
}
