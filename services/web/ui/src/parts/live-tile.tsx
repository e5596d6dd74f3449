/** One camera of the live grid. */

import type { CameraView } from "@lanthorn/contract";
import { useLocation } from "wouter";
import { ago } from "../format.ts";
import { Icon } from "../icons.tsx";
import { activeCameras, nowUs } from "../state/box.ts";
import { strings } from "../strings.ts";
import { isShown, LinkSign, LockSign, StateChip, shownState } from "./camera-signs.tsx";
import { useLivePlayer } from "./use-live-player.ts";

/** Width by height of a camera's picture; 16:9 until it is known. */
export function aspectOf(camera: CameraView): number {
  const { widthPx, heightPx } = camera.link ?? {};
  return widthPx && heightPx ? widthPx / heightPx : 16 / 9;
}

/** Opens by double click, Enter, or a tap on its name. */
export function LiveTile({ camera, wide }: { camera: CameraView; wide: boolean }) {
  const [, navigate] = useLocation();
  const { stage, state, kind } = useLivePlayer(camera.id, aspectOf(camera), isShown(camera));
  const shown = shownState(camera, state.value);
  const open = () => navigate(`/recordings/${camera.id}`);
  const lit = activeCameras.value.has(camera.id);
  return (
    <article
      class={`tile ${wide ? "wide" : ""} ${lit ? "lit" : ""}`}
      aria-label={`${camera.name}: ${strings.state[shown]}`}
      data-camera={camera.id}
      data-state={state.value}
      data-player={kind.value}
      onDblClick={open}
    >
      <div class="stage" ref={stage} />
      {shown !== "live" && <TileNotice camera={camera} state={shown} />}
      <div class="tile-top">
        <StateChip state={shown} />
        <span class="push" />
        <LinkSign camera={camera} />
        <LockSign camera={camera} />
      </div>
      <button type="button" class="tile-name" onClick={open} aria-label={strings.live.open(camera.name)}>
        <span>{camera.name}</span>
        <Icon name="right" size="small" />
      </button>
      {state.value === "stills" && <p class="tile-hint">{strings.live.unsupported}</p>}
    </article>
  );
}

function TileNotice({ camera, state }: { camera: CameraView; state: CameraView["state"] }) {
  if (state === "connecting") {
    return (
      <div class="tile-notice">
        <span class="spinner" aria-hidden="true" />
        <span>{strings.live.waiting}</span>
      </div>
    );
  }
  const lastSeenUs = lastSeen(camera);
  return (
    <div class="tile-notice">
      <Icon name={state === "private" ? "eyeOff" : "noVideo"} />
      <strong>{strings.state[state]}</strong>
      {state === "private" && (
        <>
          <span>{strings.live.privateText}</span>
          <span>
            {camera.recording.privacy ? strings.settings.privacy.byHand : strings.settings.privacy.byScheduleShort}
          </span>
        </>
      )}
      {state === "offline" && lastSeenUs !== undefined && (
        <span>{strings.live.offlineSince(ago(lastSeenUs, nowUs.value))}</span>
      )}
    </div>
  );
}

function lastSeen(camera: CameraView): number | undefined {
  const ageMs = camera.link?.lastPacketAgeMs;
  return ageMs === null || ageMs === undefined ? undefined : nowUs.peek() - ageMs * 1000;
}
