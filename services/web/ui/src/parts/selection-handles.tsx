/** The chosen selection over the timeline: a band with a handle at each end, for mouse, finger and keys. */
import { useRef } from "preact/hooks";
import { clockTime, dayName } from "../format.ts";
import { type Edge, type Selection, withEdge } from "../saving/selection.ts";
import { boxNowUs } from "../state/box.ts";
import { strings } from "../strings.ts";
import { type TimeScale, timeAt, xOf } from "../timeline/time-scale.ts";

/** What the timeline gives, and is told. */
export interface SelectionHandlesProps {
  readonly scale: TimeScale;
  readonly selection: Selection;
  readonly onChange: (selection: Selection) => void;
  /** An end is moved to this moment: its picture is wanted; undefined: not any more. */
  readonly onLook: (wallUs: number | undefined) => void;
  /** A moment moved by key should be in view. */
  readonly onReveal: (wallUs: number) => void;
}

/** What keys move an end by, microseconds. */
const KEY_STEPS_US: Readonly<Record<string, number>> = {
  ArrowLeft: -1e6,
  ArrowDown: -1e6,
  ArrowRight: 1e6,
  ArrowUp: 1e6,
  PageDown: -60e6,
  PageUp: 60e6,
};
const SHIFT_FACTOR = 10;

/** See above. */
export function SelectionHandles({ scale, selection, ...told }: SelectionHandlesProps) {
  const left = xOf(scale, selection.fromUs);
  const right = xOf(scale, selection.toUs);
  return (
    <div class="selection">
      <div class="selection-band" style={{ left: `${left}px`, width: `${Math.max(2, right - left)}px` }} />
      <Handle edge="from" x={left} scale={scale} selection={selection} {...told} />
      <Handle edge="to" x={right} scale={scale} selection={selection} {...told} />
    </div>
  );
}

function Handle({
  edge,
  x,
  scale,
  selection,
  onChange,
  onLook,
  onReveal,
}: SelectionHandlesProps & { edge: Edge; x: number }) {
  /** How far from the end itself it was gripped, CSS pixels. */
  const grip = useRef<number | undefined>(undefined);
  const wallUs = edge === "from" ? selection.fromUs : selection.toUs;
  const move = (toUs: number) => {
    const next = withEdge(selection, edge, toUs, boxNowUs());
    onChange(next);
    return edge === "from" ? next.fromUs : next.toUs;
  };
  const placeOf = (event: PointerEvent) => event.clientX - roomOf(event).left;
  const onPointerMove = (event: PointerEvent) => {
    if (grip.current !== undefined) {
      onLook(move(timeAt(scale, placeOf(event) - grip.current)));
    }
  };
  const release = () => {
    grip.current = undefined;
    onLook(undefined);
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const stepUs = KEY_STEPS_US[press.key];
    if (stepUs === undefined || press.ctrlKey || press.metaKey || press.altKey) {
      return;
    }
    press.preventDefault();
    press.stopPropagation(); // the page's own keys move the playhead
    const atUs = move(wallUs + stepUs * (press.shiftKey ? SHIFT_FACTOR : 1));
    onReveal(atUs);
    onLook(atUs);
  };
  return (
    <div
      class={`selection-handle ${edge}`}
      style={{ left: `${x}px` }}
      role="slider"
      tabIndex={0}
      aria-label={edge === "from" ? strings.saving.fromHandle : strings.saving.toHandle}
      aria-valuemin={0}
      aria-valuemax={Math.floor(boxNowUs() / 1e6)}
      aria-valuenow={Math.floor(wallUs / 1e6)}
      aria-valuetext={`${dayName(wallUs)}, ${clockTime(wallUs)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = placeOf(event) - x;
        onLook(wallUs);
      }}
      onPointerMove={onPointerMove}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={onKeyDown}
      onBlur={() => onLook(undefined)}
    />
  );
}

function roomOf(event: PointerEvent): DOMRect {
  return ((event.currentTarget as HTMLElement).parentElement as HTMLElement).getBoundingClientRect();
}
