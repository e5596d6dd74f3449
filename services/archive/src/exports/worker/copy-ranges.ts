/** Hands out the bytes of a layout: its header, then ranges out of the sources. A few sources stay open, because pictures and sound may lie in different ones. */
import { archiveErrors } from "../../error-codes.ts";
import type { ByteSource } from "../../mp4/walk.ts";
import type { ProgressiveLayout } from "../progressive/progressive-layout.ts";

/** Opens a source by its number. Owner of the result: whoever called. */
export type OpenSource = (source: number) => Promise<ByteSource & { close(): Promise<void> }>;

const READ_BYTES = 1024 * 1024;
const OPEN_AT_ONCE = 4;

/** The bytes of a file, in order. Throws: ARCHIVE_SEGMENT_CHANGED when a source is shorter than it was. */
export async function* layoutBytes(layout: ProgressiveLayout, open: OpenSource): AsyncGenerator<Buffer> {
  yield layout.header;
  const opened = new Map<number, ByteSource & { close(): Promise<void> }>();
  try {
    for (const { source, offset, bytes } of layout.ranges) {
      const from = opened.get(source) ?? (await openOneMore(opened, source, open));
      for (let at = offset; at < offset + bytes; ) {
        const piece = await from.read(at, Math.min(READ_BYTES, offset + bytes - at));
        if (piece.length === 0) {
          throw archiveErrors.make("ARCHIVE_SEGMENT_CHANGED", { segment: source, offset: at });
        }
        yield piece;
        at += piece.length;
      }
    }
  } finally {
    await Promise.all([...opened.values()].map((each) => each.close()));
  }
}

async function openOneMore(
  opened: Map<number, ByteSource & { close(): Promise<void> }>,
  source: number,
  open: OpenSource,
): Promise<ByteSource> {
  const [oldest] = opened.keys();
  if (opened.size >= OPEN_AT_ONCE && oldest !== undefined) {
    await opened.get(oldest)?.close();
    opened.delete(oldest);
  }
  const made = await open(source);
  opened.set(source, made);
  return made;
}
