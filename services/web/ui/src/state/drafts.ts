/**
 * Settings that somebody has changed and not saved, by camera: kept while one looks elsewhere on the page, when the connection breaks, and
 * over a reload of this tab.
 */
import { signal } from "@preact/signals";
import { changedFields, type Draft, isDraft, rebased } from "../settings/draft.ts";

/** A draft, and what the box said when it was begun. */
export interface KeptDraft {
  readonly base: Draft;
  readonly draft: Draft;
}

const KEY = "lanthorn.drafts";

/** Drafts by camera id; a camera without changes has none. */
export const drafts = signal<ReadonlyMap<string, KeptDraft>>(remembered());

/** Changes fields of a camera's draft. stored: what the box says. */
export function editDraft(camera: string, stored: Draft, change: Partial<Draft>): void {
  const { base, draft } = drafts.peek().get(camera) ?? { base: stored, draft: stored };
  keep(camera, { base, draft: { ...draft, ...change } });
}

/** Forgets a camera's changes. */
export function dropDraft(camera: string): void {
  keep(camera, undefined);
}

/** The box says something else now: what was not touched follows it. sent: what has just been saved counts as not touched. */
export function rebaseDraft(camera: string, stored: Draft, sent?: Draft): void {
  const kept = drafts.peek().get(camera);
  if (kept !== undefined) {
    keep(camera, { base: stored, draft: rebased(sent ?? kept.base, kept.draft, stored) });
  }
}

function keep(camera: string, kept: KeptDraft | undefined): void {
  const next = new Map(drafts.peek());
  if (kept === undefined || changedFields(kept.base, kept.draft).length === 0) {
    next.delete(camera);
  } else {
    next.set(camera, kept);
  }
  drafts.value = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...next]));
  } catch {
    // storage is blocked: drafts last as long as the page
  }
}

function remembered(): ReadonlyMap<string, KeptDraft> {
  try {
    const entries = JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as [string, Partial<KeptDraft> | null][];
    const good = entries.filter(([, kept]) => isDraft(kept?.base) && isDraft(kept?.draft));
    return new Map(good as [string, KeptDraft][]);
  } catch {
    return new Map();
  }
}
