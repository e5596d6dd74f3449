/**
 * Builds an ONNX model from TypeScript: inputs, constants, operators, outputs, then the file's bytes.
 * Does: names, deduplicated constants, the protobuf of onnx.proto3 (IR 8, opset 17). Does not: check shapes; the runtime does.
 * The same calls give the same bytes, so a committed model can be compared with its script.
 * Source of the field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
import { ProtobufWriter } from "./protobuf-writer.ts";

/** The element types that our graphs use, as TensorProto.DataType numbers. */
export const ELEMENT_TYPES = { float: 1, uint8: 2, int64: 7 } as const;
/** One of ELEMENT_TYPES. */
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A value in the graph: what an operator reads and gives. */
export type Value = string & { readonly __value: unique symbol };

/** A size that is fixed, or named where it is free. */
export type Dimension = number | string;

type Attribute = number | string | readonly number[] | { readonly float: number };

const IR_VERSION = 8;
const OPSET_VERSION = 17;

// AttributeProto.AttributeType
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** An ONNX graph being written down. */
export class OnnxGraph {
  readonly #name: string;
  readonly #graph = new ProtobufWriter();
  readonly #initializers = new Map<string, ProtobufWriter>();
  readonly #inputs: ProtobufWriter[] = [];
  readonly #outputs: ProtobufWriter[] = [];
  #valueCount = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input of the model. */
  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name as Value;
  }

  /** Gives a value the name of an output of the model. */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#node("Identity", [value], [name as Value], {});
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds an operator with one output. */
  op(type: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const [first] = this.split(type, inputs, 1, attributes);
    return first as Value;
  }

  /** Adds an operator with several outputs. */
  split(
    type: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => `v${++this.#valueCount}` as Value);
    this.#node(type, inputs, names, attributes);
    return names;
  }

  /** A float constant; a plain number is a scalar. Equal constants are stored once. */
  floats(data: number | readonly number[], shape: readonly number[] = []): Value {
    const list = typeof data === "number" ? [data] : data;
    return this.#constant("float", Buffer.from(Float32Array.from(list).buffer), shape);
  }

  /** A one-dimensional int64 constant: axes, shapes, positions. */
  integers(...data: number[]): Value {
    return this.#constant("int64", Buffer.from(BigInt64Array.from(data.map(BigInt)).buffer), [data.length]);
  }

  /** The model file's bytes. */
  finish(producer: { readonly name: string; readonly version: string }): Buffer {
    this.#graph.bytes(2, this.#name);
    for (const initializer of this.#initializers.values()) {
      this.#graph.bytes(5, initializer);
    }
    for (const input of this.#inputs) {
      this.#graph.bytes(11, input);
    }
    for (const output of this.#outputs) {
      this.#graph.bytes(12, output);
    }
    return new ProtobufWriter()
      .integer(1, IR_VERSION)
      .bytes(2, producer.name)
      .bytes(3, producer.version)
      .bytes(7, this.#graph)
      .bytes(8, new ProtobufWriter().bytes(1, "").integer(2, OPSET_VERSION))
      .finish();
  }

  #node(
    type: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const node = new ProtobufWriter();
    for (const input of inputs) {
      node.bytes(1, input);
    }
    for (const output of outputs) {
      node.bytes(2, output);
    }
    node.bytes(3, `${type}_${outputs[0]}`).bytes(4, type);
    for (const [name, value] of Object.entries(attributes)) {
      node.bytes(5, attributeProto(name, value));
    }
    this.#graph.bytes(1, node);
  }

  #constant(type: ElementType, raw: Buffer, shape: readonly number[]): Value {
    const key = `${type}:${shape.join(",")}:${raw.toString("hex")}`;
    const known = [...this.#initializers.keys()].indexOf(key);
    if (known >= 0) {
      return `c${known}` as Value;
    }
    const name = `c${this.#initializers.size}`;
    const tensor = new ProtobufWriter();
    for (const size of shape) {
      tensor.integer(1, size);
    }
    tensor.integer(2, ELEMENT_TYPES[type]).bytes(8, name).bytes(9, raw);
    this.#initializers.set(key, tensor);
    return name as Value;
  }
}

function attributeProto(name: string, value: Attribute): ProtobufWriter {
  const attribute = new ProtobufWriter().bytes(1, name);
  if (typeof value === "number") {
    return attribute.integer(3, value).integer(20, ATTRIBUTE.int);
  }
  if (typeof value === "string") {
    return attribute.bytes(4, value).integer(20, ATTRIBUTE.string);
  }
  if ("float" in value) {
    return attribute.float(2, value.float).integer(20, ATTRIBUTE.float);
  }
  for (const item of value) {
    attribute.integer(8, item);
  }
  return attribute.integer(20, ATTRIBUTE.ints);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ProtobufWriter {
  const shapeProto = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    shapeProto.bytes(1, typeof size === "number" ? dimension.integer(1, size) : dimension.bytes(2, size));
  }
  const tensorType = new ProtobufWriter().integer(1, ELEMENT_TYPES[type]).bytes(2, shapeProto);
  return new ProtobufWriter().bytes(1, name).bytes(2, new ProtobufWriter().bytes(1, tensorType));
}
