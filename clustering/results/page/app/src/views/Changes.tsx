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
  const { categories, moves, baseline } = main.changes;
  const moved = categories.reduce((total, row) => total + row.moved, 0);
  const stores = categories.reduce((total, row) => total + row.stores, 0);
  return (
    <div class="wrap">
      <h1>What changed</h1>
      <p class="lede">
        Since {baseline}, <b>{percent(stores ? 1 - moved / stores : null)}</b> of stores kept their
        cluster, counted over all categories; {plural(moved, "placement")} changed.
      </p>
      <ByCategory rows={categories} />
      <Moves moves={moves} />
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

function Moves({ moves }: { moves: Facts["moves"] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? moves : moves.slice(0, FIRST);
  return (
    <section aria-labelledby="moves">
      <h2 id="moves">Stores that moved</h2>
      {!moves.length && <p class="soft">No store moved.</p>}
      {moves.length > 0 && (
        <table class="stacked moves">
          <thead>
            <tr>
              {["Category", "From", "To", "Stores"].map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((move) => (
              <tr key={`${move.category}/${move.from}/${move.to}`}>
                <td class="whole">
                  <a href={categoryHref(move.category)}>{main.categories[move.category].label}</a>
                </td>
                <td class="small" data-label="from">
                  {move.from}
                </td>
                <td class="small" data-label="to">
                  {move.to}
                </td>
                <td class="wide">
                  <Which move={move} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < moves.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(moves.length, "move")}
        </button>
      )}
    </section>
  );
}

function Which({ move: { stores, movers } }: { move: Facts["moves"][number] }) {
  const more = stores - movers.length;
  return (
    <details class="plain">
      <summary>{plural(stores, "store")}</summary>
      <ul class="plain small">
        {movers.map(([number, probability, changes]) => (
          <li key={number}>
            <StoreLink number={number} />{" "}
            <span class="soft">
              {probability != null && `${chance(probability)} sure`}
              {changes && `: ${changes.replaceAll(" %", "%").replaceAll("->", "→")}`}
            </span>
          </li>
        ))}
        {more > 0 && <li class="soft">and {count(more)} more</li>}
      </ul>
    </details>
  );
}

function StoreLink({ number }: { number: string }) {
  const store = storeAt(number);
  return store === undefined ? <>{number}</> : <a href={storeHref(store)}>{number}</a>;
}
