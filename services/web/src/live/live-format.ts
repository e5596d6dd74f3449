/** A way to show live pictures in a browser: turns packets into messages. One file each: webcodecs-format.ts, mse-format.ts. */
import type { LiveMessage, PacketRingDescription, PacketStream } from "@lanthorn/contract";
import type { RecordMeta } from "@lanthorn/rings";

/** What goes to the browser: text is JSON, binary is media. */
export type Outgoing = LiveMessage | Buffer;

/** Makes messages of packets. It only ever gets packets that can be decoded: from a key frame on, none missing between. */
export interface LiveFormat {
  /** Takes the streams; says whether this browser can show them (`codec` = what it cannot). */
  describe(description: PacketRingDescription): { readonly ok: true } | { readonly ok: false; readonly codec: string };
  /** Messages for a packet. fresh: the first one after a start, a loss or a jump of the camera's time. */
  packet(meta: RecordMeta, payload: Buffer, fresh: boolean): readonly Outgoing[];
  /** Begins anew with the next packet: this one could not be written. */
  reset(): void;
  /** Frees what it holds. */
  close(): void;
}

/** The video stream of a camera. */
export type VideoStream = Extract<PacketStream, { type: "video" }>;

/** The first video stream, if there is one. */
export function videoOf(description: PacketRingDescription): VideoStream | undefined {
  return description.streams.find((stream): stream is VideoStream => stream.type === "video");
}

/**
 * Says whether a browser's list holds a codec. Families are compared, not profiles: a browser that plays avc1 at all plays what
 * cameras send, and the player reports what it cannot. hev1 and hvc1 are the same pictures.
 */
export function offers(list: string, codecString: string): boolean {
  const family = familyOf(codecString);
  return list.split(",").some((entry) => familyOf(entry) === family);
}

function familyOf(codec: string): string {
  const name = codec.trim().split(".")[0]?.toLowerCase() ?? "";
  return name === "hev1" ? "hvc1" : name === "avc3" ? "avc1" : name;
}
