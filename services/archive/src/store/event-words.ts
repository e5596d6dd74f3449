/** From words that people type to an expression over event_text. Pure. Source: https://www.sqlite.org/fts5.html#full_text_query_syntax */

/** Words of a question that count; what comes after is left out. */
const WORDS_MAX = 8;
/** Known words that a beginning stands for, at most. */
const COMPLETIONS_MAX = 32;

/** What a word may mean besides itself. */
export interface Vocabulary {
  /** Words that events are known to have, as foldWords makes them: a beginning stands for each of them. */
  readonly words: ReadonlySet<string>;
  /** Cameras by row id, under the names people gave them. */
  readonly cameraNames: ReadonlyMap<number, string>;
}

/** Letters and digits, lower case, without accents: as event_text's tokenizer makes them. */
export function foldWords(text: string): string[] {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/**
 * The expression that finds events which have every word of a text, each whole or as a beginning, in their label, zones, model,
 * camera id or camera name. Undefined when the text has no word.
 */
export function matchExpression(text: string, { words, cameraNames }: Vocabulary): string | undefined {
  const asked = foldWords(text).slice(0, WORDS_MAX);
  const all = asked.map((word) => {
    const known = [...words].filter((one) => one !== word && one.startsWith(word)).slice(0, COMPLETIONS_MAX);
    const cameras = [...cameraNames].filter(([, name]) => foldWords(name).some((one) => one.startsWith(word)));
    return [
      ...[word, ...known].map((one) => `({camera label zones model} : "${one}")`),
      ...cameras.map(([row]) => `(camera_key : "camera${row}")`),
    ].join(" OR ");
  });
  return all.length === 0 ? undefined : all.map((alternatives) => `(${alternatives})`).join(" AND ");
}
