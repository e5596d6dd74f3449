/** A small picture out of the middle of a span of time, if there is one. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { readPreviews } from "../net/api.ts";

/** See above; decoration: the words beside it say everything. */
export function SpanPicture({ camera, fromUs, toUs }: { camera: string; fromUs: number; toUs: number }) {
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    let made: string | undefined;
    const read = async () => {
      const pictures = await readPreviews(camera, { fromUs, toUs, count: 3 }, controller.signal);
      const middle = pictures[Math.floor(pictures.length / 2)];
      if (middle !== undefined && !controller.signal.aborted) {
        made = URL.createObjectURL(middle.jpeg);
        setUrl(made);
      }
    };
    read().catch(() => {}); // no picture: the sign stays
    return () => {
      controller.abort();
      if (made !== undefined) {
        URL.revokeObjectURL(made);
      }
    };
  }, [camera, fromUs, toUs]);
  return <span class="saved-picture">{url === undefined ? <Icon name="picture" /> : <img src={url} alt="" />}</span>;
}
