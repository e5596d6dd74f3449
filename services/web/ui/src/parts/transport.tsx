/** Buttons below the picture: play, jump, speed, live, zoom. */
import type { RefObject } from "preact";
import { duration } from "../format.ts";
import { Icon, type IconName } from "../icons.tsx";
import { chosen } from "../saving/chosen.ts";
import { firstSelection } from "../saving/selection.ts";
import { boxNowUs } from "../state/box.ts";
import { type Playback, RATES } from "../state/playback.ts";
import { strings } from "../strings.ts";
import type { TimelineControls } from "./timeline-bar.tsx";

/** See above. */
export function Transport({
  playback,
  timeline,
}: {
  playback: Playback;
  timeline: RefObject<TimelineControls | null>;
}) {
  const live = playback.mode.value === "live";
  const playing = !live && (playback.state.value === "playing" || playback.state.value === "loading");
  const words = strings.recordings;
  return (
    <div class="transport">
      <div class="transport-group">
        <Control icon="previous" label={words.previousEvent} onClick={() => playback.seekEvent(-1)} />
        <Control icon="back10" label={words.back10} onClick={() => playback.seekBy(-10)} />
        <button
          type="button"
          class="button icon-only play"
          aria-label={playing || live ? words.pause : words.play}
          title={playing || live ? words.pause : words.play}
          onClick={() => playback.toggle()}
        >
          <Icon name={playing || live ? "pause" : "play"} />
        </button>
        <Control icon="forward10" label={words.forward10} disabled={live} onClick={() => playback.seekBy(10)} />
        <Control icon="next" label={words.nextEvent} disabled={live} onClick={() => playback.seekEvent(1)} />
      </div>
      <button
        type="button"
        class={`button live-button ${live ? "on" : ""}`}
        aria-pressed={live}
        title={words.goLive}
        onClick={() => playback.goLive()}
      >
        <span class="dot" aria-hidden="true" />
        {words.live}
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={chosen.value !== undefined}
        title={strings.saving.chooseHint}
        onClick={() => {
          chosen.value =
            chosen.value === undefined
              ? firstSelection(playback.wallUs.peek(), playback.spanUs.peek(), boxNowUs())
              : undefined;
        }}
      >
        <Icon name="select" size="small" />
        {strings.saving.choose}
      </button>
      <span class="push" />
      <span class="select speed">
        <select
          aria-label={words.speed}
          value={String(playback.rate.value)}
          disabled={live}
          onChange={(change) => playback.setRate(Number((change.currentTarget as HTMLSelectElement).value))}
        >
          {RATES.map((rate) => (
            <option key={rate} value={String(rate)}>{`${rate}×`}</option>
          ))}
        </select>
        <Icon name="chevron" size="small" />
      </span>
      <div class="transport-group zoom">
        <Control icon="minus" label={words.zoomOut} onClick={() => timeline.current?.zoom(1)} />
        <span class="faint small number" aria-live="off">
          {duration(playback.spanUs.value / 1e6)}
        </span>
        <Control icon="plus" label={words.zoomIn} onClick={() => timeline.current?.zoom(-1)} />
      </div>
    </div>
  );
}

function Control(props: { icon: IconName; label: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      class="button icon-only bare"
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
