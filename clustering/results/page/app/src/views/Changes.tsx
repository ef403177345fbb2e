// What changed since the baseline: where, and which stores moved.
import { useState } from "preact/hooks";
import type { Changes as Facts } from "../data/types";
import { chance, count, NONE, percent, plural } from "../data/words";
import { categoryHref, main, storeAt, storeHref } from "../model";
import { compared, type Order, SortHeader } from "../parts/SortHeader";

const FIRST = 40;

export function Changes() {
  if (!main.changes)
    return (
      <div class="wrap">
        <h1>Changes</h1>
        <p>This run continues no earlier one, so there is nothing to compare it with.</p>
      </div>
    );
  const { categories, movers, baseline } = main.changes;
  const moved = categories.reduce((total, row) => total + row.moved, 0);
  const stores = categories.reduce((total, row) => total + row.stores, 0);
  return (
    <div class="wrap">
      <h1>What changed</h1>
      <p class="lede">
        Since {baseline}, <b>{percent(stores ? 1 - moved / stores : null)}</b> of the places of
        stores in clusters stayed as they were; {count(moved)} changed.
      </p>
      <ByCategory rows={categories} />
      <Movers movers={movers} />
    </div>
  );
}

function ByCategory({ rows }: { rows: Facts["categories"] }) {
  const [order, sort] = useState<Order>({ by: "moved", down: true });
  const [isWhole, setWhole] = useState(false);
  const sorts: Record<string, (row: Facts["categories"][number]) => string | number | null> = {
    category: (row) => main.categories[row.category].label,
    moved: (row) => row.moved,
    kept: (row) => row.retention,
  };
  const sorted = rows.toSorted(compared(sorts[order.by], order.down));
  const shown = isWhole ? sorted : sorted.slice(0, FIRST);
  return (
    <section aria-labelledby="by-category">
      <h2 id="by-category">By category</h2>
      <table class="stacked">
        <thead>
          <tr>
            <SortHeader name="category" upFirst {...{ order, sort }}>
              Category
            </SortHeader>
            <SortHeader name="moved" number {...{ order, sort }}>
              Stores that moved
            </SortHeader>
            <th scope="col" class="number">
              By chance alone
            </th>
            <SortHeader name="kept" number {...{ order, sort }}>
              Kept their cluster
            </SortHeader>
            <th scope="col" class="number">
              New stores
            </th>
            <th scope="col" class="number">
              Stores gone
            </th>
            <th scope="col" class="number">
              Clusters
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.category}>
              <td class="whole">
                <a href={categoryHref(row.category)}>{main.categories[row.category].label}</a>
              </td>
              <td class="number" data-label="moved">
                {count(row.moved)} of {count(row.stores)}
              </td>
              <td class="number" data-label="by chance">
                {row.chance == null ? NONE : count(row.chance)}
              </td>
              <td class="number" data-label="kept">
                {percent(row.retention)}
              </td>
              <td class="number" data-label="new">
                {count(row.appeared)}
              </td>
              <td class="number" data-label="gone">
                {count(row.gone)}
              </td>
              <td class="number" data-label="clusters">
                {row.before} → {row.after}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small soft">
        By chance alone: stores that would change their mix if nothing but the sample of sales
        differed.
      </p>
      {shown.length < sorted.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(sorted.length, "category")}
        </button>
      )}
    </section>
  );
}

function Movers({ movers }: { movers: Facts["movers"] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? movers : movers.slice(0, FIRST);
  return (
    <section aria-labelledby="movers">
      <h2 id="movers">Stores that moved</h2>
      {!movers.length && <p class="soft">No store moved.</p>}
      {movers.length > 0 && (
        <table class="stacked">
          <thead>
            <tr>
              {["Store", "Category", "From", "To", "How clear now", "What changed"].map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => {
              const store = storeAt(row.store);
              return (
                <tr key={at}>
                  <td class="number left">
                    {store === undefined ? row.store : <a href={storeHref(store)}>{row.store}</a>}
                  </td>
                  <td>{main.categories[row.category].label}</td>
                  <td>{row.from}</td>
                  <td>{row.to}</td>
                  <td class="small">
                    {chance(row.probability)}
                  </td>
                  <td class="small soft wide">{row.changes ?? ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {shown.length < movers.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(movers.length, "store")}
        </button>
      )}
    </section>
  );
}
