/** The picture of an event; asked for again while it is being made. */
import type { DetectionEvent } from "@lanthorn/contract";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { thumbnailUrl } from "../net/api.ts";
import { pictureVersions } from "../state/box.ts";
import { strings } from "../strings.ts";

const RETRIES = 4;
const RETRY_MS = 1500;

/** A picture, or a sign that there is none yet. Where it is cropped (side-by-side stereo), what it is about stays in sight. */
export function EventPicture({ event }: { event: Pick<DetectionEvent, "id" | "box"> }) {
  const { id: eventId, box } = event;
  const version = pictureVersions.value.get(eventId);
  const [attempt, setAttempt] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setFailed(false);
    setAttempt(0);
  }, [version]);
  useEffect(() => {
    if (!failed || attempt >= RETRIES) {
      return;
    }
    const timer = setTimeout(() => {
      setFailed(false);
      setAttempt(attempt + 1);
    }, RETRY_MS);
    return () => clearTimeout(timer);
  }, [failed, attempt]);
  if (failed) {
    return (
      <span class="no-picture" title={strings.events.noPicture}>
        <Icon name="picture" />
      </span>
    );
  }
  const stamp = version ?? (attempt === 0 ? undefined : attempt);
  return (
    <img
      src={thumbnailUrl(eventId, stamp)}
      alt=""
      style={{ objectPosition: `${Math.round((box.x + box.width / 2) * 100)}% 50%` }}
      loading="lazy"
      decoding="async"
      onError={() => setFailed(true)}
    />
  );
}
