/** What a selection holds, camera by camera: footage, what is missing and why, bytes; said before anything is made of it. */
import { bytes, clockTime, dayName, duration, startOfDayMs } from "../format.ts";
import { Icon } from "../icons.tsx";
import { type CameraContents, expectedBytes, type Hole, type WhyMissing } from "../saving/contents.ts";
import { strings } from "../strings.ts";
import { cameraName } from "./event-feed.tsx";
import type { ContentsState } from "./use-contents.ts";

const HOLES_SHOWN = 4;
const words = strings.saving.dialog;

/** See above. mode undefined: nothing is made of it, it is kept. */
export function ContentsList({ state, mode }: { state: ContentsState; mode: "original" | "burned-time" | undefined }) {
  const { contents, fault } = state;
  const hevc = (contents ?? []).filter(({ isHevc }) => isHevc).map(({ camera }) => cameraName(camera));
  return (
    <>
      <section class="field" aria-label={words.contents}>
        <span class="field-name">{words.contents}</span>
        <div class="contents" role="status">
          {fault !== undefined ? (
            <p>{words.unknown(fault)}</p>
          ) : contents === undefined ? (
            <p class="muted">{words.looking}</p>
          ) : (
            <Known contents={contents} mode={mode} />
          )}
        </div>
      </section>
      {mode === "original" && hevc.length > 0 && (
        <p class="note">
          <Icon name="alert" size="small" />
          {words.hevc(hevc.join(", "))}
        </p>
      )}
    </>
  );
}

function Known({
  contents,
  mode,
}: {
  contents: readonly CameraContents[];
  mode: "original" | "burned-time" | undefined;
}) {
  const total = bytes(expectedBytes(contents, mode ?? "original"));
  return (
    <>
      <ul>
        {contents.map((each) => (
          <li key={each.camera}>
            <strong>{cameraName(each.camera)}</strong>: {footageWords(each)}
            <Holes holes={each.holes} />
          </li>
        ))}
      </ul>
      {contents.some(({ recordedUs }) => recordedUs > 0) && (
        <p class="total number">{mode === "burned-time" ? words.bytesAtMost(total) : words.bytes(total)}</p>
      )}
    </>
  );
}

function footageWords({ recordedUs, holes }: CameraContents): string {
  if (recordedUs === 0) {
    return words.nothing;
  }
  const missingUs = holes.reduce((sum, { startWallUs, endWallUs }) => sum + endWallUs - startWallUs, 0);
  const missing = missingUs > 0 ? words.missing(duration(missingUs / 1e6)) : words.complete;
  return `${words.footage(duration(recordedUs / 1e6))}, ${missing}`;
}

function Holes({ holes }: { holes: readonly Hole[] }) {
  const shown = holes.slice(0, HOLES_SHOWN);
  if (shown.length === 0) {
    return null;
  }
  return (
    <ul class="holes">
      {shown.map(({ startWallUs, endWallUs, why }) => (
        <li key={startWallUs}>{words.hole(instant(startWallUs, endWallUs), clockTime(endWallUs), whyWords(why))}</li>
      ))}
      {holes.length > shown.length && <li>{words.moreHoles(holes.length - shown.length)}</li>}
    </ul>
  );
}

function instant(wallUs: number, otherUs: number): string {
  const isSameDay = startOfDayMs(wallUs) === startOfDayMs(otherUs);
  return isSameDay ? clockTime(wallUs) : `${dayName(wallUs)} ${clockTime(wallUs)}`;
}

function whyWords(why: WhyMissing): string {
  if (why === "pending" || why === "unavailable") {
    return words[why];
  }
  return strings.recordings.gaps[why ?? "unknown"];
}
