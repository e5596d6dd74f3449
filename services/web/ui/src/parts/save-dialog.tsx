/** Keeps or exports a selection: times, cameras, what it holds, how. What was entered stays until the box has taken it. */
import type { Clip, Export, ExportMode } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter";
import { clockTime, dayName, duration } from "../format.ts";
import { Icon } from "../icons.tsx";
import { ApiError } from "../net/api.ts";
import { makeClip, makeExport } from "../net/saving-api.ts";
import { type Selection, selectionFault } from "../saving/selection.ts";
import { boxNowUs, cameras as knownCameras } from "../state/box.ts";
import { strings } from "../strings.ts";
import { ContentsList } from "./contents-list.tsx";
import { cameraName } from "./event-feed.tsx";
import { CameraChecks, HowChoice, PurposeChoice } from "./save-fields.tsx";
import { SelectionFields } from "./selection-fields.tsx";
import { useContents } from "./use-contents.ts";

/** What becomes of a selection. */
export type Purpose = "keep" | "export";

const words = strings.saving.dialog;

/** What the box has taken. */
type Taken = { readonly purpose: "keep"; readonly made: Clip } | { readonly purpose: "export"; readonly made: Export };

/** See above. onSelection: hears of changed times, if anyone wants to. */
export function SaveDialog(props: {
  purpose: Purpose;
  cameras: readonly string[];
  selection: Selection;
  name?: string;
  onSelection?: (selection: Selection) => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [taken, setTaken] = useState<Taken | undefined>(undefined);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="save-dialog" aria-label={words.title} onClose={props.onClose}>
      {taken === undefined ? (
        <Form {...props} close={close} onTaken={setTaken} />
      ) : (
        <Done taken={taken} close={close} />
      )}
    </dialog>
  );
}

function Form(props: {
  purpose: Purpose;
  cameras: readonly string[];
  selection: Selection;
  name?: string;
  onSelection?: (selection: Selection) => void;
  close: () => void;
  onTaken: (taken: Taken) => void;
}) {
  const { close, onSelection, onTaken } = props;
  const [purpose, setPurpose] = useState(props.purpose);
  const [cameras, setCameras] = useState(props.cameras);
  const [selection, setSelection] = useState(props.selection);
  const [typed, setTyped] = useState(props.name);
  const name = typed ?? nameOf(cameras, selection); // follows what is chosen until someone names it
  const [mode, setMode] = useState<ExportMode>("original");
  const [sound, setSound] = useState(true);
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const wrong = selectionFault(selection, boxNowUs(), purpose);
  const fault =
    wrong ?? (cameras.length === 0 ? "cameras" : purpose === "keep" && name.trim() === "" ? "name" : undefined);
  const holds = useContents(cameras, wrong === undefined ? selection : undefined);
  const send = async () => {
    setSending(true);
    setRefusal(undefined);
    try {
      onTaken(await take(purpose, { name: name.trim(), cameras, selection, mode, sound }));
    } catch (error) {
      setRefusal(refusalWords(error));
      setSending(false);
    }
  };
  return (
    <form
      class="sheet"
      noValidate
      onSubmit={(submit) => {
        submit.preventDefault();
        void send();
      }}
    >
      <header>
        <h2>{words.title}</h2>
        <button type="button" class="button bare icon-only" aria-label={words.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <PurposeChoice value={purpose} onChange={setPurpose} />
      <SelectionFields
        selection={selection}
        isInvalid={wrong !== undefined}
        onChange={(next) => {
          setSelection(next);
          onSelection?.(next);
        }}
      />
      <CameraChecks all={knownCameras.value ?? []} value={cameras} onChange={setCameras} />
      {wrong === undefined && cameras.length > 0 && (
        <ContentsList state={holds} mode={purpose === "export" ? mode : undefined} />
      )}
      <label class="field">
        <span class="field-name">{purpose === "keep" ? words.name : words.nameOptional}</span>
        <input
          class="input"
          value={name}
          maxLength={200}
          placeholder={words.nameHint}
          aria-invalid={fault === "name"}
          onInput={(change) => setTyped(change.currentTarget.value)}
        />
      </label>
      {purpose === "export" && (
        <HowChoice
          mode={mode}
          onMode={setMode}
          sound={holds.contents?.some(({ hasSound }) => hasSound) === true ? sound : undefined}
          onSound={setSound}
        />
      )}
      {(fault !== undefined || refusal !== undefined) && (
        <p class="fault" role="alert">
          <Icon name="alert" size="small" />
          {refusal ?? (fault === undefined ? "" : words.faults[fault])}
        </p>
      )}
      <footer>
        <button type="button" class="button" onClick={close}>
          {words.cancel}
        </button>
        <button type="submit" class="button primary" disabled={fault !== undefined || isSending}>
          {isSending ? words.sending : purpose === "keep" ? strings.saving.keep : strings.saving.export}
        </button>
      </footer>
    </form>
  );
}

function Done({ taken, close }: { taken: Taken; close: () => void }) {
  const { name } = taken.made;
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => done.current?.focus(), []);
  return (
    <div class="sheet" role="status">
      <h2>{taken.purpose === "keep" ? words.kept(name) : words.begun(name)}</h2>
      <p>{taken.purpose === "keep" ? words.keptText : words.begunText}</p>
      <footer>
        <Link class="button" href="/saved" onClick={close}>
          {words.look}
        </Link>
        <button ref={done} type="button" class="button primary" onClick={close}>
          {words.done}
        </button>
      </footer>
    </div>
  );
}

async function take(
  purpose: Purpose,
  asked: { name: string; cameras: readonly string[]; selection: Selection; mode: ExportMode; sound: boolean },
): Promise<Taken> {
  const { name, selection, mode, sound } = asked;
  const wanted = { cameras: [...asked.cameras] as Clip["cameras"], fromUs: selection.fromUs, toUs: selection.toUs };
  if (purpose === "keep") {
    return { purpose, made: await makeClip({ ...wanted, name }) };
  }
  const options = { sound: sound ? ("compatible" as const) : ("none" as const) };
  return { purpose, made: await makeExport({ ...wanted, mode, options, ...(name === "" ? {} : { name }) }) };
}

function refusalWords(error: unknown): string {
  return error instanceof ApiError && error.code === "UNREACHABLE" ? words.noAnswer : (error as Error).message;
}

/** A name to begin with: where, when and how long. */
function nameOf(cameras: readonly string[], { fromUs, toUs }: Selection): string {
  const where = cameras.map(cameraName).join(", ");
  return `${where}, ${dayName(fromUs)} ${clockTime(fromUs)}, ${duration((toUs - fromUs) / 1e6)}`.slice(0, 200);
}
