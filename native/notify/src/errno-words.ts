/** errno → name and words, by Node's own table. */
import { getSystemErrorMap } from "node:util";

/** Says an errno in words, e.g. `ENOENT: no such file or directory`. Units: a positive errno as C gives it. */
export function errnoWords(errno: number): string {
  const entry = getSystemErrorMap().get(-errno);
  return entry === undefined ? `errno ${errno}` : `${entry[0]}: ${entry[1]}`;
}
