/** Codes that inference throws. Documented in docs/ref/errors.md. */
import { defineErrors } from "@lanthorn/base";

/** Errors of model packs and their execution. */
export const inferenceErrors = defineErrors({
  MODEL_PACK_MISSING: [
    "not-found",
    "Model pack {folder} has no {file} ({reason}). A pack is a folder with manifest.json and the model it names; see docs/ref/model-pack.md",
  ],
  MODEL_PACK_INVALID: ["invalid-argument", "{count} fault(s) in {file}:\n{faults}\nSee docs/ref/model-pack.md"],
  MODEL_PACK_HASH: [
    "data-loss",
    "Expected sha256 {expected} for {file} as its manifest says, but the file has {actual}. Copy the pack again from where it came",
  ],
  MODEL_UNLOADABLE: [
    "failed-precondition",
    "Model {name} does not load on {provider}: {reason}. The pack is for another runtime or damaged",
  ],
  MODEL_MISMATCH: [
    "failed-precondition",
    "Model {name}: expected {what} {expected} but the file has {actual}. The manifest and the model do not belong together",
  ],
  MODEL_TASK: [
    "invalid-argument",
    "Model {name} does not fit {key}: expected a pack whose decoder.kind is {expected}, this one's is {actual}. See docs/ref/model-pack.md",
  ],
  MODEL_RUN_FAILED: ["internal", "Model {name} failed on a frame: {reason}"],
  CLIP_UNREADABLE: [
    "invalid-argument",
    "ffmpeg cannot decode {clip}: {reason}. Give a video file that `ffmpeg -i` can read",
  ],
});
