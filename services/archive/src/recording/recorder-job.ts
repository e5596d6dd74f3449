/** What a recorder has yet to do, in order. */
import type { GapCause } from "@lanthorn/contract";
import type { MuxStream } from "./muxer.ts";
import type { RecoveredSegment } from "./recovery.ts";
import type { CutAction } from "./segment-cutter.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/** One job of CameraRecorder. */
export type Job =
  | {
      readonly type: "action";
      readonly action: CutAction;
      readonly streams: readonly MuxStream[];
      readonly bytes: number;
    }
  | { readonly type: "salvage"; readonly writer: SegmentWriter; readonly error: unknown }
  | { readonly type: "unresumed"; readonly recovered: RecoveredSegment; readonly cause: GapCause }
  | { readonly type: "rest"; readonly turnUs: number | undefined; readonly cause: GapCause };
