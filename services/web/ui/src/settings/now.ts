/** What holds for a camera at this moment, by what the box has stored and its own clock. Pure. */
import type { CameraView, EffectiveMode } from "@lanthorn/contract";
import { strings } from "../strings.ts";
import { holdsAt, timeOfDay, WEEK, type WeekMoment } from "./week.ts";

const words = strings.settings;

/** What holds, in a word and in words. until: "18:00", "Mon 00:00"; undefined: for good, or not known. */
export interface Now {
  readonly mode: EffectiveMode;
  readonly text: string;
  readonly until: string | undefined;
}

/** See above. at: what the box's clock shows; undefined: not known yet. */
export function nowOf(camera: Pick<CameraView, "enabled" | "recording">, at: WeekMoment | undefined): Now {
  const { recording, enabled } = camera;
  const plan = at === undefined || recording.privacy ? undefined : holdsAt(recording, at);
  const mode: EffectiveMode = recording.privacy ? "privacy" : (plan?.mode ?? recording.mode);
  if (!enabled) {
    return { mode: "off", text: words.now.disabled, until: undefined };
  }
  const until = plan?.until === undefined || at === undefined ? undefined : untilWords(plan.until, at);
  return { mode, text: words.now[mode], until };
}

function untilWords(until: WeekMoment, at: WeekMoment): string {
  const day = WEEK[until.day];
  const time = timeOfDay(until.minute);
  return day === undefined || (until.day === at.day && until.minute > at.minute)
    ? time
    : `${words.weekdaysShort[day]} ${time}`;
}
