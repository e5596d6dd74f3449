/** An endpoint of the API together with its handler. Registered by register-routes.ts, described from the same value. */
import {
  defineEndpoint,
  type Endpoint,
  type EndpointHandler,
  type EndpointMethod,
  type NO_PARAMETERS,
} from "@lanthorn/base";
import type { z } from "zod";

/** A route. */
export interface ApiRoute extends Endpoint {
  readonly handle: EndpointHandler<Endpoint>;
}

/** Declares a route with its handler typed by its schemas. GET unless said. */
export function defineRoute<
  Params extends z.ZodObject = typeof NO_PARAMETERS,
  Query extends z.ZodObject = typeof NO_PARAMETERS,
  Body extends z.ZodType = z.ZodUndefined,
>({
  handle,
  ...endpoint
}: Omit<Endpoint<Params, Query, Body>, "method"> & {
  readonly method?: EndpointMethod;
  readonly handle: EndpointHandler<Endpoint<Params, Query, Body>>;
}): ApiRoute {
  return { ...defineEndpoint(endpoint), handle } as unknown as ApiRoute; // the handler only ever gets what these schemas gave
}
