/** Navigation: a rail on the left, on a phone a bar at the bottom. */
import { Link, useLocation } from "wouter";
import { Icon, type IconName, Lantern } from "../icons.tsx";
import { active } from "../state/box.ts";
import { strings } from "../strings.ts";
import { ThemeButton } from "./theme-switch.tsx";

const PAGES: readonly { readonly path: string; readonly icon: IconName; readonly name: string }[] = [
  { path: "/", icon: "live", name: strings.nav.live },
  { path: "/events", icon: "events", name: strings.nav.events },
  { path: "/recordings", icon: "recordings", name: strings.nav.recordings },
  { path: "/saved", icon: "keep", name: strings.nav.saved },
  { path: "/cameras", icon: "cameras", name: strings.nav.cameras },
  { path: "/system", icon: "system", name: strings.nav.system },
];

/** See above. */
export function Rail() {
  const [location] = useLocation();
  return (
    <nav class="rail" aria-label={strings.nav.label}>
      <Link href="/" class="brand" aria-label={strings.product}>
        <Lantern lit={active.value.size > 0} />
      </Link>
      <ul>
        {PAGES.map(({ path, icon, name }) => {
          const current = path === "/" ? location === "/" : location.startsWith(path);
          return (
            <li key={path}>
              <Link href={path} aria-current={current ? "page" : undefined}>
                <Icon name={icon} />
                <span>{name}</span>
              </Link>
            </li>
          );
        })}
      </ul>
      <div class="theme">
        <ThemeButton />
      </div>
    </nav>
  );
}
