/** One export: how far it is, what came of it, and what may be done with it. */
import type { Export } from "@lanthorn/contract";
import { useState } from "preact/hooks";
import { bytes, duration, spanWords } from "../format.ts";
import { Icon } from "../icons.tsx";
import { cancelExport, deleteExport, exportFileUrl, exportZipUrl } from "../net/saving-api.ts";
import { inOrder, isUnfinished, kindOfFile } from "../saving/export-files.ts";
import { nowUs } from "../state/box.ts";
import { strings } from "../strings.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { cameraName } from "./event-feed.tsx";
import { SaveDialog } from "./save-dialog.tsx";
import { SpanPicture } from "./span-picture.tsx";

const words = strings.saving.page;
const TONES = { queued: "", running: "", done: "good", failed: "bad", cancelled: "" } as const;

/** See above. onChanged: the box has done something, ask it again. */
export function ExportCard({ one, onChanged }: { one: Export; onChanged: () => Promise<void> }) {
  const [asks, setAsks] = useState<"delete" | "again" | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const cancel = async () => {
    setFault(undefined);
    await cancelExport(one.id).catch((error: Error) => setFault(error.message));
    await onChanged();
  };
  return (
    <article class="card saved-card" data-export={one.id} data-state={one.state} aria-label={one.name}>
      <SpanPicture camera={one.cameras[0] ?? ""} fromUs={one.fromUs} toUs={one.toUs} />
      <div class="saved-words">
        <header>
          <h3>{one.name}</h3>
          <span class={`chip ${TONES[one.state]}`}>{words.states[one.state]}</span>
        </header>
        <Facts one={one} />
        {isUnfinished(one) && <Progress one={one} />}
        {one.error !== null && (
          <p class="fault" role="status">
            <Icon name="alert" size="small" />
            <span>{one.error.message}</span>
          </p>
        )}
        {fault !== undefined && (
          <p class="fault" role="alert">
            <Icon name="alert" size="small" />
            <span>{fault}</span>
          </p>
        )}
        {one.state === "done" && <Files one={one} />}
        <div class="saved-ways">
          {one.state === "done" && (
            <a class="button primary" href={exportZipUrl(one.id)} download aria-label={words.downloadOf(one.name)}>
              <Icon name="download" size="small" />
              {words.download} ({bytes(one.bytes)})
            </a>
          )}
          {isUnfinished(one) && (
            <button type="button" class="button" aria-label={words.cancelOf(one.name)} onClick={() => void cancel()}>
              {words.cancel}
            </button>
          )}
          {(one.state === "failed" || one.state === "cancelled") && (
            <button type="button" class="button" onClick={() => setAsks("again")}>
              {words.again}
            </button>
          )}
          {!isUnfinished(one) && (
            <button
              type="button"
              class="button bare"
              aria-label={words.removeOf(one.name)}
              onClick={() => setAsks("delete")}
            >
              {words.remove}
            </button>
          )}
        </div>
      </div>
      {asks === "delete" && (
        <ConfirmDialog
          title={words.confirmExport}
          text={one.state === "done" ? words.confirmExportText(one.name) : words.confirmEmptyText(one.name)}
          act={() => deleteExport(one.id).then(onChanged)}
          onClose={() => setAsks(undefined)}
        />
      )}
      {asks === "again" && (
        <SaveDialog
          purpose="export"
          cameras={one.cameras}
          selection={one}
          name={one.name}
          onClose={() => {
            setAsks(undefined);
            void onChanged();
          }}
        />
      )}
    </article>
  );
}

function Facts({ one }: { one: Export }) {
  const facts = [
    one.cameras.map(cameraName).join(", "),
    spanWords(one.fromUs, one.toUs, nowUs.value),
    strings.saving.dialog.modes[one.mode],
    ...(one.options.sound === "none" ? [words.withoutSound] : []),
  ];
  return <p class="muted small">{facts.join(" · ")}</p>;
}

function Progress({ one }: { one: Export }) {
  const percent = Math.floor(one.progress01 * 100);
  if (one.state === "queued") {
    return null;
  }
  return (
    <>
      <div
        class="bar"
        role="progressbar"
        aria-label={words.progressOf(one.name)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <p class="muted small number">
        {[words.progress(percent), ...(one.remainingS === null ? [] : [words.left(duration(one.remainingS))])].join(
          " · ",
        )}
      </p>
    </>
  );
}

function Files({ one }: { one: Export }) {
  return (
    <details class="saved-files">
      <summary>{words.files(one.files.length)}</summary>
      <ul>
        {inOrder(one.files).map((file) => (
          <li key={file.name}>
            <a href={exportFileUrl(one.id, file.name)} download={file.name}>
              {file.name}
            </a>
            <span class="number">{bytes(file.bytes)}</span>
            <span class="muted">{words.kinds[kindOfFile(file)]}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
