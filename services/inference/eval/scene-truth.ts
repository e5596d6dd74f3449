/** Placeholder until the scene generator's format is known. */
import type { Truth } from "./score.ts";
export function parseSceneTruth(_text: string): Truth {
  throw new Error("later");
}
