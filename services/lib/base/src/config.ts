/**
 * Configuration: defaults, then <configDir>/<service>.toml, then `--set section.key=value`; unknown keys are errors.
 * The result is a frozen value handed to constructors. The only file that reads process.env.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseToml } from "smol-toml";
import type { z } from "zod";
import { baseErrors } from "./error-codes.ts";

/** Where a service finds and keeps things; the runner and the systemd units set the variables in the same way. */
export interface ServicePaths {
  /** Unix sockets of all services. */
  readonly runDir: string;
  /** This service's own writable directory. */
  readonly stateDir: string;
  /** Optional TOML files, one a service. */
  readonly configDir: string;
  /** Holds registry.db. */
  readonly registryDir: string;
  /** Files with secrets (systemd credentials). */
  readonly credentialsDir: string;
  /** First part of every ring name. */
  readonly ringPrefix: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the paths of the process from its environment. Throws: ENVIRONMENT_MISSING. */
export function pathsFromEnvironment(environment: Environment = process.env): ServicePaths {
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") {
      throw baseErrors.make("ENVIRONMENT_MISSING", { name });
    }
    return value;
  };
  return Object.freeze({
    runDir: need("LANTHORN_RUN_DIR"),
    stateDir: need("LANTHORN_STATE_DIR"),
    configDir: need("LANTHORN_CONFIG_DIR"),
    registryDir: need("LANTHORN_REGISTRY_DIR"),
    credentialsDir: environment.CREDENTIALS_DIRECTORY ?? "",
    ringPrefix: environment.LANTHORN_RING_PREFIX ?? "lanthorn",
  });
}

/** The log level asked for by LANTHORN_LOG_LEVEL (pino's names); info by default. */
export function logLevelFromEnvironment(environment: Environment = process.env): string {
  return environment.LANTHORN_LOG_LEVEL ?? "info";
}

/** The socket of the service manager, if one listens. Source: sd_notify(3). */
export function notifySocketFromEnvironment(environment: Environment = process.env): string | undefined {
  return environment.NOTIFY_SOCKET || undefined;
}

/** The watchdog's period in milliseconds, if the service manager wants one of this process. Source: sd_watchdog_enabled(3). */
export function watchdogMsFromEnvironment(
  environment: Environment = process.env,
  pid: number = process.pid,
): number | undefined {
  const wantedPid = environment.WATCHDOG_PID;
  if (wantedPid !== undefined && wantedPid !== "" && Number(wantedPid) !== pid) {
    return undefined; // meant for the process that started us
  }
  const periodUs = Number(environment.WATCHDOG_USEC);
  return Number.isFinite(periodUs) && periodUs > 0 ? periodUs / 1000 : undefined;
}

/** Whether the process must stop when its standard input ends: `npm start` asks for it, so that nothing outlives the runner. */
export function stopsWithStdin(environment: Environment = process.env): boolean {
  return environment.LANTHORN_STOP_WITH_STDIN === "1";
}

/** Whether the process must leave as soon as its modules are loaded: provisioning/units/compile.ts asks for it, to have them compiled. */
export function onlyCompiles(environment: Environment = process.env): boolean {
  return environment.LANTHORN_ONLY_COMPILE === "1";
}

/** Reads a credential file, byte by byte as it is (a key may end in a line break). Throws: CREDENTIAL_MISSING. */
export function readCredential(paths: ServicePaths, name: string): Buffer {
  try {
    return readFileSync(join(paths.credentialsDir, name));
  } catch (error) {
    throw baseErrors.make("CREDENTIAL_MISSING", { name, directory: paths.credentialsDir || "(none)" }, error);
  }
}

/**
 * Builds a service's configuration from its strict zod schema (z.strictObject with defaults throughout).
 * argv: the arguments after the script's name. Throws: CONFIG_INVALID with every fault and its key, CONFIG_UNREADABLE, OPTION_INVALID.
 */
export function loadConfig<Schema extends z.ZodType>(
  service: string,
  schema: Schema,
  options: { readonly configDir: string; readonly argv: readonly string[] },
): z.output<Schema> {
  const raw = readTomlFile(join(options.configDir, `${service}.toml`));
  const overrides = parseOverrides(service, options.argv);
  for (const { path, value } of overrides) {
    assignPath(raw, path, value);
  }
  const result = parseWithTextWhereWanted(schema, raw, overrides);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `  ${issue.path.join(".") || "(top level)"}: ${issue.message}`);
    throw baseErrors.make("CONFIG_INVALID", { service, count: faults.length, faults: faults.join("\n") });
  }
  return deepFreeze(result.data);
}

type Table = Record<string, unknown>;

interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly text: string;
}

/** An argument has no type of its own: `name=007` is a number until the schema says that it wants a text there. */
function parseWithTextWhereWanted<Schema extends z.ZodType>(
  schema: Schema,
  raw: Table,
  overrides: readonly Override[],
): z.ZodSafeParseResult<z.output<Schema>> {
  const first = schema.safeParse(raw);
  const wantsText = new Set(
    first.error?.issues.flatMap((issue) =>
      issue.code === "invalid_type" && issue.expected === "string" ? [issue.path.join(".")] : [],
    ),
  );
  const retyped = overrides.filter(({ path, value, text }) => value !== text && wantsText.has(path.join(".")));
  if (retyped.length === 0) {
    return first;
  }
  for (const { path, text } of retyped) {
    assignPath(raw, path, text);
  }
  return schema.safeParse(raw);
}

function readTomlFile(file: string): Table {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw baseErrors.make("CONFIG_UNREADABLE", { file, reason: (error as Error).message }, error);
  }
  try {
    return parseToml(text) as Table;
  } catch (error) {
    throw baseErrors.make("CONFIG_UNREADABLE", { file, reason: (error as Error).message }, error);
  }
}

function parseOverrides(service: string, argv: readonly string[]): Override[] {
  const overrides: Override[] = [];
  for (let index = 0; index < argv.length; index += 2) {
    const assignment = argv[index + 1];
    // Key names as TOML has them bare; this also keeps __proto__ out.
    const [, key, text] = /^([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)=(.*)$/s.exec(assignment ?? "") ?? [];
    if (argv[index] !== "--set" || key === undefined || text === undefined) {
      throw baseErrors.make("OPTION_INVALID", { option: argv.slice(index, index + 2).join(" "), service });
    }
    overrides.push({ path: key.split("."), value: parseScalar(text), text });
  }
  return overrides;
}

function parseScalar(text: string): unknown {
  if (text === "true" || text === "false") {
    return text === "true";
  }
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function assignPath(table: Table, path: readonly string[], value: unknown): void {
  let target = table;
  for (const key of path.slice(0, -1)) {
    const next = target[key];
    const child: Table = typeof next === "object" && next !== null ? (next as Table) : {};
    target[key] = child;
    target = child;
  }
  target[path.at(-1) ?? ""] = value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
