/** One camera's settings being edited: draft, faults, saving, and what others change meanwhile. */
import type { CameraView } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../net/api.ts";
import { changeCamera } from "../../net/settings-api.ts";
import type { checkDraft, FieldFault } from "../../settings/check.ts";
import { changedFields, type Draft, type DraftField, draftOf, patchOf, rebased } from "../../settings/draft.ts";
import { takeCamera } from "../../state/box.ts";
import { drafts, dropDraft, editDraft, rebaseDraft } from "../../state/drafts.ts";
import { strings } from "../../strings.ts";

/** How saving stands. */
export type SaveState =
  | { readonly kind: "idle" | "saving" | "saved" | "faulty" | "unreachable" }
  | { readonly kind: "refused"; readonly reason: string };

/** What somebody else has changed while this page was open. */
export interface Elsewhere {
  readonly fields: readonly DraftField[];
  /** Those of them that were changed here too. */
  readonly clashes: readonly DraftField[];
}

/** What the fields need. */
export interface SettingsForm {
  readonly camera: CameraView;
  readonly draft: Draft;
  readonly changed: readonly DraftField[];
  readonly faults: readonly FieldFault[];
  readonly save: SaveState;
  readonly elsewhere: Elsewhere | undefined;
  readonly edit: (change: Partial<Draft>) => void;
  readonly submit: () => Promise<void>;
  readonly discard: () => void;
  readonly takeTheirs: () => void;
  readonly dismiss: () => void;
}

type Check = typeof checkDraft;

/** See above. */
export function useSettingsForm(camera: CameraView): SettingsForm {
  const stored = draftOf(camera.recording);
  const kept = drafts.value.get(camera.id);
  const draft = kept === undefined ? stored : rebased(kept.base, kept.draft, stored);
  const check = useCheck();
  const [save, setSave] = useState<SaveState>({ kind: "idle" });
  const { elsewhere, setElsewhere, expect } = useElsewhere(camera.id, stored);
  const changed = changedFields(stored, draft);
  const faults = changed.length === 0 ? [] : (check?.(camera.recording, draft).faults ?? []);
  const submit = async () => {
    const checked = check?.(camera.recording, draft);
    if (checked !== undefined && checked.patch === undefined) {
      setSave({ kind: "faulty" });
      return;
    }
    setSave({ kind: "saving" });
    try {
      const recording = checked?.patch ?? patchOf(stored, draft); // unchecked here: the box checks it anyway
      const answer = await changeCamera(camera.id, { recording });
      const answered = draftOf(answer.recording);
      expect(answered);
      rebaseDraft(camera.id, answered, draft);
      takeCamera(answer);
      setElsewhere(undefined);
      setSave({ kind: "saved" });
    } catch (error) {
      const { code, message } = error as ApiError;
      const isAway = !(error instanceof ApiError) || code === "UNREACHABLE";
      setSave(isAway ? { kind: "unreachable" } : { kind: "refused", reason: message });
    }
  };
  return {
    camera,
    draft,
    changed,
    faults,
    save,
    elsewhere,
    edit: (change) => {
      editDraft(camera.id, stored, change);
      setSave((old) => (old.kind === "saving" ? old : { kind: "idle" }));
    },
    submit,
    discard: () => {
      dropDraft(camera.id);
      setSave({ kind: "idle" });
      setElsewhere(undefined);
    },
    takeTheirs: () => {
      const theirs = elsewhere?.clashes ?? [];
      editDraft(camera.id, stored, Object.fromEntries(theirs.map((field) => [field, stored[field]])));
      setElsewhere(undefined);
    },
    dismiss: () => setElsewhere(undefined),
  };
}

/** Words for the fields, as in a sentence. */
export function fieldWords(fields: readonly DraftField[]): string {
  return fields.map((field) => strings.settings.fields[field]).join(", ");
}

/** The check, as soon as its schemas are loaded. Without them the box's own check counts alone. */
function useCheck(): Check | undefined {
  const [check, setCheck] = useState<{ readonly run: Check } | undefined>(undefined);
  useEffect(() => {
    import("../../settings/check.ts").then(
      ({ checkDraft }) => setCheck({ run: checkDraft }),
      () => undefined, // the connection broke: as above
    );
  }, []);
  return check?.run;
}

/** Notices what the box says that neither was known nor has been saved here. */
function useElsewhere(camera: string, stored: Draft) {
  const [elsewhere, setElsewhere] = useState<Elsewhere | undefined>(undefined);
  const known = useRef(drafts.peek().get(camera)?.base ?? stored);
  const text = JSON.stringify(stored);
  useEffect(() => {
    const fields = changedFields(known.current, stored);
    known.current = stored;
    if (fields.length === 0) {
      return;
    }
    const kept = drafts.peek().get(camera);
    const mine = kept === undefined ? [] : changedFields(kept.base, kept.draft);
    rebaseDraft(camera, stored);
    setElsewhere({ fields, clashes: fields.filter((field) => mine.includes(field)) });
  }, [text]);
  const expect = (answer: Draft) => {
    known.current = answer;
  };
  return { elsewhere, setElsewhere, expect };
}
