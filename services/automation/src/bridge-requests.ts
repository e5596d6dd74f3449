/** Answers to `bridge/request/<verb>`. Pure but for what a verb does. Source: docs/ref/mqtt.md#requests. */
import { toLanthornError } from "@lanthorn/base";
import { automationErrors } from "./error-codes.ts";

/** What each verb does; its result is the response's data. */
export type RequestVerbs = Readonly<Record<string, () => object>>;

/** Payload of `bridge/response/<verb>`. */
export interface BridgeResponse {
  readonly status: "ok" | "error";
  readonly data: object;
  readonly error?: string;
  /** As it came in the request. */
  readonly transaction?: unknown;
}

/** Does what a request asks for and builds the response; never throws. */
export function answerRequest(verb: string, payload: Buffer, verbs: RequestVerbs): BridgeResponse {
  let transaction: { transaction?: unknown } = {};
  try {
    const request = parseRequest(verb, payload);
    transaction = request.transaction === undefined ? {} : { transaction: request.transaction };
    const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (act === undefined) {
      throw automationErrors.make("REQUEST_UNKNOWN", { verb, known: Object.keys(verbs).join(", ") });
    }
    return { status: "ok", data: act(), ...transaction };
  } catch (error) {
    return { status: "error", data: {}, error: toLanthornError(error).message, ...transaction };
  }
}

function parseRequest(verb: string, payload: Buffer): { readonly transaction?: unknown } {
  if (payload.length === 0) {
    return {};
  }
  try {
    const request: unknown = JSON.parse(payload.toString("utf8"));
    return typeof request === "object" && request !== null ? request : {};
  } catch (error) {
    throw automationErrors.make("REQUEST_NOT_JSON", { verb }, error);
  }
}
