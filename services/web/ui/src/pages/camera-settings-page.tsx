/** One camera's settings: what is recorded, when, and how long it is kept. */
import type { ArchiveStatus, CameraView, SystemStatus } from "@lanthorn/contract";
import { useEffect } from "preact/hooks";
import { Link } from "wouter";
import { Icon } from "../icons.tsx";
import { readStatus } from "../net/api.ts";
import { readRetention } from "../net/settings-api.ts";
import { StateChip } from "../parts/camera-signs.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PrivacySwitch } from "../parts/privacy-switch.tsx";
import { EventFields, StreamFields } from "../parts/settings/event-fields.tsx";
import { KeepingFields } from "../parts/settings/keeping-fields.tsx";
import { ModeChoice } from "../parts/settings/mode-choice.tsx";
import { NowLine } from "../parts/settings/now-line.tsx";
import { ElsewhereNotice, SaveBar } from "../parts/settings/save-bar.tsx";
import { ScheduleEditor } from "../parts/settings/schedule-editor.tsx";
import { useSettingsForm } from "../parts/settings/use-settings-form.ts";
import { nowOf } from "../settings/now.ts";
import { timeOfDay, type WeekMoment } from "../settings/week.ts";
import { boxTimeZone, cameras } from "../state/box.ts";
import { boxMoment } from "../state/box-clock.ts";
import { usePolled } from "../state/polled.ts";
import { strings } from "../strings.ts";

const RETENTION_EVERY_MS = 4000;
const STATUS_EVERY_MS = 4000;
const words = strings.settings;

/** See above. */
export function CameraSettingsPage({ camera }: { camera: string }) {
  const known = cameras.value;
  const view = known?.find(({ id }) => id === camera);
  if (view === undefined) {
    return (
      <div class="page">
        {known === undefined ? (
          <div class="empty">
            <span class="spinner" />
          </div>
        ) : (
          <EmptyState icon="cameras" title={words.unknownCamera}>
            <Link class="button" href="/cameras">
              {words.back}
            </Link>
          </EmptyState>
        )}
      </div>
    );
  }
  return <Settings key={view.id} camera={view} />;
}

function Settings({ camera }: { camera: CameraView }) {
  const form = useSettingsForm(camera);
  const retention = usePolled(readRetention, RETENTION_EVERY_MS);
  const status = usePolled(readStatus, STATUS_EVERY_MS);
  const row = archiveRow(status.value, camera.id);
  const zone = boxTimeZone.value;
  const now = boxMoment.value;
  const clock = now && zone ? words.boxTime(timeOfDay(now.minute), zone) : undefined;
  useEffect(() => {
    if (form.save.kind === "saved") {
      const timer = setTimeout(retention.refresh, 800); // the archive looks for changes twice a second
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [form.save.kind]);
  useUnloadWarning(form.changed.length > 0);
  return (
    <div class="page settings-page">
      <header class="page-head">
        <Link href="/cameras" class="button bare icon-only" aria-label={words.back} title={words.back}>
          <Icon name="left" />
        </Link>
        <h1>{camera.name}</h1>
        <StateChip state={camera.state} />
        <span class="push" />
        <Link href={`/recordings/${camera.id}`} class="button">
          {words.watch}
        </Link>
      </header>
      <form
        class="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const place = event.currentTarget;
          void form.submit().then(() => place.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
        }}
      >
        <NowCard camera={camera} at={now} row={row} />
        <ModeChoice form={form} />
        <ScheduleEditor form={form} now={now} clock={clock} />
        <KeepingFields
          form={form}
          keeping={retention.value?.cameras.find((each) => each.camera === camera.id)}
          isKnown={retention.value !== undefined}
          fault={retention.fault}
        />
        <EventFields form={form} ringHoldsS={row?.ringHoldsS ?? undefined} />
        <StreamFields form={form} />
        <div class="save-dock">
          <ElsewhereNotice form={form} />
          <SaveBar form={form} />
        </div>
      </form>
    </div>
  );
}

type ArchiveRow = ArchiveStatus["cameras"][number];

function archiveRow(status: SystemStatus | undefined, camera: string): ArchiveRow | undefined {
  const archive = status?.services.find(({ name }) => name === "archive")?.status as ArchiveStatus | null | undefined;
  return archive?.cameras?.find(({ id, stream }) => id === camera && stream === "main");
}

/** What holds at this moment, by what the box has stored, and the switch that stands above all. */
function NowCard(props: { camera: CameraView; at: WeekMoment | undefined; row: ArchiveRow | undefined }) {
  const { camera, at, row } = props;
  const now = nowOf(camera, at);
  const isUnwatched = now.mode === "events" && row?.mode === "events" && !row.watching;
  return (
    <section class={`card now-card ${now.mode === "privacy" ? "is-private" : ""}`} aria-labelledby="now-title">
      <div>
        <h2 id="now-title">{words.now.title}</h2>
        <NowLine now={now} instead={isUnwatched ? words.now.unwatched : undefined} />
      </div>
      <div class="now-privacy">
        <PrivacySwitch camera={camera} />
        <p class="muted small">
          {now.mode === "privacy" && !camera.recording.privacy ? words.privacy.bySchedule : words.privacy.text}
        </p>
      </div>
    </section>
  );
}

/** The browser asks before it throws away what is not saved; drafts are kept in this tab, but not for ever. */
function useUnloadWarning(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) {
      return undefined;
    }
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isDirty]);
}
