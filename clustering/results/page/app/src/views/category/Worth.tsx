// What the clusters of a category are worth, and what categories lose that share clusters.
import type { Category } from "../../data/types";
import { money, NONE } from "../../data/words";

/** A share of sales with one decimal and a true minus. */
const share = (value: number) =>
  `${value < 0 && Math.abs(value) >= 0.0005 ? "−" : ""}${Math.abs(100 * value).toFixed(1)}%`;

export function Worth({ category: { worth, clusters } }: { category: Category }) {
  if (!worth || clusters.length < 2) return null;
  const { gain, error, random, own, sales } = worth;
  return (
    <section class="worth" aria-labelledby="worth">
      <h2 id="worth">What the clusters are worth</h2>
      <p>
        A plan per cluster meets <b>{share(Math.abs(gain))} {gain < 0 ? "less" : "more"}</b> of the
        demand than one plan for all stores: {money(sales)} of sales. A plan for every store would
        meet {share(Math.abs(own))} {own < 0 ? "less" : "more"}.
      </p>
      <p class="small soft">
        Give or take {share(error)}, measured on sales that the plans were not made from; random
        clusters of the same sizes: {share(random)}. Not a forecast, and nothing about prices or the
        cost of a plan. A gain says that stores differ, not that they form separate groups.
      </p>
    </section>
  );
}

export function Group({ category: { group, label } }: { category: Category }) {
  if (!group.length) return null;
  const known = group.filter(({ own }) => own != null);
  const [own, shared] = [known, known].map((rows, at) =>
    rows.reduce((sum, row) => sum + (at ? row.shared! : row.own!), 0),
  );
  return (
    <section aria-labelledby="group">
      <h2 id="group">Categories that share these clusters</h2>
      {known.length ? (
        <>
          <p>
            With clusters of their own they gain {money(own)} of sales, with those of {label}{" "}
            {money(shared)}: sharing costs <b>{money(own - shared)}</b>. Shared clusters look somewhat
            better than they are: they were made from the sales that judge them.
          </p>
          <table class="pairs-table">
            <thead>
              <tr>
                <th scope="col">Category</th>
                <th scope="col" class="number">Own clusters</th>
                <th scope="col" class="number">Shared</th>
                <th scope="col" class="number">Loss</th>
              </tr>
            </thead>
            <tbody>
              {known.map((row) => (
                <tr key={row.label}>
                  <td>{row.label}</td>
                  <td class="number">{money(row.own!)}</td>
                  <td class="number">{money(row.shared!)}</td>
                  <td class="number">{money(row.own! - row.shared!)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : (
        <p>
          {group.map((row) => row.label).join(", ") || NONE}. What sharing costs is told by{" "}
          <code>clustering alike --separate RUN</code>, where RUN had clusters for each.
        </p>
      )}
    </section>
  );
}
