/** Codes that lib/base itself throws. Documented in docs/ref/errors.md. */
import { defineErrors } from "./errors.ts";

/** Errors of configuration, environment and sockets. */
export const baseErrors = defineErrors({
  ABORTED: ["aborted", "The wait was ended because its owner is stopping"],
  UNEXPECTED: ["internal", "{message}"],
  UNREACHABLE: ["internal", "Unhandled member of a closed set: {value}"],
  CONFIG_INVALID: [
    "invalid-argument",
    "{count} fault(s) in the configuration of {service}:\n{faults}\nSee docs/ref/config.md#{service}",
  ],
  CONFIG_UNREADABLE: [
    "invalid-argument",
    "Cannot read {file}: {reason}. Correct the file or remove it: every key has a default",
  ],
  OPTION_INVALID: ["invalid-argument", "Unknown option {option}; {service} knows only --set section.key=value"],
  ENVIRONMENT_MISSING: [
    "failed-precondition",
    "Environment variable {name} is not set. Start services with `npm start` or their systemd unit, which set it",
  ],
  CREDENTIAL_MISSING: [
    "failed-precondition",
    "Credential {name} is missing in {directory}. `npm start` and first boot make it; restore it from a backup if it was lost",
  ],
  REQUEST_INVALID: ["invalid-argument", "{reason}"],
  ROUTE_NOT_FOUND: ["not-found", "No {method} {url} here"],
  ANSWER_INVALID: [
    "internal",
    "{service} answered {path} with something that is not what was agreed ({reason}). Its log says why; are both of one version?",
  ],
  SOCKET_UNAVAILABLE: ["unavailable", "No answer on {socket} ({reason}). Is the service {service} running?"],
});
