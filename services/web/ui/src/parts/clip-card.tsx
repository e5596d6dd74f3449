/** One clip: footage that is kept. */
import type { Clip } from "@lanthorn/contract";
import { useState } from "preact/hooks";
import { Link } from "wouter";
import { bytes, spanWords } from "../format.ts";
import { Icon } from "../icons.tsx";
import { deleteClip } from "../net/saving-api.ts";
import { nowUs } from "../state/box.ts";
import { strings } from "../strings.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { cameraName } from "./event-feed.tsx";
import { SaveDialog } from "./save-dialog.tsx";
import { SpanPicture } from "./span-picture.tsx";

const words = strings.saving.page;

/** See above. onChanged: the box has done something, ask it again. */
export function ClipCard({ clip, onChanged }: { clip: Clip; onChanged: () => Promise<void> }) {
  const [asks, setAsks] = useState<"delete" | "export" | undefined>(undefined);
  const several = clip.cameras.length > 1;
  const facts = [
    clip.cameras.map(cameraName).join(", "),
    spanWords(clip.fromUs, clip.toUs, nowUs.value),
    clip.segments === 0 ? words.clipNothing : words.clipBytes(bytes(clip.bytes)),
  ];
  return (
    <article class="card saved-card" data-clip={clip.id} aria-label={clip.name}>
      <SpanPicture camera={clip.cameras[0] ?? ""} fromUs={clip.fromUs} toUs={clip.toUs} />
      <div class="saved-words">
        <h3>{clip.name}</h3>
        <p class="muted small">{facts.join(" · ")}</p>
        <div class="saved-ways">
          {clip.cameras.map((camera) => (
            <Link
              key={camera}
              class="button"
              href={`/recordings/${camera}?from=${clip.fromUs}&to=${clip.toUs}`}
              aria-label={words.playOf(clip.name, cameraName(camera))}
            >
              <Icon name="play" size="small" />
              {several ? cameraName(camera) : words.play}
            </Link>
          ))}
          <button type="button" class="button" aria-label={words.exportOf(clip.name)} onClick={() => setAsks("export")}>
            <Icon name="export" size="small" />
            {strings.saving.export}
          </button>
          <button
            type="button"
            class="button bare"
            aria-label={words.removeOf(clip.name)}
            onClick={() => setAsks("delete")}
          >
            {words.remove}
          </button>
        </div>
      </div>
      {asks === "delete" && (
        <ConfirmDialog
          title={words.confirmClip}
          text={words.confirmClipText(clip.name)}
          act={() => deleteClip(clip.id).then(onChanged)}
          onClose={() => setAsks(undefined)}
        />
      )}
      {asks === "export" && (
        <SaveDialog
          purpose="export"
          cameras={clip.cameras}
          selection={clip}
          name={clip.name}
          onClose={() => {
            setAsks(undefined);
            void onChanged();
          }}
        />
      )}
    </article>
  );
}
