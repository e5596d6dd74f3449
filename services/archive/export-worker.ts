/** Does one export that the archive hands over, at low priority, and ends. Ends at once when the archive is gone. */
import { runWorker } from "./src/exports/worker/worker-link.ts";

await runWorker();
