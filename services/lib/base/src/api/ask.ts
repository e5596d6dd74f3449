/** Asks another service's endpoint by its description: parameters and answer have the types of its schemas. */
import type { z } from "zod";
import { baseErrors } from "../error-codes.ts";
import { requestJson } from "../unix-http.ts";
import type { Endpoint } from "./endpoint.ts";

/** Who is asked, and for how long. */
export interface AskedService {
  readonly runDir: string;
  readonly service: string;
  readonly timeoutMs?: number;
}

/** The parts of a question; those an endpoint does not have are left out. */
export interface Question<E extends Endpoint> {
  readonly params?: z.input<E["params"]>;
  readonly query?: z.input<E["query"]>;
  readonly body?: E extends { readonly body?: infer Body extends z.ZodType } ? z.input<Body> : never;
}

/** What an endpoint answers; undefined where it is not JSON. */
export type AnswerOf<E extends Endpoint> =
  E extends Endpoint<z.ZodObject, z.ZodObject, z.ZodType, infer Answer> ? z.output<Answer> : undefined;

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
