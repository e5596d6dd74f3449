import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { REPOSITORY_ROOT } from "@lanthorn/testing";
import { automationConfig } from "../src/config.ts";
import { appliancePayload, cameraPayload } from "../src/discovery.ts";
import { TOPICS, TopicTree } from "../src/topics.ts";

const read = (file: string) => readFileSync(join(REPOSITORY_ROOT, "docs/ref", file), "utf8");

/** Rows of the tables below a heading, as cells without backticks. */
function rowsBelow(text: string, heading: string): string[][] {
  const start = text.indexOf(heading);
  assert.ok(start >= 0, heading);
  const [section = ""] = text.slice(start + heading.length).split("\n## ");
  return [...section.matchAll(/^\| (`.+) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.replaceAll("`", "").trim()),
  );
}

test("docs/ref/mqtt.md lists every topic with its retain flag, QoS and direction, and no other", () => {
  const rows = rowsBelow(read("mqtt.md"), "## Topics").filter((row) => row.length === 5);
  const documented = rows.map(([pattern, retained, qos, direction]) => `${pattern} ${retained} ${qos} ${direction}`);
  const declared = Object.values(TOPICS).map(
    ({ pattern, retain, qos, direction }) => `${pattern} ${retain ? "yes" : "no"} ${qos} ${direction}`,
  );
  assert.ok(declared.length > 0);
  assert.deepEqual(documented.toSorted(), declared.toSorted());
});

test("docs/ref/mqtt.md lists every entity, and no other", () => {
  const rows = rowsBelow(read("mqtt.md"), "## Discovery");
  const documented = rows.map(([key, platform, shown]) => `${key} ${platform} ${shown}`);
  const topics = new TopicTree("lanthorn", "homeassistant");
  const appliance = { id: "box_0", name: "x", version: "0", url: "" };
  const payloads = [
    appliancePayload(topics, appliance),
    cameraPayload(topics, appliance, { id: "porch", name: "Porch", labels: ["label"] }),
  ];
  const declared = payloads.flatMap(({ components }) =>
    Object.entries(components).map(([key, { platform, enabled_by_default: isShown }]) => {
      const name = key.replace("object_label", "object_{label}");
      return `${name} ${platform} ${isShown === false ? "no" : "yes"}`;
    }),
  );
  assert.deepEqual(documented.toSorted(), declared.toSorted());
});

test("docs/ref/config.md#automation lists every key with its default, and no other", () => {
  const documented = rowsBelow(read("config.md"), "## automation\n").map(([key, value]) => `${key} = ${value}`);
  const declared = Object.entries(automationConfig.parse({})).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, value]) => `${section}.${key} = ${JSON.stringify(value)}`),
  );
  assert.ok(declared.length > 0);
  assert.deepEqual(documented.toSorted(), declared.toSorted());
});
