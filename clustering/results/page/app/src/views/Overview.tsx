// Stores by categories as one picture, and which categories cluster alike.
import { useEffect, useRef, useState } from "preact/hooks";
import { placements } from "../data/blocks";
import { mixColour } from "../data/colours";
import { main, addresses, categoryHref, surroundingsOf } from "../model";

const ROW = 14;
const MOST_WIDTH = 1200;

/** Stores from left to right: by surroundings, then by sales. */
export function storeOrder(): number[] {
  const { number, surroundings, sales } = main.stores;
  return number
    .map((_, place) => place)
    .sort(
      (a, b) =>
        (surroundings[a] ?? Infinity) - (surroundings[b] ?? Infinity) ||
        sales[b] - sales[a] ||
        a - b,
    );
}

export function Overview() {
  const pairs = main.categories
    .flatMap((category, place) =>
      category.alike.map(([other, agreement]) => ({ place, other, agreement })),
    )
    .filter(({ place, other }, _, all) =>
      place < other || !all.some((pair) => pair.place === other && pair.other === place))
    .sort((a, b) => b.agreement - a.agreement)
    .slice(0, 20);
  return (
    <div class="wrap">
      <h1>Overview across categories</h1>
      <p class="lede">
        One row a category, one column a store. A colour is a mix within its row: colours of two
        rows can be compared as patterns, not as names.
      </p>
      <HeatMap />
      <section aria-labelledby="alike-categories">
        <div class="heading">
          <div>
            <h2 id="alike-categories">Categories that group stores alike</h2>
            <p class="soft">
              1 = the same stores stand together in both, 0 = no more than by luck. Where it is
              high, one plan for both may do.
            </p>
          </div>
        </div>
        {pairs.length ? (
          <table class="pairs-table">
            <thead>
              <tr>
                <th scope="col">Category</th>
                <th scope="col">groups stores like</th>
                <th scope="col" class="number">
                  Agreement
                </th>
              </tr>
            </thead>
            <tbody>
              {pairs.map(({ place, other, agreement }) => (
                <tr key={`${place}/${other}`}>
                  <td>
                    <a href={categoryHref(place)}>{main.categories[place].label}</a>
                  </td>
                  <td>
                    <a href={categoryHref(other)}>{main.categories[other].label}</a>
                  </td>
                  <td class="number">{agreement.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p class="soft">No two categories group their stores alike.</p>
        )}
      </section>
    </div>
  );
}

function HeatMap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [told, setTold] = useState("");
  const order = storeOrder();
  const cell = Math.max(1, Math.min(6, Math.floor(MOST_WIDTH / order.length)));
  const rows = main.categories.length;
  useEffect(() => draw(canvas.current, order, cell), []);
  const at = (event: MouseEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return {
      category: Math.floor((event.clientY - box.top) / ROW),
      store: order[Math.floor(((event.clientX - box.left) / box.width) * order.length)],
    };
  };
  const tell = (event: MouseEvent) => {
    const { category, store } = at(event);
    if (!main.categories[category] || store === undefined) return setTold("");
    const placed = placements(category);
    const row = placed.store.indexOf(store);
    const shown = main.categories[category];
    const cluster = row < 0 ? undefined : shown.clusters[placed.final[row]];
    setTold(
      `Store ${main.stores.number[store]}, ${shown.label}: ` +
        (cluster ? `${cluster.code} ${cluster.name}` : "no cluster") +
        (placed.unsold.includes(row) ? ", sold nothing" : "") +
        (surroundingsOf(store) ? ` (${surroundingsOf(store)})` : ""),
    );
  };
  return (
    <section aria-label="Stores by categories">
      <p class="small soft told" aria-live="off">
        {told || "Stores stand by surroundings, then by sales. Point at a cell to read it."}
      </p>
      <div class="heat" tabIndex={0} role="region" aria-label="Picture of stores by categories">
        <ol class="heat-names" style={{ lineHeight: `${ROW}px` }}>
          {main.categories.map((category, place) => (
            <li key={category.key}>
              <a href={`#/category/${addresses[place]}`}>{category.label}</a>
            </li>
          ))}
        </ol>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Clusters of ${order.length} stores in ${rows} categories`}
          width={order.length * cell}
          height={rows * ROW}
          style={{ height: `${rows * ROW}px` }}
          onMouseMove={tell}
          onMouseLeave={() => setTold("")}
        />
      </div>
    </section>
  );
}

function draw(canvas: HTMLCanvasElement | null, order: number[], cell: number): void {
  const pen = canvas?.getContext("2d");
  if (!canvas || !pen) return;
  const column = new Map(order.map((store, place) => [store, place]));
  const colours = Array.from({ length: 8 }, (_, mix) =>
    getComputedStyle(canvas).getPropertyValue(mixColour(mix).match(/--mix-\d/)![0]),
  );
  main.categories.forEach((category, place) => {
    const rows = placements(place);
    const unsold = new Set(rows.unsold);
    rows.store.forEach((store, row) => {
      if (unsold.has(row)) return;
      pen.fillStyle = colours[category.clusters[rows.final[row]].mix % 8];
      pen.fillRect(column.get(store)! * cell, place * ROW, cell, ROW - 2);
    });
  });
}
