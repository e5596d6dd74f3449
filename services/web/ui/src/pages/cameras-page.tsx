/** All cameras: what of each is recorded, how long it is kept, whether it is private. */
import type { CameraView } from "@lanthorn/contract";
import { Link } from "wouter";
import { Icon } from "../icons.tsx";
import { type CameraKeeping, readRetention } from "../net/settings-api.ts";
import { StateChip } from "../parts/camera-signs.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PrivacySwitch } from "../parts/privacy-switch.tsx";
import { NowLine } from "../parts/settings/now-line.tsx";
import { WeekGlance } from "../parts/settings/week-glance.tsx";
import { forecastWords, keptWords } from "../settings/keeping-words.ts";
import { nowOf } from "../settings/now.ts";
import { cameras } from "../state/box.ts";
import { boxMoment } from "../state/box-clock.ts";
import { usePolled } from "../state/polled.ts";
import { strings } from "../strings.ts";

const RETENTION_EVERY_MS = 10_000;
const words = strings.settings;

/** See above. */
export function CamerasPage() {
  const known = cameras.value;
  const retention = usePolled(readRetention, RETENTION_EVERY_MS);
  return (
    <div class="page cameras-page">
      <header class="page-head">
        <h1>{words.camerasTitle}</h1>
        <span class="push" />
        <Link href="/storage" class="button">
          <Icon name="disk" size="small" />
          {strings.storage.title}
        </Link>
      </header>
      {known?.length === 0 ? (
        <EmptyState icon="cameras" title={strings.live.emptyTitle} text={strings.live.emptyText} />
      ) : (
        <ul class="camera-cards">
          {known === undefined
            ? [0, 1].map((index) => <li key={index} class="card camera-card skeleton" />)
            : known.map((camera) => (
                <CameraCard
                  key={camera.id}
                  camera={camera}
                  keeping={retention.value?.cameras.find((each) => each.camera === camera.id)}
                  isKnown={retention.value !== undefined}
                />
              ))}
        </ul>
      )}
    </div>
  );
}

function CameraCard(props: { camera: CameraView; keeping: CameraKeeping | undefined; isKnown: boolean }) {
  const { camera, keeping, isKnown } = props;
  const { mode, schedule } = camera.recording;
  const at = boxMoment.value;
  return (
    <li class="card camera-card" data-camera-card={camera.id}>
      <header>
        <h2>
          <Link href={`/recordings/${camera.id}`}>{camera.name}</Link>
        </h2>
        <StateChip state={camera.state} />
      </header>
      <NowLine now={nowOf(camera, at)} />
      <WeekGlance plan={{ mode, schedule }} now={at} small />
      <p class="muted small number">
        {!isKnown ? words.loading : words.forecast.short(keptWords(keeping), forecastWords(keeping).value)}
      </p>
      <footer>
        <PrivacySwitch camera={camera} />
        <span class="push" />
        <Link href={`/cameras/${camera.id}/settings`} class="button" aria-label={words.openOf(camera.name)}>
          <Icon name="gear" size="small" />
          {words.open}
        </Link>
      </footer>
    </li>
  );
}
