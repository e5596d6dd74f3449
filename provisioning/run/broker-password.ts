/** Carries the broker's password from --mqtt to a credential file, as systemd's LoadCredential would. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";

/** Writes (mode 0600) or removes the credential `mqtt-password`. */
export function writeBrokerPassword(home: Home, mqttUrl: string | undefined): void {
  const file = join(home.credentialsDir, "mqtt-password");
  rmSync(file, { force: true });
  const password = mqttUrl === undefined ? "" : decodeURIComponent(new URL(mqttUrl).password);
  if (password !== "") {
    writeFileSync(file, password, { mode: 0o600, flag: "wx" });
  }
}
