/** `npm run build`: set-up without starting anything. */
import { runMain, setUp } from "./setup.mjs";

await runMain(async () => {
  await setUp();
  return 0;
});
