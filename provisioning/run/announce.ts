/** Says where to look, once everything runs. */
import { requestJson } from "@lanthorn/base";
import type { Home } from "./home.ts";
import type { RunOptions } from "./options.ts";
import { withoutUserInfo } from "./summary.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the addresses of the running system; ports come from the services, so a port 0 shows what was taken. */
export async function announce(context: {
  readonly home: Home;
  readonly options: RunOptions;
  readonly terminal: Terminal;
  readonly startupMs: number;
}): Promise<void> {
  const { home, options, terminal } = context;
  const web = await requestJson<{ url?: string }>(home.runDir, "web", { path: "/status" });
  const ingest = await requestJson<{ srtPort?: number }>(home.runDir, "ingest", { path: "/status" });
  const automation = await requestJson<{ broker?: { url?: string } }>(home.runDir, "automation", { path: "/status" });
  terminal.say(`
Lanthorn runs (ready in ${(context.startupMs / 1000).toFixed(1)} s).

  page     ${web.url}
  MQTT     ${automation.broker?.url}
  cameras  srt://${options.host}:${ingest.srtPort} (encrypted)
${options.cameras.map(({ id, source }) => `             ${id.padEnd(10)} ${withoutUserInfo(source)}`).join("\n")}
  home     ${home.directory}
  ask      curl --unix-socket ${home.runDir}/ingest.sock http://lanthorn/status
  frames   python3 native/rings/readers/python/lanthorn_rings.py watch ${home.ringPrefix}.${options.cameras[0]?.id}.frames

${options.forS === undefined ? "Ctrl-C stops everything." : `Stops by itself after ${options.forS} s.`}
`);
}
