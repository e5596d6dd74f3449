import { openCpuExecutor } from "../../src/executors/cpu/executor.ts";
import { executorSuite } from "./conformance.ts";

executorSuite("cpu", openCpuExecutor);
