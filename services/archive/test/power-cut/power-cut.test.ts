import { test } from "node:test";
import { playCuts } from "./power-cut-table.ts";

test("power cuts cost at most two seconds of each camera, and all that was shown before is there after", async (context) => {
  await playCuts(context, { cameras: 2, cuts: 3, instants: ["sync", "closing", "writes"], isTimed: false });
});
