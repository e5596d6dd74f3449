/**
 * Home Assistant's device-based discovery payloads: one for the appliance, one for each camera. Pure.
 * Offers only what works: no switch, update or restart entity exists until something obeys it.
 * Source: Home Assistant, MQTT integration, "Device discovery payload"; docs/ref/mqtt.md#discovery.
 */
import { labelSegment, type TopicTree } from "./topics.ts";

/** The label of the built-in model, which knows no classes: shown as the motion sensor, not as an object of its own. */
export const MOTION_LABEL = "motion";

/** The appliance, as Home Assistant shall show it. */
export interface Appliance {
  /** Immutable; letters, digits and `_`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Address of the web interface, or empty when none is known. */
  readonly url: string;
}

/** A camera, as Home Assistant shall show it. */
export interface DiscoveredCamera {
  readonly id: string;
  readonly name: string;
  /** Labels it has ever reported, beside motion. */
  readonly labels: readonly string[];
}

/** One entity of a discovery payload. */
type Component = Readonly<Record<string, unknown>> & { readonly platform: string; readonly unique_id: string };

/** A device-based discovery payload. */
export interface DevicePayload {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly availability: readonly { readonly topic: string }[];
  readonly availability_mode: "all";
  readonly qos: 1;
  readonly components: Readonly<Record<string, Component>>;
}

/** The part of a device's unique ids that never changes; also the level in its discovery topic. */
export function deviceId(topics: TopicTree, id: string): string {
  return `${topics.base}_${id}`;
}

/** The appliance's own device. Published before the cameras, which name it in via_device. */
export function appliancePayload(topics: TopicTree, appliance: Appliance): DevicePayload {
  const id = deviceId(topics, appliance.id);
  const state_topic = topics.topic("bridgeHealth");
  const sensor = (key: string, name: string, rest: object): Component => ({
    platform: "sensor",
    unique_id: `${id}_${key}`,
    name,
    entity_category: "diagnostic",
    state_topic,
    value_template: `{{ value_json.${key} }}`,
    state_class: "measurement",
    ...rest,
  });
  return {
    device: {
      identifiers: [id],
      name: appliance.name,
      manufacturer: "Lanthorn",
      model: "Lanthorn appliance",
      sw_version: appliance.version,
      ...(appliance.url === "" ? {} : { configuration_url: appliance.url }),
    },
    origin: { name: "lanthorn", sw_version: appliance.version },
    availability: [{ topic: topics.topic("bridgeState") }],
    availability_mode: "all",
    qos: 1,
    components: {
      cameras_online: sensor("cameras_online", "Cameras online", {}),
      disk_used_pct: sensor("disk_used_pct", "Storage used", { unit_of_measurement: "%" }),
      cpu_pct: sensor("cpu_pct", "CPU", { unit_of_measurement: "%", enabled_by_default: false }),
      mem_used_pct: sensor("mem_used_pct", "Memory used", { unit_of_measurement: "%", enabled_by_default: false }),
      temp_c: sensor("temp_c", "CPU temperature", {
        unit_of_measurement: "°C",
        device_class: "temperature",
        enabled_by_default: false,
      }),
      infer_p95_ms: sensor("infer_p95_ms", "Inference p95", {
        unit_of_measurement: "ms",
        device_class: "duration",
        enabled_by_default: false,
      }),
    },
  };
}

/** A camera's device. */
export function cameraPayload(topics: TopicTree, appliance: Appliance, camera: DiscoveredCamera): DevicePayload {
  const id = deviceId(topics, camera.id);
  return {
    device: {
      identifiers: [id],
      name: camera.name,
      manufacturer: "Lanthorn",
      model: "Camera",
      sw_version: appliance.version,
      suggested_area: camera.name,
      via_device: deviceId(topics, appliance.id),
      ...(appliance.url === "" ? {} : { configuration_url: `${appliance.url}/cameras/${camera.id}` }),
    },
    origin: { name: "lanthorn", sw_version: appliance.version },
    availability: [
      { topic: topics.topic("bridgeState") },
      { topic: topics.topic("availability", { camera: camera.id }) },
    ],
    availability_mode: "all",
    qos: 1,
    components: {
      ...detectionComponents(topics, id, camera),
      ...objectComponents(topics, id, camera),
      ...diagnosticComponents(topics, id, camera),
    },
  };
}

function detectionComponents(topics: TopicTree, id: string, camera: DiscoveredCamera): Record<string, Component> {
  const places = { camera: camera.id };
  return {
    motion: {
      platform: "binary_sensor",
      unique_id: `${id}_motion`,
      device_class: "motion",
      state_topic: topics.topic("motion", places),
    },
    event: {
      platform: "event",
      unique_id: `${id}_event`,
      name: "Detection",
      event_types: [MOTION_LABEL, ...camera.labels.map(labelSegment)],
      state_topic: topics.topic("event", places),
    },
    picture: { platform: "camera", unique_id: `${id}_cam`, name: null, topic: topics.topic("image", places) },
    motion_image: lastImage(topics, id, camera, MOTION_LABEL),
  };
}

function objectComponents(topics: TopicTree, id: string, camera: DiscoveredCamera): Record<string, Component> {
  const components: Record<string, Component> = {};
  for (const label of camera.labels) {
    const places = { camera: camera.id, label };
    const key = labelSegment(label);
    const words = capitalised(label);
    components[`object_${key}`] = {
      platform: "binary_sensor",
      unique_id: `${id}_object_${key}`,
      name: words,
      device_class: "occupancy",
      state_topic: topics.topic("object", places),
    };
    components[`object_${key}_count`] = {
      platform: "sensor",
      unique_id: `${id}_object_${key}_count`,
      name: `${words} count`,
      state_class: "measurement",
      state_topic: topics.topic("objectCount", places),
    };
    components[`object_${key}_image`] = lastImage(topics, id, camera, label);
  }
  return components;
}

function lastImage(topics: TopicTree, id: string, camera: DiscoveredCamera, label: string): Component {
  return {
    platform: "image",
    unique_id: label === MOTION_LABEL ? `${id}_motion_img` : `${id}_object_${labelSegment(label)}_img`,
    name: `Last ${label}`,
    content_type: "image/jpeg",
    image_topic: topics.topic("snapshot", { camera: camera.id, label }),
  };
}

function diagnosticComponents(topics: TopicTree, id: string, camera: DiscoveredCamera): Record<string, Component> {
  const places = { camera: camera.id };
  const sensor = (key: string, name: string, rest: object): Component => ({
    platform: "sensor",
    unique_id: `${id}_${key}`,
    name,
    entity_category: "diagnostic",
    state_class: "measurement",
    state_topic: topics.topic("telemetry", places),
    value_template: `{{ value_json.${key} }}`,
    ...rest,
  });
  const hidden = { enabled_by_default: false };
  return {
    link: {
      platform: "binary_sensor",
      unique_id: `${id}_link`,
      name: "Connection",
      device_class: "connectivity",
      entity_category: "diagnostic",
      payload_on: "online",
      payload_off: "offline",
      state_topic: topics.topic("availability", places),
      // Not its own availability: "disconnected" is what it has to tell. The list replaces the root's.
      availability: [{ topic: topics.topic("bridgeState") }],
    },
    fps: sensor("fps", "Frame rate", { unit_of_measurement: "fps" }),
    loss_pct: sensor("loss_pct", "Packet loss", { unit_of_measurement: "%" }),
    bitrate_kbps: sensor("bitrate_kbps", "Bit rate", {
      unit_of_measurement: "kbit/s",
      device_class: "data_rate",
      ...hidden,
    }),
    rtt_ms: sensor("rtt_ms", "SRT round trip", { unit_of_measurement: "ms", device_class: "duration", ...hidden }),
    dropped: sensor("dropped", "Dropped packets", { state_class: "total_increasing", ...hidden }),
    latency_ms: sensor("latency_ms", "Detection latency", {
      unit_of_measurement: "ms",
      device_class: "duration",
      ...hidden,
    }),
  };
}

function capitalised(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1);
}
