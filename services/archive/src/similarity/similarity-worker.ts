/** A thread that holds the index of similarity and answers questions, one at a time; the thread that writes rows never waits for it. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock, toLanthornError } from "@lanthorn/base";
import { openForReading } from "../store/database.ts";
import { type SimilarEvent, SimilarityIndex, type SimilarityQuestion } from "./similarity-index.ts";

/** What the thread is given. */
export interface SimilarityWork {
  readonly stateDir: string;
}

/** What it is asked. */
export interface SimilarityRequest {
  readonly number: number;
  readonly question: SimilarityQuestion;
}

/** What it answers. */
export interface SimilarityReply {
  readonly number: number;
  readonly found?: readonly SimilarEvent[];
  readonly error?: string;
}

const { stateDir } = workerData as SimilarityWork;
const index = new SimilarityIndex(openForReading(stateDir), systemClock);
parentPort?.on("message", ({ number, question }: SimilarityRequest) => {
  const reply = (answer: Omit<SimilarityReply, "number">) => parentPort?.postMessage({ number, ...answer });
  try {
    reply({ found: index.find(question) });
  } catch (error) {
    reply({ error: toLanthornError(error).message });
  }
});
index.refresh(); // before the first question comes
