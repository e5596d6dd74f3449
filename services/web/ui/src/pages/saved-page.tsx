/** Exports and clips: footage as files to give away, and footage that stays. */
import { bytes } from "../format.ts";
import { Icon } from "../icons.tsx";
import { ClipCard } from "../parts/clip-card.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ExportCard } from "../parts/export-card.tsx";
import { type Saved, useSaved } from "../saving/use-saved.ts";
import { strings } from "../strings.ts";

const words = strings.saving.page;

/** See above. */
export function SavedPage() {
  const { exports, clips, key, fault, again, more } = useSaved();
  return (
    <div class="page saved-page">
      <header class="page-head">
        <h1>{words.title}</h1>
      </header>
      {exports === undefined || clips === undefined ? (
        fault === undefined ? (
          <div class="saved-list" aria-busy="true">
            <span class="visually-hidden">{words.loading}</span>
            {[0, 1, 2].map((index) => (
              <div key={index} class="card saved-card skeleton" />
            ))}
          </div>
        ) : (
          <EmptyState icon="alert" title={words.failed} text={fault}>
            <button type="button" class="button" onClick={() => void again()}>
              {words.retry}
            </button>
          </EmptyState>
        )
      ) : (
        <>
          <div role="status">
            {fault !== undefined && (
              <p class="note">
                <Icon name="alert" size="small" />
                <span>{words.stale(fault)}</span>
              </p>
            )}
          </div>
          <section class="saved-part" aria-labelledby="exports">
            <header class="saved-head">
              <h2 id="exports">{words.exports}</h2>
              <span class="push" />
              <span class="muted small number">{words.used(bytes(exports.totalBytes), bytes(exports.limitBytes))}</span>
              <p class="muted small">{words.exportsText}</p>
            </header>
            {exports.exports.length === 0 ? (
              <EmptyState icon="export" title={words.noExports} text={words.noExportsText} />
            ) : (
              <div class="saved-list">
                {exports.exports.map((one) => (
                  <ExportCard key={one.id} one={one} onChanged={again} />
                ))}
                {exports.next !== null && (
                  <button type="button" class="button more" onClick={more}>
                    {words.more}
                  </button>
                )}
              </div>
            )}
            {exports.exports.some(({ state }) => state === "done") && <Verify signer={key} />}
          </section>
          <section class="saved-part" aria-labelledby="clips">
            <header class="saved-head">
              <h2 id="clips">{words.clips}</h2>
              <p class="muted small">{words.clipsText}</p>
            </header>
            {clips.length === 0 ? (
              <EmptyState icon="keep" title={words.noClips} text={words.noClipsText} />
            ) : (
              <div class="saved-list">
                {clips.map((clip) => (
                  <ClipCard key={clip.id} clip={clip} onChanged={again} />
                ))}
              </div>
            )}
          </section>
        </>
      )}
    </div>
  );
}

/** How those who get the files may check them. */
function Verify({ signer }: { signer: Saved["key"] }) {
  return (
    <div class="card verify">
      <p>
        {words.verify.before}
        <code>{words.verify.command}</code>
        {words.verify.after}
      </p>
      {signer !== undefined && (
        <p class="muted">
          {words.key}: <code>{signer.fingerprint}</code>. {words.keyText}
        </p>
      )}
    </div>
  );
}
