/** Arithmetic on graph values under short names, so that a model reads as its formulas do. Adds no operators of its own. */
import { type Dimension, type ElementType, OnnxGraph, type Value } from "./onnx-graph.ts";

/** An OnnxGraph with arithmetic on NCHW float maps. Comparisons give boolean maps. */
export class ExpressionGraph {
  readonly #graph: OnnxGraph;

  constructor(name: string) {
    this.#graph = new OnnxGraph(name);
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    return this.#graph.input(name, type, shape);
  }

  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#graph.output(name, value, type, shape);
  }

  op(...call: Parameters<OnnxGraph["op"]>): Value {
    return this.#graph.op(...call);
  }

  finish(...call: Parameters<OnnxGraph["finish"]>): Buffer {
    return this.#graph.finish(...call);
  }

  floats(data: readonly number[], shape: readonly number[]): Value {
    return this.#graph.floats(data, shape);
  }

  integers(...data: number[]): Value {
    return this.#graph.integers(...data);
  }

  number(value: number): Value {
    return this.#graph.floats(value);
  }

  add(a: Value, b: Value): Value {
    return this.op("Add", [a, b]);
  }

  sub(a: Value, b: Value): Value {
    return this.op("Sub", [a, b]);
  }

  mul(a: Value, b: Value): Value {
    return this.op("Mul", [a, b]);
  }

  div(a: Value, b: Value): Value {
    return this.op("Div", [a, b]);
  }

  neg(a: Value): Value {
    return this.op("Neg", [a]);
  }

  square(a: Value): Value {
    return this.op("Mul", [a, a]);
  }

  min(a: Value, b: Value): Value {
    return this.op("Min", [a, b]);
  }

  max(a: Value, b: Value): Value {
    return this.op("Max", [a, b]);
  }

  sum(values: readonly Value[]): Value {
    return this.op("Sum", values);
  }

  clip(a: Value, low: number, high: number): Value {
    return this.op("Clip", [a, this.number(low), this.number(high)]);
  }

  mean(a: Value, axes: readonly number[]): Value {
    return this.op("ReduceMean", [a], { axes, keepdims: 1 });
  }

  moreThan(a: Value, limit: number): Value {
    return this.op("Greater", [a, this.number(limit)]);
  }

  atMost(a: Value, limit: number): Value {
    return this.op("LessOrEqual", [a, this.number(limit)]);
  }

  atMostValue(a: Value, limit: Value): Value {
    return this.op("LessOrEqual", [a, limit]);
  }

  and(a: Value, b: Value): Value {
    return this.op("And", [a, b]);
  }

  or(a: Value, b: Value): Value {
    return this.op("Or", [a, b]);
  }

  not(a: Value): Value {
    return this.op("Not", [a]);
  }

  where(condition: Value, ifTrue: Value, ifFalse: Value): Value {
    return this.op("Where", [condition, ifTrue, ifFalse]);
  }

  /** A boolean map as 0 and 1. */
  asNumber(a: Value): Value {
    return this.op("Cast", [a], { to: 1 });
  }

  /** The largest value within a square of `size` cells. */
  dilate(a: Value, size: number): Value {
    const pad = (size - 1) / 2;
    return this.op("MaxPool", [a], { kernel_shape: [size, size], pads: [pad, pad, pad, pad] });
  }

  splitChannels(a: Value, channels: readonly number[]): Value[] {
    return this.#graph.split("Split", [a, this.#graph.integers(...channels)], channels.length, { axis: 1 });
  }

  concatChannels(values: readonly Value[]): Value {
    return this.op("Concat", values, { axis: 1 });
  }
}
