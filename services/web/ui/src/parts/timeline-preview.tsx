/** The picture of the moment that someone looks at on the timeline. */
import { clockTime } from "../format.ts";
import { Icon } from "../icons.tsx";
import { strings } from "../strings.ts";
import type { PreviewLook } from "../timeline/preview-strip.ts";
import type { TimelineLook } from "../timeline/timeline-canvas.ts";
import type { WhyNothing } from "../timeline/timeline-data.ts";

/** Where one looks, and what there is of it. unrecorded: the timeline itself says that there is nothing. */
export interface ShownLook extends TimelineLook {
  /** Of the timeline. */
  readonly widthPx: number;
  readonly preview: PreviewLook | { readonly state: "unrecorded"; readonly cause: WhyNothing };
}

/** The stylesheet's width of the picture, CSS pixels, and that of narrow pages. */
const WIDTH_PX = 240;
const NARROW_WIDTH_PX = 168;
const NARROW_PX = 520;

/** What those are told who look by key; nothing while a pointer moves. */
export function wordsOf(look: ShownLook | undefined): string {
  const words = strings.recordings.preview;
  if (look?.by !== "key") {
    return "";
  }
  const { preview } = look;
  const why = preview.state === "unrecorded" ? `. ${unrecordedWords(preview.cause)}` : "";
  return words.of(clockTime(look.wallUs), preview.state === "picture") + why;
}

function unrecordedWords(cause: WhyNothing): string {
  const { gaps, preview } = strings.recordings;
  return cause === "unavailable" ? preview.unavailable : gaps[cause ?? "unknown"];
}

/** See above. */
export function TimelinePreview({ look }: { look: ShownLook }) {
  const { preview, widthPx, x } = look;
  const width = widthPx < NARROW_PX ? NARROW_WIDTH_PX : WIDTH_PX;
  const left = Math.round(Math.min(Math.max(x - width / 2, 0), Math.max(0, widthPx - width)));
  const words = strings.recordings.preview;
  return (
    <figure class="timeline-preview" data-state={preview.state} style={{ left: `${left}px`, width: `${width}px` }}>
      {preview.state === "picture" ? (
        <img src={preview.picture.url} alt="" data-wall-us={preview.picture.wallUs} />
      ) : (
        <span class="timeline-preview-none">
          {preview.state === "loading" ? <span class="spinner" aria-hidden="true" /> : <Icon name="noVideo" />}
          {preview.state === "none" && words.none}
          {preview.state === "unrecorded" && unrecordedWords(preview.cause)}
        </span>
      )}
    </figure>
  );
}
