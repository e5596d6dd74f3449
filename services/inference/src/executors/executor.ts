/** What runs a model, whatever it runs on. One folder per kind; each has an executor.ts that opens it. */

/** A tensor's values in row-major order. */
export type TensorData = Float32Array | Uint8Array | BigInt64Array | Int32Array;

/** A tensor between our code and an executor. */
export interface Tensor {
  readonly type: "float32" | "uint8" | "int64" | "int32";
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Tensors by the model's names of its inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A loaded model, ready to run. */
export interface Executor {
  /** What it really runs on: ONNX Runtime's name of the provider. */
  readonly provider: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs once. Owner: the inputs must not change until it resolves; the outputs are the caller's. Throws: MODEL_RUN_FAILED. */
  run(inputs: Tensors): Promise<Tensors>;
  /** Frees the model; running it afterwards is an error. */
  close(): Promise<void>;
}
