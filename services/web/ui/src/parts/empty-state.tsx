/** What a page shows when there is nothing to show, and why. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "../icons.tsx";

/** A sign, a heading, a sentence, and perhaps a way on. */
export function EmptyState(props: { icon: IconName; title: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-sign">
        <Icon name={props.icon} />
      </span>
      <h2>{props.title}</h2>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}
