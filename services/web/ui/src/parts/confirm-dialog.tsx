/** Asks before something is gone for good. What the box says against it is shown here, and nothing is lost. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { strings } from "../strings.ts";

/** See above. act: does it; what it throws is shown. */
export function ConfirmDialog(props: {
  title: string;
  text: string;
  act: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { title, text, act, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await act();
      dialog.current?.close();
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="confirm-dialog" aria-label={title} onClose={onClose}>
      <div class="sheet">
        <h2>{title}</h2>
        <p>{text}</p>
        {fault !== undefined && (
          <p class="fault" role="alert">
            <Icon name="alert" size="small" />
            {fault}
          </p>
        )}
        <footer>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {strings.saving.page.keepIt}
          </button>
          <button type="button" class="button danger" disabled={isBusy} onClick={() => void confirm()}>
            {strings.saving.page.confirm}
          </button>
        </footer>
      </div>
    </dialog>
  );
}
