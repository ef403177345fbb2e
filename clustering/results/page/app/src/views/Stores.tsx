// All stores, found by number or surroundings.
import { useState } from "preact/hooks";
import { count, money, plural } from "../data/words";
import { bare, hasSales, main, storeHref, surroundingsOf } from "../model";
import { compared, type Order, SortHeader } from "../parts/SortHeader";

const FIRST = 40;

export function Stores() {
  const [text, setText] = useState("");
  const [kind, setKind] = useState("");
  const [order, sort] = useState<Order>({ by: "sales", down: true });
  const [isWhole, setWhole] = useState(false);
  const { number, sales, categories, surroundings } = main.stores;
  const sorts: Record<string, (place: number) => string | number | null> = {
    store: (place) => number[place],
    surroundings: (place) => surroundings[place],
    categories: (place) => categories[place],
    sales: (place) => sales[place],
  };
  const wanted = bare(text.trim().toLowerCase());
  const found = number
    .map((_, place) => place)
    .filter((place) => bare(number[place].toLowerCase()).includes(wanted))
    .filter((place) => !kind || String(surroundings[place]) === kind)
    .sort(compared(sorts[order.by], order.down));
  const shown = isWhole ? found : found.slice(0, FIRST);
  return (
    <div class="wrap">
      <h1>Stores</h1>
      <div class="tools-row">
        <label class="field">
          Store number
          <input
            type="search"
            value={text}
            placeholder="Any part of it"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {main.surroundings.length > 0 && (
          <label class="field">
            Surroundings
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              <option value="">All {count(number.length)} stores</option>
              {main.surroundings.map((one) => (
                <option key={one.cluster} value={String(one.cluster)}>
                  {one.name} ({one.stores})
                </option>
              ))}
            </select>
          </label>
        )}
        <p class="small soft end" role="status">
          {found.length < number.length && `${count(found.length)} of ${count(number.length)}`}
        </p>
      </div>
      <table class="stores stacked all-stores">
        <thead>
          <tr>
            <SortHeader name="store" upFirst {...{ order, sort }}>
              Store
            </SortHeader>
            <SortHeader name="surroundings" upFirst {...{ order, sort }}>
              Surroundings
            </SortHeader>
            <SortHeader name="categories" number {...{ order, sort }}>
              Categories
            </SortHeader>
            {hasSales() && (
              <SortHeader name="sales" number {...{ order, sort }}>
                Sales
              </SortHeader>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((place) => (
            <tr key={place}>
              <td class="number left">
                <a href={storeHref(place)}>{number[place]}</a>
              </td>
              <td class="wide">{surroundingsOf(place) ?? <span class="soft">not known</span>}</td>
              <td class="number after" data-label="categories">
                {count(categories[place])}
              </td>
              {hasSales() && <td class="number">{money(sales[place])}</td>}
            </tr>
          ))}
          {!found.length && (
            <tr>
              <td colSpan={4}>No store matches.</td>
            </tr>
          )}
        </tbody>
      </table>
      {shown.length < found.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(found.length, "store")}
        </button>
      )}
    </div>
  );
}
