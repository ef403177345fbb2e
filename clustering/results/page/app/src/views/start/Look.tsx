// Which categories need a look first: plans on trial, then stores on the fence.
import type { Category } from "../../data/types";
import { count, lower, plural, sureWord } from "../../data/words";
import { categoryHref, main } from "../../model";
import { isOnTrial } from "./kinds";

const FIRST = 4;

export function Look() {
  const places = main.categories.map((_, place) => place);
  const trial = places.filter((place) => isOnTrial(main.categories[place]));
  const fence = places.filter((place) => main.categories[place].plan.look > 0);
  const listed = trial.length ? trial : fence;
  if (!listed.length) return null;
  return (
    <section class="look" aria-labelledby="look">
      <h2 id="look">Which categories need a look?</h2>
      <p>
        {listed.slice(0, FIRST).map((place, at) => (
          <span key={place}>
            {at > 0 && "; "}
            <a href={categoryHref(place)}>{main.categories[place].label}</a>{" "}
            <span class="soft">({because(main.categories[place])})</span>
          </span>
        ))}
        {listed.length > FIRST && (
          <>
            {" "}
            and <a href={`#/?todo=${trial.length ? "trial" : "fence"}`}>
              {count(listed.length - FIRST)} more
            </a>
          </>
        )}
        .
      </p>
    </section>
  );
}

function because({ plan }: Category): string {
  const stores = plan.look > 0 ? `${plural(plan.look, "store")} on the fence` : "";
  return [isOnTrial({ plan }) ? lower(sureWord(plan)) : "", stores].filter(Boolean).join(", ");
}
