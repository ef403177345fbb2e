// Final clusters of one category as a bar of shares.
import { clusterColour } from "../data/colours";
import type { Category } from "../data/types";
import { percent, plural } from "../data/words";
import { nameNow } from "../edits/edits";

export type Measure = "sales" | "stores";
const WIDE_ENOUGH_FOR_CODE = 0.055;

export function ShareBar({ category, by = "sales" }: { category: Category; by?: Measure }) {
  const whole = category.clusters.reduce((total, cluster) => total + cluster[by], 0) || 1;
  const said = category.clusters.map(
    (cluster, at) => `${cluster.code} ${nameNow(category, at)} ${percent(cluster[by] / whole)}`,
  );
  return (
    <div class="share-bar" role="img" aria-label={`Share of ${by}: ${said.join("; ")}`}>
      {category.clusters.map((cluster, at) => {
        const share = cluster[by] / whole;
        const starts = at > 0 && category.clusters[at - 1].mix !== cluster.mix;
        const title =
          `${cluster.code} ${nameNow(category, at)}: ${percent(cluster.sales / (category.sales || 1))}` +
          ` of sales, ${plural(cluster.stores, "store")}`;
        return (
          <i
            key={cluster.code}
            class={starts ? "starts" : undefined}
            style={{ flex: `${(share * 100).toFixed(2)} 1 0`, background: clusterColour(cluster) }}
            title={title}
          >
            {share > WIDE_ENOUGH_FOR_CODE ? cluster.code : ""}
          </i>
        );
      })}
    </div>
  );
}

/** The mixes by name, under their bar. */
export function MixNames({ category }: { category: Category }) {
  if (category.mixes.length === 1 && category.clusters.length === 1)
    return <p class="mix-names">all stores together</p>;
  return (
    <p class="mix-names">
      {category.mixes.map(({ letter, name }) => (
        <span key={letter}>
          <b>{letter}</b>&nbsp;{name}
        </span>
      ))}
    </p>
  );
}
