/** The page's icons: strokes on a 24 grid, drawn for this page. */
import type { ComponentChildren } from "preact";

const SHAPES = {
  live: (
    <>
      <rect x="3.5" y="6" width="12" height="12" rx="3" />
      <path d="m15.5 10.5 5-2.7v8.4l-5-2.7" />
    </>
  ),
  events: (
    <>
      <path d="M6 10a6 6 0 0 1 12 0c0 4.5 1.5 6 2 7H4c.5-1 2-2.5 2-7" />
      <path d="M10 20.3a2.3 2.3 0 0 0 4 0" />
    </>
  ),
  recordings: (
    <>
      <path d="M4 12a8 8 0 1 0 2.6-5.9L4 8.4" />
      <path d="M4 4v4.4h4.4M12 7.8V12l3 2" />
    </>
  ),
  system: (
    <>
      <path d="M4 7h9M19 7h1M4 12h2M12 12h8M4 17h10M20 17h0" />
      <circle cx="16" cy="7" r="2.3" />
      <circle cx="9" cy="12" r="2.3" />
      <circle cx="17" cy="17" r="2.3" />
    </>
  ),
  lock: (
    <>
      <rect x="5.5" y="10.5" width="13" height="9.5" rx="2.5" />
      <path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5" />
    </>
  ),
  unlock: (
    <>
      <rect x="5.5" y="10.5" width="13" height="9.5" rx="2.5" />
      <path d="M8.5 10.5V7.5a3.5 3.5 0 0 1 6.6-1.6" />
    </>
  ),
  boxes: (
    <>
      <path d="M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16" />
      <rect x="8.5" y="8.5" width="7" height="7" rx="1.5" />
    </>
  ),
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
    </>
  ),
  moon: <path d="M20 14.2A8 8 0 0 1 9.8 4 8 8 0 1 0 20 14.2z" />,
  auto: (
    <>
      <circle cx="12" cy="12" r="8" />
      <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" stroke="none" />
    </>
  ),
  play: <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />,
  pause: <path d="M8.5 6v12M15.5 6v12" stroke-width="3" />,
  back10: (
    <>
      <path d="M5 12a7 7 0 1 0 2.3-5.2L5 9" />
      <path d="M5 4.8V9h4.2" />
      <text x="12.2" y="14.8" font-size="7.5" font-weight="700" text-anchor="middle" fill="currentColor" stroke="none">
        10
      </text>
    </>
  ),
  forward10: (
    <>
      <path d="M19 12a7 7 0 1 1-2.3-5.2L19 9" />
      <path d="M19 4.8V9h-4.2" />
      <text x="11.8" y="14.8" font-size="7.5" font-weight="700" text-anchor="middle" fill="currentColor" stroke="none">
        10
      </text>
    </>
  ),
  previous: <path d="M6.5 6v12M18 6.5v11L9.5 12z" />,
  next: <path d="M17.5 6v12M6 6.5v11l8.5-5.5z" />,
  plus: <path d="M12 6v12M6 12h12" />,
  minus: <path d="M6 12h12" />,
  full: (
    <path d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15" />
  ),
  shrink: (
    <path d="M9 4v3.5A1.5 1.5 0 0 1 7.5 9H4M20 9h-3.5A1.5 1.5 0 0 1 15 7.5V4M15 20v-3.5a1.5 1.5 0 0 1 1.5-1.5H20M4 15h3.5A1.5 1.5 0 0 1 9 16.5V20" />
  ),
  picture: (
    <>
      <rect x="3.5" y="7" width="17" height="12.5" rx="3" />
      <path d="M8.5 7 10 4.5h4L15.5 7" />
      <circle cx="12" cy="13.2" r="3.2" />
    </>
  ),
  sound: (
    <>
      <path d="M4.5 9.5v5h3l4.5 3.7V5.8L7.5 9.5z" />
      <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
    </>
  ),
  mute: (
    <>
      <path d="M4.5 9.5v5h3l4.5 3.7V5.8L7.5 9.5z" />
      <path d="m16 9.7 4.6 4.6M20.6 9.7 16 14.3" />
    </>
  ),
  cameras: (
    <>
      <rect x="3.5" y="4.5" width="17" height="8.5" rx="4.2" />
      <circle cx="12" cy="8.7" r="1.6" />
      <path d="M12 13v3.5M8 19.5a4 3 0 0 1 8 0z" />
    </>
  ),
  eye: (
    <>
      <path d="M3 12c2.2-4 5.3-6 9-6s6.8 2 9 6c-2.2 4-5.3 6-9 6s-6.8-2-9-6z" />
      <circle cx="12" cy="12" r="2.6" />
    </>
  ),
  eyeOff: (
    <>
      <path d="m4 4 16 16" />
      <path d="M9.5 6.3A9 9 0 0 1 12 6c3.7 0 6.8 2 9 6a14 14 0 0 1-2.6 3.3M14.5 17.7A9 9 0 0 1 12 18c-3.7 0-6.8-2-9-6a14 14 0 0 1 2.6-3.3" />
    </>
  ),
  disk: (
    <>
      <rect x="4" y="5" width="16" height="14" rx="3" />
      <path d="M4 14h16M16.5 16.5h.1" />
    </>
  ),
  gear: (
    <>
      <circle cx="12" cy="12" r="2.8" />
      <path d="M12 4v2.2M12 17.8V20M4 12h2.2M17.8 12H20M6.3 6.3l1.6 1.6M16.1 16.1l1.6 1.6M6.3 17.7l1.6-1.6M16.1 7.9l1.6-1.6" />
    </>
  ),
  up: <path d="M12 18.5V6M6.5 11 12 5.5l5.5 5.5" />,
  chevron: <path d="m7 10 5 5 5-5" />,
  left: <path d="m14 6-6 6 6 6" />,
  right: <path d="m10 6 6 6-6 6" />,
  close: <path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />,
  download: <path d="M12 4.5v10M7.8 10.8 12 15l4.2-4.2M5 19.5h14" />,
  keep: <path d="M7 4h10a1.5 1.5 0 0 1 1.5 1.5V20L12 15.6 5.5 20V5.5A1.5 1.5 0 0 1 7 4z" />,
  export: (
    <>
      <path d="M12 14.5V4M8 7.6 12 4l4 3.6" />
      <path d="M8.5 10.5H7A1.5 1.5 0 0 0 5.5 12v6.5A1.5 1.5 0 0 0 7 20h10a1.5 1.5 0 0 0 1.5-1.5V12a1.5 1.5 0 0 0-1.5-1.5h-1.5" />
    </>
  ),
  select: (
    <>
      <path d="M8.5 5H6v14h2.5M15.5 5H18v14h-2.5" />
      <path d="M9.5 12h5" />
    </>
  ),
  similar: (
    <>
      <rect x="3.5" y="3.5" width="11" height="11" rx="2.5" />
      <path d="M17.5 9.5H18A2.5 2.5 0 0 1 20.5 12v6a2.5 2.5 0 0 1-2.5 2.5h-6A2.5 2.5 0 0 1 9.5 18v-.5" />
    </>
  ),
  alert: (
    <>
      <path d="M12 4.5 3.5 19h17z" />
      <path d="M12 10v4M12 16.6v.1" />
    </>
  ),
  noVideo: (
    <>
      <path d="m4 4 16 16" />
      <path d="M10 6h2.5a3 3 0 0 1 3 3v1.5l5-2.7v8.4M15.5 15.5a3 3 0 0 1-3 2.5h-6a3 3 0 0 1-3-3V9c0-1 .5-1.9 1.3-2.4" />
    </>
  ),
  keyboard: (
    <>
      <rect x="3" y="6.5" width="18" height="11" rx="2.5" />
      <path d="M7 10.3h.1M10.3 10.3h.1M13.7 10.3h.1M17 10.3h.1M8.5 13.9h7" stroke-width="2" />
    </>
  ),
} as const satisfies Record<string, ComponentChildren>;

/** Name of an icon. */
export type IconName = keyof typeof SHAPES;

/** An icon; decoration unless it has a title. */
export function Icon({ name, size, title }: { name: IconName; size?: "small"; title?: string }) {
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: it has one unless it is decoration, which is hidden
    <svg
      viewBox="0 0 24 24"
      class={size === "small" ? "icon small" : "icon"}
      {...(title === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": title })}
    >
      {title !== undefined && <title>{title}</title>}
      {SHAPES[name]}
    </svg>
  );
}

/** The lantern. Its flame is lit while something moves. */
export function Lantern({ lit }: { lit: boolean }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" class={lit ? "lantern lit" : "lantern"}>
      <g fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">
        <path d="M11.5 7.4a4.5 4.5 0 0 1 9 0" />
        <path d="M9 9.5h14l1.5 3.5v10.4a3 3 0 0 1-3 3h-11a3 3 0 0 1-3-3V13z" />
      </g>
      <path class="flame" d="M16 12.8c2.5 2.4 3.6 4.2 3.6 6a3.6 3.6 0 0 1-7.2 0c0-1.8 1.1-3.6 3.6-6z" />
    </svg>
  );
}
