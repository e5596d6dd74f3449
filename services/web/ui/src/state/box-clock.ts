/** What the box's own clock shows, to the minute: schedules go by it, wherever the viewer is. */
import { computed } from "@preact/signals";
import { momentAt } from "../settings/week.ts";
import { boxTimeZone, nowUs } from "./box.ts";

const MINUTE_US = 60_000_000;

const minute = computed(() => Math.floor(nowUs.value / MINUTE_US));

/** Day and minute; undefined before the box has answered. */
export const boxMoment = computed(() => {
  const zone = boxTimeZone.value;
  return zone === undefined ? undefined : momentAt(minute.value * MINUTE_US, zone);
});
