/** Privacy: one press. Shows what the box has stored, never what was only pressed. */
import type { CameraView } from "@lanthorn/contract";
import { useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { changeCamera } from "../net/settings-api.ts";
import { takeCamera } from "../state/box.ts";
import { strings } from "../strings.ts";

const words = strings.settings.privacy;

/** See above. */
export function PrivacySwitch({ camera }: { camera: CameraView }) {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const isOn = camera.recording.privacy;
  const press = async () => {
    if (isBusy) {
      return;
    }
    setBusy(true);
    setFault(undefined);
    try {
      takeCamera(await changeCamera(camera.id, { recording: { privacy: !isOn } }));
    } catch (error) {
      setFault(words.failed((error as Error).message));
    }
    setBusy(false);
  };
  return (
    <span class="privacy-switch">
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={isOn}
        aria-busy={isBusy}
        aria-label={words.turnOn(camera.name)}
        onClick={press}
      >
        <span class="switch-track" aria-hidden="true">
          <span class="switch-knob">
            <Icon name={isOn ? "eyeOff" : "eye"} size="small" />
          </span>
        </span>
        <span aria-hidden="true">{isOn ? words.on : words.off}</span>
      </button>
      <span role="status" class="setting-fault">
        {fault}
      </span>
    </span>
  );
}
