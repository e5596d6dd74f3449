/** `lanthorn status`: asks every service of the list on its socket. */
import { requestJson, toLanthornError } from "@lanthorn/base";
import { SERVICES } from "../services.ts";

interface Row {
  readonly service: string;
  readonly healthy: boolean;
  readonly faults: readonly string[];
}

/** Prints a line a service; returns 0 when all are healthy, else 69 (EX_UNAVAILABLE). */
export async function printStatus(runDir: string, json: boolean): Promise<number> {
  const rows = await Promise.all(SERVICES.map(({ name }) => healthOf(runDir, name)));
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  } else {
    for (const { service, healthy, faults } of rows) {
      process.stdout.write(`${service.padEnd(12)} ${healthy ? "healthy" : faults.join("; ")}\n`);
    }
  }
  return rows.every(({ healthy }) => healthy) ? 0 : 69;
}

async function healthOf(runDir: string, service: string): Promise<Row> {
  try {
    return await requestJson<Row>(runDir, service, { path: "/health" });
  } catch (error) {
    return { service, healthy: false, faults: [toLanthornError(error).message] };
  }
}
