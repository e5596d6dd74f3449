/** The large picture of a camera: live pictures or a recording, and what there is to say when there is neither. */

import type { CameraView } from "@lanthorn/contract";
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ago, clockTime, dayName, duration, startOfDayMs } from "../format.ts";
import { Icon } from "../icons.tsx";
import { recordingUrl } from "../net/api.ts";
import { boxNowUs, nowUs } from "../state/box.ts";
import type { Playback } from "../state/playback.ts";
import { strings } from "../strings.ts";
import { stretchAt } from "../timeline/timeline-data.ts";
import { isShown, StateChip, shownState } from "./camera-signs.tsx";
import { aspectOf } from "./live-tile.tsx";
import { useLivePlayer } from "./use-live-player.ts";

/** See above. stage: what is shown full screen. */
export function CameraStage(props: {
  camera: CameraView;
  playback: Playback;
  stage: RefObject<HTMLDivElement | null>;
  onFullScreen: () => void;
}) {
  const { camera, playback, stage, onFullScreen } = props;
  const live = playback.mode.value === "live";
  const view = useLivePlayer(camera.id, aspectOf(camera), isShown(camera) && live);
  const recorded = useRef<HTMLDivElement>(null);
  const [sound, setSound] = useState(false);
  const hasSound = !live || view.kind.value === "mse";
  useEffect(() => {
    playback.recording.video.className = "picture";
    recorded.current?.replaceChildren(playback.recording.video);
  }, [playback]);
  useEffect(() => {
    playback.recording.video.muted = !sound;
    view.player.current?.setSound(sound);
  }, [sound, live, playback, view.state.value]);
  const shown = shownState(camera, view.state.value);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a double click is a shortcut; the button and the key F do the same
    <div
      class={`camera-stage ${live ? "is-live" : "is-recorded"}`}
      ref={stage}
      data-mode={playback.mode.value}
      data-state={live ? view.state.value : playback.state.value}
      data-player={view.kind.value}
      onDblClick={onFullScreen}
    >
      <div class="stage" ref={view.stage} hidden={!live} />
      <div class="stage" ref={recorded} hidden={live} />
      <div class="tile-top">
        {live ? <StateChip state={shown} /> : <RecordedChip wallUs={playback.wallUs.value} />}
        <span class="push" />
        {playback.notice.value !== undefined && <span class="sign">{playback.notice.value}</span>}
      </div>
      {live && shown !== "live" && <LiveNotice camera={camera} state={shown} />}
      {!live && <RecordedNotice playback={playback} />}
      <div class="stage-tools" hidden={!live && playback.state.value === "unplayable"}>
        {hasSound && (
          <ToolButton
            icon={sound ? "sound" : "mute"}
            label={sound ? strings.recordings.mute : strings.recordings.sound}
            onClick={() => setSound(!sound)}
          />
        )}
        <ToolButton
          icon="picture"
          label={strings.recordings.picture}
          onClick={() => savePicture(stage.current, camera.id, live ? boxNowUs() : playback.wallUs.peek())}
        />
        <ToolButton icon="full" label={strings.recordings.fullScreen} onClick={onFullScreen} />
      </div>
    </div>
  );
}

function ToolButton(props: { icon: "sound" | "mute" | "picture" | "full"; label: string; onClick: () => void }) {
  return (
    <button type="button" class="tool" aria-label={props.label} title={props.label} onClick={props.onClick}>
      <Icon name={props.icon} />
    </button>
  );
}

function RecordedChip({ wallUs }: { wallUs: number }) {
  const today = startOfDayMs(wallUs) === startOfDayMs(nowUs.value);
  return (
    <span class="sign recorded number">
      {!today && `${dayName(wallUs)} `}
      {clockTime(wallUs)}
    </span>
  );
}

function LiveNotice({ camera, state }: { camera: CameraView; state: CameraView["state"] }) {
  const ageMs = camera.link?.lastPacketAgeMs;
  return (
    <div class="tile-notice">
      {state === "connecting" ? <span class="spinner" aria-hidden="true" /> : <Icon name="noVideo" />}
      <strong>{state === "connecting" ? strings.live.waiting : strings.state[state]}</strong>
      {state === "private" && <span>{strings.live.privateText}</span>}
      {state === "offline" && ageMs !== null && ageMs !== undefined && (
        <span>{strings.live.offlineSince(ago(nowUs.value - ageMs * 1000, nowUs.value))}</span>
      )}
    </div>
  );
}

function RecordedNotice({ playback }: { playback: Playback }) {
  const state = playback.state.value;
  const nextUs = playback.nextUs.value;
  if (state === "loading") {
    return (
      <div class="tile-notice clear" role="status">
        <span class="spinner" aria-hidden="true" />
        <span class="visually-hidden">{strings.recordings.loading}</span>
      </div>
    );
  }
  if (state === "failed") {
    return (
      <div class="tile-notice" role="status">
        <Icon name="alert" />
        <strong>{strings.recordings.failed}</strong>
      </div>
    );
  }
  if (state === "unplayable") {
    return <UnplayableNotice playback={playback} />;
  }
  if (state === "empty") {
    return (
      <div class="tile-notice" role="status">
        <Icon name="noVideo" />
        <strong>{strings.recordings.nothingHere}</strong>
        <span>{strings.recordings.nothingHereText}</span>
        <span class="notice-ways">
          {nextUs !== undefined && (
            <button type="button" class="button" onClick={() => void playback.playAt(nextUs)}>
              {strings.recordings.nextRecording}
            </button>
          )}
          <button type="button" class="button" onClick={() => playback.goLive()}>
            {strings.recordings.goLive}
          </button>
        </span>
      </div>
    );
  }
  return null;
}

/** Most that is offered to be saved at once. */
const SAVE_US = 300_000_000;

function UnplayableNotice({ playback }: { playback: Playback }) {
  const fromUs = playback.wallUs.value;
  const endUs = stretchAt(playback.data.value.segments, fromUs).holds?.endWallUs ?? fromUs + SAVE_US;
  const toUs = Math.min(fromUs + SAVE_US, endUs);
  const codec = playback.unplayable.value ?? "";
  return (
    <div class="tile-notice long" role="status">
      <Icon name="alert" />
      <strong>{strings.recordings.unplayable(codec)}</strong>
      <span class="notice-words">{strings.recordings.unplayableText}</span>
      <span class="notice-ways">
        <a
          class="button"
          href={recordingUrl(playback.camera, fromUs, toUs)}
          download={`${playback.camera}-${new Date(fromUs / 1000).toISOString().replaceAll(":", "-")}.mp4`}
        >
          <Icon name="download" size="small" />
          {strings.recordings.save(duration((toUs - fromUs) / 1e6))}
        </a>
      </span>
    </div>
  );
}

function savePicture(stage: HTMLElement | null, camera: string, wallUs: number): void {
  const picture = stage?.querySelector<HTMLCanvasElement | HTMLVideoElement | HTMLImageElement>(
    ".stage:not([hidden]) .picture",
  );
  if (!picture) {
    return;
  }
  const canvas = document.createElement("canvas");
  canvas.width =
    picture instanceof HTMLVideoElement
      ? picture.videoWidth
      : picture instanceof HTMLImageElement
        ? picture.naturalWidth
        : picture.width;
  canvas.height =
    picture instanceof HTMLVideoElement
      ? picture.videoHeight
      : picture instanceof HTMLImageElement
        ? picture.naturalHeight
        : picture.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  canvas.toBlob(
    (blob) => {
      if (blob !== null) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = `${camera}-${new Date(wallUs / 1000).toISOString().replaceAll(":", "-")}.jpg`;
        link.click();
        URL.revokeObjectURL(link.href);
      }
    },
    "image/jpeg",
    0.92,
  );
}
