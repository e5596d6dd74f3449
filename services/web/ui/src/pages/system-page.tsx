/** How the box is: services, links, storage, detection, smart home. */
import type {
  ArchiveStatus,
  AutomationStatus,
  CameraView,
  InferenceStatus,
  ServiceView,
  SystemStatus,
} from "@lanthorn/contract";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter";
import { bytes, count, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { readStatus } from "../net/api.ts";
import { LinkSign, LockSign, StateChip } from "../parts/camera-signs.tsx";
import { CertificateSign } from "../parts/certificate-sign.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { cameraName } from "../parts/event-feed.tsx";
import { ThemeChoice } from "../parts/theme-switch.tsx";
import { TurnedAway } from "../parts/turned-away.tsx";
import { cameras } from "../state/box.ts";
import { strings } from "../strings.ts";

const EVERY_MS = 3000;
const words = strings.system;

/** See above. */
export function SystemPage() {
  const { status, failed } = useStatus();
  const faulty = status?.services.filter((service) => !service.healthy).length ?? 0;
  return (
    <div class="page system-page">
      <header class="page-head">
        <div class="title">
          <h1>{words.title}</h1>
          {status !== undefined && (
            <span class={`small overall ${faulty === 0 ? "good" : "bad"}`}>
              <span class={`dot ${faulty === 0 ? "good" : "bad"}`} aria-hidden="true" />
              {faulty === 0 ? words.healthy : words.faults(faulty)}
            </span>
          )}
        </div>
        <span class="push" />
        <ThemeChoice />
      </header>
      {status === undefined ? (
        failed ? (
          <EmptyState icon="alert" title={words.failed} />
        ) : (
          <div class="facts">
            {[0, 1, 2].map((index) => (
              <div key={index} class="card fact skeleton" />
            ))}
          </div>
        )
      ) : (
        <>
          <Facts status={status} />
          <Links />
          <Services services={status.services} />
        </>
      )}
    </div>
  );
}

function useStatus(): { status: SystemStatus | undefined; failed: boolean } {
  const [status, setStatus] = useState<SystemStatus | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const read = async () => {
      try {
        setStatus(await readStatus(controller.signal));
        setFailed(false);
      } catch {
        setFailed(!controller.signal.aborted);
      }
    };
    void read();
    const timer = setInterval(() => document.visibilityState === "visible" && void read(), EVERY_MS);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, []);
  return { status, failed };
}

function statusOf<T>(services: readonly ServiceView[], name: string): T | undefined {
  return (services.find((service) => service.name === name)?.status ?? undefined) as T | undefined;
}

function Facts({ status }: { status: SystemStatus }) {
  const archive = statusOf<ArchiveStatus & Disk>(status.services, "archive");
  const inference = statusOf<InferenceStatus>(status.services, "inference");
  const automation = statusOf<AutomationStatus>(status.services, "automation");
  const rejected = statusOf<{ rejectedCallers?: number }>(status.services, "ingest")?.rejectedCallers ?? 0;
  return (
    <>
      {rejected > 0 && (
        <div class="card notice">
          <Icon name="alert" />
          <div>
            <strong>{words.rejected(rejected)}</strong>
            <p class="muted small">{words.rejectedText}</p>
            <TurnedAway total={rejected} />
          </div>
        </div>
      )}
      <div class="facts">
        <StorageFact archive={archive} />
        <Fact title={words.detection} name={words.latency} hint={words.latencyHint}>
          {inference === undefined || inference.arrivalToEventMs.count === 0 ? (
            <span class="fact-value">–</span>
          ) : (
            <>
              <span class="fact-value number">
                {Math.round(inference.arrivalToEventMs.p50)}
                <small> ms</small>
              </span>
              <span class="muted small number">p95 {Math.round(inference.arrivalToEventMs.p95)} ms</span>
            </>
          )}
          <span class="muted small">{models(inference)}</span>
        </Fact>
        <Fact title={words.mqtt} name="MQTT">
          <span class="fact-value words">
            <span class={`dot ${automation?.broker.connected ? "good" : "bad"}`} aria-hidden="true" />
            {automation?.broker.connected ? words.mqttConnected : words.mqttDisconnected}
          </span>
          {automation !== undefined && (
            <span class="muted small">{words.messages(count(automation.messagesPublished))}</span>
          )}
          {automation?.broker.lastError && <span class="muted small">{automation.broker.lastError}</span>}
        </Fact>
      </div>
    </>
  );
}

/** What the archive may tell of its disk, beside the contract. */
interface Disk {
  readonly disk?: { readonly freeBytes?: number; readonly totalBytes?: number; readonly usedBytes?: number };
  readonly forecastS?: number;
}

function StorageFact({ archive }: { archive: (ArchiveStatus & Disk) | undefined }) {
  const rows = archive?.cameras ?? [];
  const totalBytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const freeBytes = archive?.disk?.freeBytes;
  return (
    <Fact title={words.storage} name={words.recorded}>
      <span class="fact-value number">{archive === undefined ? "–" : bytes(totalBytes)}</span>
      {freeBytes !== undefined && <span class="muted small">{words.free(bytes(freeBytes))}</span>}
      <Link href="/storage" class="text-link small">
        {strings.settings.forecast.storage}
      </Link>
      {archive?.forecastS !== undefined && (
        <span class="muted small">{words.forecast(duration(archive.forecastS))}</span>
      )}
      {totalBytes > 0 && (
        <ul class="shares" aria-label={words.perCamera}>
          {rows.map((row) => (
            <li key={`${row.id} ${row.stream}`}>
              <span>{row.stream === "sub" ? words.subStream(cameraName(row.id)) : cameraName(row.id)}</span>
              <span class="share">
                <span style={{ width: `${(row.bytes / totalBytes) * 100}%` }} />
              </span>
              <span class="number muted">{bytes(row.bytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </Fact>
  );
}

function models(inference: InferenceStatus | undefined): string {
  return (inference?.models ?? []).map(({ name, executionProvider }) => `${name} · ${executionProvider}`).join(", ");
}

function Fact(props: { title: string; name: string; hint?: string; children: preact.ComponentChildren }) {
  return (
    <section class="card fact" title={props.hint}>
      <h2>{props.title}</h2>
      <span class="faint small">{props.name}</span>
      {props.children}
    </section>
  );
}

function Links() {
  const shown = cameras.value ?? [];
  const columns = words.columns;
  return (
    <section class="card table-card">
      <h2>{words.cameras}</h2>
      {shown.length === 0 ? (
        <p class="muted">{strings.live.emptyText}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
        <section class="table-room" tabIndex={0} aria-label={words.cameras}>
          <table>
            <thead>
              <tr>
                <th scope="col">{columns.camera}</th>
                <th scope="col">{columns.state}</th>
                <th scope="col">{columns.video}</th>
                <th scope="col" class="right">
                  {columns.fps}
                </th>
                <th scope="col" class="right">
                  {columns.bitrate}
                </th>
                <th scope="col" class="right">
                  {columns.rtt}
                </th>
                <th scope="col" class="right">
                  {columns.loss}
                </th>
                <th scope="col">{columns.security}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((camera) => (
                <LinkRow key={camera.id} camera={camera} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function LinkRow({ camera }: { camera: CameraView }) {
  const { link } = camera;
  const received = (link?.pktRecv ?? 0) + (link?.pktRcvLoss ?? 0);
  return (
    <tr>
      <th scope="row">
        <Link href={`/recordings/${camera.id}`}>{camera.name}</Link>
      </th>
      <td>
        <StateChip state={camera.state} />
      </td>
      <td class="number">
        {link?.codec ? `${codecName(link.codec)} ${link.widthPx ?? "?"}×${link.heightPx ?? "?"}` : "–"}
      </td>
      <td class="right number">{link?.fps ? link.fps.toFixed(1) : "–"}</td>
      <td class="right number">{link && link.mbpsRecvRate > 0 ? `${link.mbpsRecvRate.toFixed(2)} Mbit/s` : "–"}</td>
      <td class="right number">{link && link.msRTT > 0 ? `${link.msRTT.toFixed(1)} ms` : "–"}</td>
      <td class="right number">
        {received > 0 ? `${(((link?.pktRcvLoss ?? 0) / received) * 100).toFixed(2)} %` : "–"}
      </td>
      <td>
        <span class="signs">
          <LinkSign camera={camera} />
          <LockSign camera={camera} />
          <CertificateSign sha256={camera.certificateSha256} />
          <span class="small muted">{camera.encrypted ? `AES-${link?.keyLengthBits || "…"}` : "–"}</span>
        </span>
      </td>
    </tr>
  );
}

function codecName(codec: string): string {
  return codec === "h264" ? "H.264" : codec === "hevc" ? "H.265" : codec;
}

function Services({ services }: { services: readonly ServiceView[] }) {
  return (
    <section class="card table-card">
      <h2>{words.services}</h2>
      <ul class="services">
        {services.map((service) => (
          <li key={service.name}>
            <span class={`dot ${service.healthy ? "good" : "bad"}`} aria-hidden="true" />
            <div>
              <strong>{service.name}</strong>
              <p class="muted small" title={service.faults.join("; ")}>
                {service.healthy || !service.reachable ? words.about[service.name] : service.faults.join("; ")}
              </p>
            </div>
            <span class={`chip ${service.healthy ? "" : "bad"}`}>
              {service.healthy ? words.running : service.reachable ? words.faulty : words.notAnswering}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
