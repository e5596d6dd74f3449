/** How the services of this box are: asked on their sockets, all at once. */
import { requestSocket } from "@lanthorn/base";
import type { ServiceView } from "@lanthorn/contract";

/** Services asked, in the order of the way of a frame. web itself answers from within. */
export const ASKED_SERVICES = ["cameras", "ingest", "decode", "inference", "archive", "automation"] as const;

const TIMEOUT_MS = 2000;

/** Asks every service for its health and status; a silent one is told as such. */
export function askServices(runDir: string): Promise<ServiceView[]> {
  return Promise.all(ASKED_SERVICES.map((name) => askService(runDir, name)));
}

async function askService(runDir: string, name: string): Promise<ServiceView> {
  try {
    const [health, status] = await Promise.all([
      requestSocket(runDir, name, { path: "/health", timeoutMs: TIMEOUT_MS }),
      requestSocket(runDir, name, { path: "/status", timeoutMs: TIMEOUT_MS }),
    ]);
    const { faults } = JSON.parse(health.body.toString("utf8")) as { faults?: string[] };
    const body: unknown = JSON.parse(status.body.toString("utf8"));
    return { name, reachable: true, healthy: health.statusCode === 200, faults: faults ?? [], status: body };
  } catch (error) {
    return { name, reachable: false, healthy: false, faults: [(error as Error).message], status: null };
  }
}
