// The stores of one category: filtered, sorted, copied, saved, and moved where editing is on.
import { useState } from "preact/hooks";
import { Chip, Clarity, MixChip } from "../../charts/marks";
import type { Placements } from "../../data/types";
import { count, money, plural } from "../../data/words";
import { editing, edits, nameNow, placesAfter } from "../../edits/edits";
import { csv } from "../../edits/file";
import { MoveDialog } from "../../edits/dialogs";
import { sizes } from "../../edits/fit";
import { addresses, bare, hasSales, main, storeHref } from "../../model";
import { copy, save } from "../../parts/save";
import { compared, type Order, SortHeader } from "../../parts/SortHeader";

const FIRST = 25;
const FENCE = "fence";

interface Props {
  place: number;
  rows: Placements;
}

export function StoreList({ place, rows }: Props) {
  const category = main.categories[place];
  const [shown, setShown] = useState<number | typeof FENCE | null>(null);
  const [text, setText] = useState("");
  const [isWhole, setWhole] = useState(false);
  const [order, sort] = useState<Order>({ by: "sales", down: true });
  const [moving, setMoving] = useState<number | null>(null);
  const placed = placesAfter(category, rows, main.stores.number, edits.value);
  const sized = sizes(category, placed);
  const fence = new Set(rows.fence);
  const isShown = (row: number) =>
    (shown === null || (shown === FENCE ? fence.has(row) : placed[row] === shown)) &&
    bare(main.stores.number[rows.store[row]].toLowerCase()).includes(bare(text.toLowerCase()));
  const sorts: Record<string, (row: number) => string | number | null> = {
    store: (row) => main.stores.number[rows.store[row]],
    cluster: (row) => placed[row],
    sales: (row) => rows.sales[row],
    clear: (row) => rows.probability[row],
  };
  const found = rows.store
    .map((_, row) => row)
    .filter(isShown)
    .sort(compared(sorts[order.by], order.down));
  const listed = isWhole ? found : found.slice(0, FIRST);
  const table = () => [
    ["store", "cluster", "name", "sales", "probability", "next_mix", ...(rows.space ? ["size"] : [])],
    ...found.map((row) => [
      main.stores.number[rows.store[row]],
      placed[row] < 0 ? "" : category.clusters[placed[row]].code,
      placed[row] < 0 ? "left out" : nameNow(category, placed[row]),
      rows.sales[row],
      rows.probability[row] ?? "",
      rows.next[row] == null ? "" : category.mixes[rows.next[row]!].letter,
      ...(rows.space ? [rows.space[row] ?? ""] : []),
    ]),
  ];
  const header = { order, sort };
  return (
    <section aria-labelledby="stores-of-category">
      <div class="heading">
        <div>
          <h2 id="stores-of-category">Stores</h2>
          <p class="soft">Select a cluster to list its stores.</p>
          {rows.space && <Sizes place={place} rows={rows} />}
        </div>
        <div class="end">
          <button
            type="button"
            onClick={() => copy(found.map((row) => main.stores.number[rows.store[row]]).join("\n"))}
          >
            Copy list
          </button>{" "}
          <button type="button" onClick={() => save(`${addresses[place]}.csv`, csv(table()))}>
            Save CSV
          </button>
        </div>
      </div>
      <div class="filters">
        <button type="button" aria-pressed={shown === null} onClick={() => setShown(null)}>
          All {count(rows.store.length)}
        </button>
        {category.clusters.map((cluster, at) => (
          <button
            type="button"
            key={cluster.code}
            aria-pressed={shown === at}
            onClick={() => setShown(at)}
          >
            <Chip category={category} cluster={at} small /> {count(sized[at])}
          </button>
        ))}
        {fence.size > 0 && (
          <button type="button" aria-pressed={shown === FENCE} onClick={() => setShown(FENCE)}>
            On the fence {count(fence.size)}
          </button>
        )}
        <input
          type="search"
          aria-label="Store number"
          placeholder="Store number"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <table class="stores stacked">
        <thead>
          <tr>
            <SortHeader name="store" upFirst {...header}>
              Store
            </SortHeader>
            <SortHeader name="cluster" upFirst {...header}>
              Cluster
            </SortHeader>
            {hasSales() && (
              <>
                <SortHeader name="sales" number {...header}>
                  Sales
                </SortHeader>
                <SortHeader name="clear" {...header}>
                  How clear
                </SortHeader>
                <th scope="col">Next best mix</th>
              </>
            )}
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {listed.map((row) => (
            <tr key={rows.store[row]}>
              <td class="number left">
                <a href={storeHref(rows.store[row])}>{main.stores.number[rows.store[row]]}</a>
              </td>
              <td class="wide">
                {placed[row] < 0 ? (
                  <span class="soft">left out</span>
                ) : (
                  <>
                    <Chip category={category} cluster={placed[row]} small />{" "}
                    {rows.space?.[row] && <b class="small">{rows.space[row]} </b>}
                    <span class="small">{nameNow(category, placed[row])}</span>
                  </>
                )}
              </td>
              {hasSales() && (
                <>
                  <td class="number">{money(rows.sales[row])}</td>
                  <td class="small">
                    <Clarity rows={rows} row={row} />
                  </td>
                  <td>
                    {rows.next[row] != null && (
                      <MixChip category={category} mix={rows.next[row]!} />
                    )}
                  </td>
                </>
              )}
              <td class="small wide">
                <Note category={category.key} number={main.stores.number[rows.store[row]]} />
                {editing.value && (
                  <button type="button" class="tiny" onClick={() => setMoving(row)}>
                    Move, pin, leave out
                  </button>
                )}
              </td>
            </tr>
          ))}
          {!found.length && (
            <tr>
              <td colSpan={6}>No store matches.</td>
            </tr>
          )}
        </tbody>
      </table>
      {listed.length < found.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(found.length, "store")}
        </button>
      )}
      {moving !== null && (
        <MoveDialog place={place} rows={rows} row={moving} close={() => setMoving(null)} />
      )}
    </section>
  );
}

/** How many stores of each cluster have which shelf size. */
function Sizes({ place, rows }: Props) {
  const { clusters } = main.categories[place];
  const all = [...new Set(rows.space!.filter((size) => size != null))].sort(bySize);
  const counted = clusters.map(({ code }, at) => {
    const own = rows.final.flatMap((cluster, row) => (cluster === at ? [rows.space![row]] : []));
    const found = all.map((size) => [size, own.filter((one) => one === size).length] as const);
    return `${code}: ${found.filter(([, stores]) => stores).map(([size, stores]) => `${stores} ${size}`).join(", ")}`;
  });
  return (
    <p class="soft">
      Stores by shelf size within their cluster: {counted.join("; ")}. Sizes divide a plan, not the
      mix: clusters are the same without them.
    </p>
  );
}

const SIZES = ["S", "M", "L"];
const bySize = (a: string, b: string) => SIZES.indexOf(a) - SIZES.indexOf(b) || Number(a) - Number(b);

function Note({ category, number }: { category: string; number: string }) {
  const edit = edits.value.find(
    (one) =>
      one.store_nbr === number &&
      (one.category === category || !one.category) &&
      one.kind !== "rename",
  );
  if (!edit) return null;
  const words = { pin: "moved or pinned", exclude: "left out" }[edit.kind] ?? edit.kind;
  return (
    <span title={`${edit.who}: ${edit.why}`}>
      {words}: {edit.why}{" "}
    </span>
  );
}
