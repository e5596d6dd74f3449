/** services/automation: tells the house. MQTT and Home Assistant; nothing inside Lanthorn depends on it. */
import { readFileSync } from "node:fs";
import { runService, ServiceSocket } from "@lanthorn/base";
import { openCameraDirectory } from "@lanthorn/registry";
import manifest from "./package.json" with { type: "json" };
import { brokerSource } from "./src/broker-source.ts";
import { automationConfig } from "./src/config.ts";
import { House } from "./src/house.ts";
import { LivePictures } from "./src/live-pictures.ts";
import { mqttPassword } from "./src/mqtt-password.ts";
import { MqttSession } from "./src/mqtt-session.ts";
import { resultsRings } from "./src/results-rings.ts";
import { automationFaults, automationStatus, registerMetrics } from "./src/status.ts";
import { StatusPoll } from "./src/status-poll.ts";
import { Store } from "./src/store.ts";
import { TopicTree } from "./src/topics.ts";

await runService({
  name: "automation",
  config: automationConfig,
  modules: (context) => {
    const { clock, config, fail, log, metrics, paths } = context;
    const topics = new TopicTree(config.mqtt.base, config.mqtt.discoveryPrefix);
    const store = Store.open(paths.stateDir, config.outbox);
    const appliance = { id: store.applianceId(), version: manifest.version, ...config.appliance };
    const directory = openCameraDirectory(paths.registryDir, { clock, log });
    const session = new MqttSession({
      broker: brokerSource(config.mqtt, mqttPassword(paths)),
      topics,
      clientId: `${topics.base}-${appliance.id}`,
      keepaliveS: config.mqtt.keepaliveS,
      store,
      clock,
      log,
      fail,
    });
    const house = new House({
      ...{ topics, appliance, store, clock, log, fail, publisher: session, cameras: directory },
      occupancy: config.motion,
      triggerMaxAgeMs: config.outbox.triggerMaxAgeMs,
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
      follow: resultsRings(clock),
      pictures: new LivePictures(paths.ringPrefix, config.picture.maxWidthPx, clock),
      pace: config.picture,
      telemetryPeriodMs: config.telemetry.periodMs,
      healthPeriodMs: config.telemetry.healthPeriodMs,
      runDir: paths.runDir,
      stateDir: paths.stateDir,
      ringPrefix: paths.ringPrefix,
    });
    const parts = { config, session, store, house };
    registerMetrics(metrics, parts);
    return [
      { name: "store", start: () => {}, stop: () => store.close() }, // closed last
      directory,
      session, // before the house: it only queues until there is a broker
      house,
      new StatusPoll({ runDir: paths.runDir, clock, log, onLinks: (links) => house.takeLinks(links) }),
      new ServiceSocket(context, {
        status: () => automationStatus(parts),
        faults: () => automationFaults(parts),
      }),
    ];
  },
});
