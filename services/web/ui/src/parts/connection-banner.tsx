/** Says that the box is not heard any more. */
import { connection } from "../state/box.ts";
import { strings } from "../strings.ts";

/** Nothing while all is well. */
export function ConnectionBanner() {
  return (
    <div role="status">
      {connection.value === "lost" && (
        <div class="banner">
          <span class="spinner" aria-hidden="true" />
          {strings.connection.lost}
        </div>
      )}
    </div>
  );
}
