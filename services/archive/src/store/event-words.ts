/** From words that people type to an expression over event_text. Pure. Source: https://www.sqlite.org/fts5.html#full_text_query_syntax */

/** Words of a question that count; what comes after is left out. */
const WORDS_MAX = 8;
/** Known words that a beginning stands for, at most. */
const COMPLETIONS_MAX = 32;

/** What a word may mean besides itself. */
export interface Vocabulary {
  /** Words that events are known to have, as foldWords makes them: a beginning stands for each of them. */
  readonly words: ReadonlySet<string>;
  /** The words of every camera of the archive, by row id: its id and the name people gave it. */
  readonly cameraWords: ReadonlyMap<number, string>;
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
 * camera id or camera name. A word that every camera has excludes nothing and is left out. Undefined when no word is left.
 */
export function matchExpression(text: string, { words, cameraWords }: Vocabulary): string | undefined {
  const asked = foldWords(text).slice(0, WORDS_MAX);
  const all = asked.flatMap((word) => {
    const known = [...words].filter((one) => one !== word && one.startsWith(word)).slice(0, COMPLETIONS_MAX);
    const cameras = [...cameraWords].filter(([, name]) => foldWords(name).some((one) => one.startsWith(word)));
    if (cameras.length > 0 && cameras.length === cameraWords.size) {
      return [];
    }
    const alternatives = [
      ...[word, ...known].map((one) => `({label zones model} : "${one}")`),
      ...cameras.map(([row]) => `(camera_key : "camera${row}")`),
    ];
    return [`(${alternatives.join(" OR ")})`];
  });
  return all.length === 0 ? undefined : all.join(" AND ");
}
