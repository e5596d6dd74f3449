/** The broker's password: the credential mqtt-password, where there is one. */
import { LanthornError, readCredential, type ServicePaths } from "@lanthorn/base";

/**
 * Reads it; empty when the credential is missing or empty (the unit gives an empty one as the default).
 * A line break at the end, as editors leave it, is not part of the password.
 */
export function mqttPassword(paths: ServicePaths): string {
  try {
    return readCredential(paths, "mqtt-password")
      .toString("utf8")
      .replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof LanthornError && error.code === "CREDENTIAL_MISSING") {
      return "";
    }
    throw error;
  }
}
