/** Configuration of automation: automation.toml. Explained key by key in docs/ref/config.md#automation. */
import { z } from "zod";

const topicLevel = z.string().regex(/^[a-zA-Z0-9_-]+$/, "expected one MQTT level of a-z, A-Z, 0-9, _ and -");

const mqtt = z
  .strictObject({
    /** An existing broker, mqtt://host:port or mqtts://host:port; empty starts the built-in one. */
    url: z.string().default(""),
    /** Where the built-in broker listens. */
    host: z.string().default("127.0.0.1"),
    /** 0 takes any free one; /status says which. */
    port: z.number().int().min(0).max(65535).default(1883),
    /** The account on the broker; its password is the credential mqtt-password, never a key here. */
    username: z.string().default(""),
    /** PEM file of the authority that signed the broker's certificate, for mqtts:// with a private one. */
    caFile: z.string().default(""),
    base: topicLevel.default("lanthorn"),
    discoveryPrefix: topicLevel.default("homeassistant"),
    /** Seconds of silence after which the broker announces our last will is 1.5 times this. */
    keepaliveS: z.number().int().min(5).max(600).default(30),
  })
  .check((context) => {
    const { url, base, discoveryPrefix } = context.value;
    const fault = (path: string, message: string) => {
      // No input in the issue: a url may hold a password.
      context.issues.push({ code: "custom", path: [path], message, input: "[not shown]" });
    };
    if (url !== "") {
      checkUrl(url, (message) => fault("url", message));
    }
    if (base === discoveryPrefix) {
      fault("base", "expected another word than mqtt.discoveryPrefix");
    }
  });

function checkUrl(url: string, fault: (message: string) => void): void {
  if (!URL.canParse(url)) {
    fault("expected mqtt://host:port or mqtts://host:port");
    return;
  }
  const parsed = new URL(url);
  if (!["mqtt:", "mqtts:"].includes(parsed.protocol) || parsed.hostname === "") {
    fault("expected mqtt://host:port or mqtts://host:port");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    fault("expected no user or password: set mqtt.username, and put the password into the credential mqtt-password");
  }
}

/** The schema: every key has a default. */
export const automationConfig = z.strictObject({
  mqtt: mqtt.prefault({}),
  appliance: z
    .strictObject({
      /** Shown in Home Assistant. */
      name: z.string().min(1).max(64).default("Lanthorn"),
      /** Address of the web interface, for links; empty leaves them out. */
      url: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
    })
    .prefault({}),
  motion: z
    .strictObject({
      holdOffMs: z.number().int().min(0).max(600_000).default(5000),
      staleMs: z.number().int().min(1000).max(3_600_000).default(60_000),
    })
    .prefault({}),
  picture: z
    .strictObject({
      maxWidthPx: z.number().int().min(64).max(1920).default(640),
      idleMs: z.number().int().min(1000).default(60_000),
      activeMs: z.number().int().min(500).default(2000),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      periodMs: z.number().int().min(1000).default(30_000),
      healthPeriodMs: z.number().int().min(1000).default(60_000),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      /** Events kept on disk while the broker is away; the oldest go first when it is full. */
      maxMessages: z.number().int().min(100).max(1_000_000).default(20_000),
      /** A trigger for automations older than this is not sent any more: nobody wants the light of an hour ago. */
      triggerMaxAgeMs: z.number().int().min(1000).default(60_000),
    })
    .prefault({}),
});

/** The configuration as main.ts and the modules get it. */
export type AutomationConfig = z.output<typeof automationConfig>;
