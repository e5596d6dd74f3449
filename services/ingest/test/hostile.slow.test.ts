import { test } from "node:test";
import { beHostile } from "./hostile.ts";

test("two hostile minutes with twenty thousand wrong keys take nothing from four cameras, and memory stays bounded", async (t) => {
  const result = await beHostile({ seconds: 120, victims: 4, wrongKeys: 20_000 });
  t.diagnostic(JSON.stringify(result));
});
