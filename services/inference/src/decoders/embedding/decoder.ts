/** Decoder of embedding models: one picture of one thing in, one vector out. Keeps no state. */
import { EMBEDDING_DIMS } from "@lanthorn/contract";
import { inferenceErrors } from "../../error-codes.ts";
import type { TensorData, Tensors } from "../../executors/executor.ts";
import type { EmbeddingManifest } from "../../packs/manifest.ts";
import type { ModelPicture } from "../decoder.ts";

/** Decodes one embedding model. */
export class EmbeddingDecoder {
  readonly #manifest: EmbeddingManifest;
  /** The size at which the model sees a thing: its box is stretched to it. */
  readonly pictureSize: { readonly widthPx: number; readonly heightPx: number };

  /** Throws: MODEL_MISMATCH when the manifest wants what this decoder cannot do. */
  constructor(manifest: EmbeddingManifest) {
    const { decoder, input, name } = manifest;
    const refuse = (what: string, expected: string, actual: string | number) =>
      inferenceErrors.make("MODEL_MISMATCH", { name, what, expected, actual });
    if (input.heightPx === "by-aspect") {
      throw refuse("input.heightPx", "a number of pixels", input.heightPx);
    }
    if (input.resize !== "stretch") {
      throw refuse("input.resize", "stretch", input.resize);
    }
    const channels = input.colour === "grey" ? 1 : 3;
    if (input.normalise.mean.length !== channels || input.normalise.std.length !== channels) {
      throw refuse("input.normalise.mean and .std of length", `${channels}`, input.normalise.mean.length);
    }
    if (decoder.dims < EMBEDDING_DIMS.least || decoder.dims > EMBEDDING_DIMS.most) {
      throw refuse("decoder.dims", `${EMBEDDING_DIMS.least} to ${EMBEDDING_DIMS.most}`, decoder.dims);
    }
    this.#manifest = manifest;
    this.pictureSize = { widthPx: input.widthPx, heightPx: input.heightPx };
  }

  /** The model's input for a picture of pictureSize. */
  inputs({ heightPx, rgb, widthPx }: ModelPicture): Tensors {
    const { input } = this.#manifest;
    const pixels = widthPx * heightPx;
    const channels = input.colour === "grey" ? 1 : 3;
    const isNhwc = input.layout === "NHWC";
    const data: TensorData =
      input.type === "uint8" ? new Uint8Array(pixels * channels) : new Float32Array(pixels * channels);
    const { mean, scale, std } = input.normalise;
    for (let channel = 0; channel < channels; channel++) {
      const [offset, divisor] = [mean[channel] as number, std[channel] as number];
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = (levelOf(rgb, pixel, channel, input.colour) * scale - offset) / divisor;
        data[isNhwc ? pixel * channels + channel : channel * pixels + pixel] = value;
      }
    }
    const shape = isNhwc ? [1, heightPx, widthPx, channels] : [1, channels, heightPx, widthPx];
    return { [input.name]: { type: input.type, shape, data } };
  }

  /** The vector. Throws: MODEL_MISMATCH. */
  decode(outputs: Tensors): Float32Array {
    const { decoder, name } = this.#manifest;
    const tensor = outputs[decoder.output];
    if (tensor?.type !== "float32" || tensor.data.length !== decoder.dims) {
      const expected = `${decoder.output} of ${decoder.dims} floats`;
      const actual = Object.entries(outputs).map(
        ([output, { shape, type }]) => `${output} ${type} [${shape.join(", ")}]`,
      );
      throw inferenceErrors.make("MODEL_MISMATCH", { name, what: "an output", expected, actual: actual.join(", ") });
    }
    return tensor.data as Float32Array;
  }
}

function levelOf(rgb: Uint8Array, pixel: number, channel: number, colour: "RGB" | "BGR" | "grey"): number {
  const at = pixel * 3;
  if (colour === "grey") {
    // ITU-R BT.601, section 2.5.1
    return 0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number);
  }
  return rgb[at + (colour === "BGR" ? 2 - channel : channel)] as number;
}
