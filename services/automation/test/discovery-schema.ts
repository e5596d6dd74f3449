/**
 * What Home Assistant accepts as a device-based discovery payload, written from its documentation and schemas
 * (components/mqtt/schemas.py, and the platform's own page for each component), not from our code.
 */
import { z } from "zod";

const topic = z.string().regex(/^[^#+\s]+$/);
const id = z.string().regex(/^[a-zA-Z0-9_-]+$/);

const availability = z.array(
  z.strictObject({
    topic,
    payload_available: z.string().optional(),
    payload_not_available: z.string().optional(),
    value_template: z.string().optional(),
  }),
);

const device = z
  .strictObject({
    identifiers: z.array(z.string().min(1)).min(1).optional(),
    connections: z.array(z.tuple([z.string(), z.string()])).optional(),
    name: z.string().min(1),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
    model_id: z.string().optional(),
    hw_version: z.string().optional(),
    sw_version: z.string().optional(),
    serial_number: z.string().optional(),
    via_device: z.string().optional(),
    suggested_area: z.string().optional(),
    configuration_url: z.url({ protocol: /^(https?|homeassistant)$/ }).optional(),
  })
  .refine((value) => value.identifiers !== undefined || value.connections !== undefined, "needs an identifier");

const entity = {
  unique_id: id,
  name: z.string().min(1).nullable().optional(),
  entity_category: z.enum(["config", "diagnostic"]).optional(),
  enabled_by_default: z.boolean().optional(),
  availability: availability.optional(),
  availability_mode: z.enum(["all", "any", "latest"]).optional(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
};

const component = z.discriminatedUnion("platform", [
  z.strictObject({
    platform: z.literal("binary_sensor"),
    ...entity,
    state_topic: topic,
    device_class: z.enum(["motion", "occupancy", "sound", "connectivity", "problem", "running"]).optional(),
    payload_on: z.string().optional(),
    payload_off: z.string().optional(),
    off_delay: z.number().optional(),
    expire_after: z.number().optional(),
  }),
  z.strictObject({
    platform: z.literal("event"),
    ...entity,
    state_topic: topic,
    event_types: z.array(z.string().min(1)).min(1),
    device_class: z.enum(["button", "doorbell", "motion"]).optional(),
  }),
  z
    .strictObject({
      platform: z.literal("image"),
      ...entity,
      image_topic: topic.optional(),
      url_topic: topic.optional(),
      content_type: z.string().optional(),
      image_encoding: z.literal("b64").optional(),
    })
    .refine((image) => (image.image_topic === undefined) !== (image.url_topic === undefined), "exactly one topic"),
  z.strictObject({ platform: z.literal("camera"), ...entity, topic, image_encoding: z.literal("b64").optional() }),
  z
    .strictObject({
      platform: z.literal("sensor"),
      ...entity,
      state_topic: topic,
      state_class: z.enum(["measurement", "total", "total_increasing"]).optional(),
      device_class: z.enum(["duration", "data_rate", "temperature", "timestamp", "data_size"]).optional(),
      unit_of_measurement: z.string().optional(),
      value_template: z.string().optional(),
      expire_after: z.number().optional(),
    })
    .refine(
      ({ device_class, unit_of_measurement: unit }) =>
        (device_class !== "duration" || ["d", "h", "min", "s", "ms"].includes(unit ?? "")) &&
        (device_class !== "temperature" || ["°C", "°F", "K"].includes(unit ?? "")) &&
        (device_class !== "data_rate" || ["bit/s", "kbit/s", "Mbit/s", "kB/s", "MB/s"].includes(unit ?? "")),
      "the unit must be one of the device class",
    ),
]);

/** A discovery payload of a device; device, origin and components are mandatory, and nothing unknown may be there. */
export const DiscoveryPayload = z
  .strictObject({
    device,
    origin: z.strictObject({
      name: z.string().min(1),
      sw_version: z.string().optional(),
      support_url: z.url().optional(),
    }),
    availability: availability.min(1),
    availability_mode: z.literal("all"),
    qos: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    components: z.record(id, component).refine((all) => Object.keys(all).length > 0, "no components"),
  })
  .refine(({ components }) => {
    const ids = Object.values(components).map(({ unique_id }) => unique_id);
    return new Set(ids).size === ids.length;
  }, "unique ids must differ");
