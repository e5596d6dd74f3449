/** Payload of a SNAPSHOT record: u32 LE bytes of JSON, the JSON, a JPEG. Source: docs/ref/rings.md#payloads. */
import type { z } from "zod";

/** Packs what is said of a picture, and the picture. */
export function packPictureRecord(header: object, jpeg: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, jpeg]);
}

/** Unpacks one; undefined when the bytes are not one whose header is what the schema says. Owner: `jpeg` lies in `payload`. */
export function unpackPictureRecord<Schema extends z.ZodType>(
  payload: Buffer,
  schema: Schema,
): { header: z.output<Schema>; jpeg: Buffer } | undefined {
  const jsonBytes = payload.length >= 4 ? payload.readUInt32LE(0) : Number.POSITIVE_INFINITY;
  if (4 + jsonBytes > payload.length) {
    return undefined;
  }
  try {
    const header = schema.safeParse(JSON.parse(payload.toString("utf8", 4, 4 + jsonBytes)));
    return header.success ? { header: header.data, jpeg: payload.subarray(4 + jsonBytes) } : undefined;
  } catch {
    return undefined;
  }
}
