/** Runs models on the processor by ONNX Runtime: the floor that every machine has. */
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { inferenceErrors } from "../../error-codes.ts";
import type { Executor, Tensor, TensorData, Tensors } from "../executor.ts";

/** How a model is opened. */
export interface CpuExecutorOptions {
  /** Said in errors. */
  readonly name: string;
  readonly model: Uint8Array;
}

/**
 * Loads a model for the CPU provider alone: with a list of providers ONNX Runtime throws or falls back silently.
 * One thread a session: many cameras are served better by several sessions. Throws: MODEL_UNLOADABLE.
 */
export async function openCpuExecutor({ name, model }: CpuExecutorOptions): Promise<Executor> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model, {
      executionProviders: ["cpu"],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3, // old exports print hundreds of warnings otherwise
    });
  } catch (error) {
    throw inferenceErrors.make("MODEL_UNLOADABLE", { name, provider: "cpu", reason: (error as Error).message }, error);
  }
  return {
    provider: "cpu",
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (inputs) => {
      try {
        const feeds = Object.entries(inputs).map(([input, tensor]) => [input, toRuntime(tensor)] as const);
        return fromRuntime(await session.run(Object.fromEntries(feeds)));
      } catch (error) {
        throw inferenceErrors.make("MODEL_RUN_FAILED", { name, reason: (error as Error).message }, error);
      }
    },
    close: () => session.release(),
  };
}

function toRuntime(tensor: Tensor): RuntimeTensor {
  return new RuntimeTensor(tensor.type, tensor.data, tensor.shape);
}

function fromRuntime(outputs: InferenceSession.ReturnType): Tensors {
  const tensors = Object.entries(outputs).map(([name, value]) => [
    name,
    { type: value.type as Tensor["type"], shape: value.dims, data: value.data as TensorData },
  ]);
  return Object.fromEntries(tensors) as Tensors;
}
