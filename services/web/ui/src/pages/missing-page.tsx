/** For addresses that mean nothing. */
import { Link } from "wouter";
import { EmptyState } from "../parts/empty-state.tsx";
import { strings } from "../strings.ts";

/** See above. */
export function MissingPage() {
  return (
    <div class="page">
      <EmptyState icon="alert" title={strings.missing.title} text={strings.missing.text}>
        <Link class="button" href="/">
          {strings.missing.home}
        </Link>
      </EmptyState>
    </div>
  );
}
