/** Disks, what takes their room, and how far each camera reaches back. */
import type { ArchiveStorage, ServiceView } from "@lanthorn/contract";
import { Link } from "wouter";
import { bytes, shortTime } from "../format.ts";
import { Icon } from "../icons.tsx";
import { readStatus } from "../net/api.ts";
import { type CameraKeeping, type RetentionReport, readClips, readRetention } from "../net/settings-api.ts";
import { DiskCard } from "../parts/disk-card.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { cameraName } from "../parts/event-feed.tsx";
import { daysWords, forecastWords, keptWords } from "../settings/keeping-words.ts";
import { partsOf } from "../settings/storage.ts";
import { cameras } from "../state/box.ts";
import { usePolled } from "../state/polled.ts";
import { strings } from "../strings.ts";

const EVERY_MS = 4000;
const words = strings.storage;

/** See above. */
export function StoragePage() {
  const status = usePolled(readStatus, EVERY_MS);
  const retention = usePolled(readRetention, EVERY_MS);
  const clips = usePolled(readClips, EVERY_MS * 4);
  const archive = status.value?.services.find(({ name }) => name === "archive");
  const storage = archive?.reachable ? (archive.status as Partial<ArchiveStorage>) : undefined;
  const clipBytes = (clips.value?.clips ?? []).reduce((sum, clip) => sum + clip.bytes, 0);
  const isAway = status.fault !== undefined || (status.value !== undefined && storage?.disk === undefined);
  return (
    <div class="page storage-page">
      <header class="page-head">
        <div class="title">
          <h1>{words.title}</h1>
          {archive?.reachable && <Overall archive={archive} />}
        </div>
      </header>
      {isAway && storage === undefined ? (
        <EmptyState icon="alert" title={words.failed} text={words.failedText} />
      ) : (
        <>
          {archive?.reachable && <Faults faults={archive.faults} />}
          {storage?.disk === undefined || storage.disks === undefined ? (
            <div class="card disk-card skeleton" />
          ) : (
            <Disks storage={{ disk: storage.disk, disks: storage.disks }} clipBytes={clipBytes} />
          )}
          <Kept retention={retention.value} />
        </>
      )}
    </div>
  );
}

function Overall({ archive }: { archive: ServiceView }) {
  const count = archive.faults.length;
  return (
    <span class={`small overall ${count === 0 ? "good" : "bad"}`}>
      <span class={`dot ${count === 0 ? "good" : "bad"}`} aria-hidden="true" />
      {count === 0 ? words.fine : words.faults(count)}
    </span>
  );
}

function Faults({ faults }: { faults: readonly string[] }) {
  return (
    <div role="status">
      {faults.length > 0 && (
        <div class="card notice storage-faults">
          <Icon name="alert" />
          <ul>
            {faults.map((fault) => (
              <li key={fault}>{fault.charAt(0).toUpperCase() + fault.slice(1)}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Disks({ storage, clipBytes }: { storage: ArchiveStorage; clipBytes: number }) {
  const parts = new Map(partsOf(storage, clipBytes).map((each) => [each.id, each.parts]));
  return (
    <section aria-label={words.disks} class="disk-list">
      {storage.disks.map((disk, index) => (
        <DiskCard key={disk.uuid} disk={disk} index={index} parts={parts.get(disk.id) ?? []} />
      ))}
    </section>
  );
}

function Kept({ retention }: { retention: RetentionReport | undefined }) {
  const { columns } = words;
  const known = new Set<string>(retention?.cameras.map(({ camera }) => camera));
  const unrecorded = (cameras.value ?? []).filter(({ id }) => !known.has(id));
  if (retention === undefined) {
    return <div class="card table-card skeleton kept-skeleton" />;
  }
  return (
    <section class="card table-card kept-card">
      <h2>{words.kept}</h2>
      <p class="muted small">
        {retention.cameras.length === 0 ? words.keptEmpty : words.keptText}{" "}
        <span class="faint">{words.asOf(shortTime(retention.asOfUs))}</span>
      </p>
      {retention.cameras.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
        <section class="table-room" tabIndex={0} aria-label={words.kept}>
          <table>
            <thead>
              <tr>
                <th scope="col">{columns.camera}</th>
                <th scope="col">{columns.now}</th>
                <th scope="col" class="right">
                  {columns.takes}
                </th>
                <th scope="col" class="right">
                  {columns.perDay}
                </th>
                <th scope="col">{columns.forecast}</th>
                <th scope="col">{columns.guarantee}</th>
              </tr>
            </thead>
            <tbody>
              {retention.cameras.map((keeping) => (
                <KeptRow key={keeping.camera} keeping={keeping} />
              ))}
              {unrecorded.map(({ id, name }) => (
                <tr key={id}>
                  <th scope="row">
                    <Link href={`/cameras/${id}/settings`}>{name}</Link>
                  </th>
                  <td colSpan={5} data-label={columns.now}>
                    {strings.settings.forecast.nothingYet}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function KeptRow({ keeping }: { keeping: CameraKeeping }) {
  const { minDays, guaranteeMet, bytesPerDay } = keeping;
  const { columns } = words;
  const guarantee = bytesPerDay === 0 ? words.guaranteeOpen : guaranteeMet ? words.guaranteeMet : words.guaranteeBroken;
  return (
    <tr>
      <th scope="row">
        <Link href={`/cameras/${keeping.camera}/settings`}>{cameraName(keeping.camera)}</Link>
      </th>
      <td class="number" data-label={columns.now}>
        {keptWords(keeping)}
      </td>
      <td class="right number" data-label={columns.takes}>
        {bytes(keeping.bytes)}
      </td>
      <td class="right number" data-label={columns.perDay}>
        {keeping.bytesPerDay > 0 ? bytes(keeping.bytesPerDay) : "–"}
      </td>
      <td class="number" data-label={columns.forecast}>
        {forecastWords(keeping).value}
      </td>
      <td data-label={columns.guarantee}>
        {minDays === 0 ? (
          words.guaranteeNone
        ) : (
          <span class={`chip ${guaranteeMet ? "" : "bad"}`}>{guarantee(daysWords(minDays))}</span>
        )}
      </td>
    </tr>
  );
}
