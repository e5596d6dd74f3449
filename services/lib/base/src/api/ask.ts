/** Asks another service's endpoint by its description: parameters and answer have the types of its schemas. */
import { baseErrors } from "../error-codes.ts";
import { requestJson } from "../unix-http.ts";
import type { AnswerOf, Endpoint, Question } from "./endpoint.ts";

/** Who is asked, and for how long. */
export interface AskedService {
  readonly runDir: string;
  readonly service: string;
  readonly timeoutMs?: number;
}

/** Path and query of an endpoint; values of lists are repeated, undefined ones left out. */
export function endpointUrl<E extends Endpoint>(endpoint: E, { params, query }: Question<E>): string {
  const inPath = (params ?? {}) as Readonly<Record<string, unknown>>;
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(inPath[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as object)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        search.append(name, String(one));
      }
    }
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/**
 * Asks and returns the answer, checked.
 * Throws: what the service answered, with its kind and code; SOCKET_UNAVAILABLE; ANSWER_INVALID when the answer breaks the schema.
 */
export async function askEndpoint<E extends Endpoint>(
  { runDir, service, timeoutMs }: AskedService,
  endpoint: E,
  question: Question<E> = {},
): Promise<AnswerOf<E>> {
  const path = endpointUrl(endpoint, question);
  const answer = await requestJson(runDir, service, {
    method: endpoint.method,
    path,
    ...(question.body === undefined ? {} : { json: question.body }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const result = endpoint.answer.schema?.safeParse(answer);
  if (result?.success === false) {
    const issue = result.error.issues[0];
    const reason = `${issue?.path.join(".") || "(whole)"}: ${issue?.message}`;
    throw baseErrors.make("ANSWER_INVALID", { service, path, reason });
  }
  return result?.data as AnswerOf<E>;
}
