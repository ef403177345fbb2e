// The page on paper: the list, then one page a category.
import { render } from "preact";
import { ComparisonTable, scale } from "./charts/Comparison";
import { Chip } from "./charts/marks";
import { ShareBar } from "./charts/ShareBar";
import { profiles, storeDetails } from "./data/blocks";
import {
  attributeValue,
  money,
  NONE,
  percent,
  plural,
  points,
  shortMoney,
  sureWord,
  toDo,
} from "./data/words";
import { nameNow } from "./edits/edits";
import { hasSales, main } from "./model";
import { Answer } from "./views/Category";
import { Lede } from "./views/Start";

/** Draw the print when it is asked for, and take it away again. */
export function printOnDemand(room: HTMLElement): void {
  addEventListener("beforeprint", () => render(<Print />, room));
  addEventListener("afterprint", () => render(null, room));
}

export function Print() {
  return (
    <>
      <div class="sheet">
        <h1>Which stores belong together?</h1>
        <Lede />
        <p class="soft number">
          {[
            plural(main.stores.number.length, "store"),
            hasSales() && shortMoney(main.run.sales),
            main.run.period,
          ]
            .filter(Boolean)
            .join(", ")}
        </p>
        <table class="categories">
          <thead>
            <tr>
              <th style={{ width: "22%" }}>Category</th>
              <th style={{ width: "40%" }}>Final clusters, share of sales</th>
              <th class="number" style={{ width: "8%" }}>
                Captured
              </th>
              <th style={{ width: "14%" }}>How sure</th>
              <th>What to do</th>
            </tr>
          </thead>
          <tbody>
            {main.categories.map((category) => (
              <tr key={category.key}>
                <td class="name">
                  {category.label} <span class="soft number">{shortMoney(category.sales)}</span>
                </td>
                <td>
                  <ShareBar category={category} />
                </td>
                <td class="number">
                  {category.captured == null ? NONE : percent(category.captured)}
                </td>
                <td>{sureWord(category.plan)}</td>
                <td>{toDo(category)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {main.categories.map((category, place) => (
        <Sheet key={category.key} place={place} />
      ))}
    </>
  );
}

function Sheet({ place }: { place: number }) {
  const category = main.categories[place];
  const profile = profiles()[place];
  const { attributes } = storeDetails();
  return (
    <div class="sheet">
      <h1>{category.label}</h1>
      <p class="soft number">
        {plural(category.stores, "store")}, {money(category.sales)}
      </p>
      <Answer category={category} />
      <ComparisonTable category={category} profile={profile} level="clusters" />
      <table class="printed-clusters">
        <thead>
          <tr>
            <th>Cluster</th>
            <th class="number">Stores</th>
            <th class="number">Sales</th>
            <th>Who shops there, beyond chance</th>
            <th>Typical stores</th>
          </tr>
        </thead>
        <tbody>
          {category.clusters.map((cluster, at) => (
            <tr key={cluster.code}>
              <td>
                <Chip category={category} cluster={at} small /> {nameNow(category, at)}
              </td>
              <td class="number">{cluster.stores}</td>
              <td class="number">{money(cluster.sales)}</td>
              <td>
                {profile.traits[at]
                  .slice(0, 2)
                  .map(
                    ({ attribute, mean, overall }) =>
                      `${attributes[attribute].label} ${attributeValue(attributes[attribute], mean)}` +
                      ` (all ${attributeValue(attributes[attribute], overall)})`,
                  )
                  .join("; ") || "no marked surroundings"}
              </td>
              <td class="number">
                {profile.typical[at]
                  .slice(0, 3)
                  .map((store) => main.stores.number[store])
                  .join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft foot">
        Points of sales share against all stores, index beside it (100 = as in all). One scale for
        all bars, {points(scale(category, profile), 0).replace("+", "±")} points.
      </p>
    </div>
  );
}
