// The first screen: what came out, in two sentences, and every category by its sales.
import { useState } from "preact/hooks";
import { MixNames, ShareBar, type Measure } from "../charts/ShareBar";
import { Sureness } from "../charts/marks";
import { plansNow, worthNow } from "../data/budget";
import type { Category } from "../data/types";
import {
  count,
  money,
  NONE,
  percent,
  plural,
  shortMoney,
  sureness,
  sureNumbers,
  toDo,
} from "../data/words";
import { nameNow } from "../edits/edits";
import { addresses, hasSales, main } from "../model";
import { compared, type Order, SortHeader } from "../parts/SortHeader";
import { remember, route } from "../route";
import { KINDS, ofKind } from "./start/kinds";
import { Look } from "./start/Look";

const FIRST = 40;
const SORTS: Record<string, (category: Category) => string | number | null> = {
  sales: ({ sales }) => sales,
  name: ({ label }) => label,
  sure: ({ plan }) => sureness(plan),
  plans: ({ plan }) => plan.plans,
  captured: ({ captured }) => captured,
};
const [SALES, STORES] = ["sales", "stores"] as const;

/** The answer in two sentences. */
export function Lede() {
  const all = main.categories.length;
  const [cluster, mix, one] = ["cluster", "mix", "one"].map(ofKind);
  const firm = main.categories.filter(({ plan }) => sureness(plan) >= 3).length;
  if (!main.categories.some(({ plan }) => plan.sureness))
    return (
      <p class="lede">
        Stores were grouped by <b>{main.run.names.join(", then by ")}</b>.
      </p>
    );
  return (
    <p class="lede">
      In each category, stores were grouped by <b>{main.run.names[0]}</b>
      {main.run.names[1] && (
        <>
          , then by <b>{main.run.names[1]}</b>
        </>
      )}
      . Of {plural(all, "category")},{" "}
      {cluster > 0 && (
        <>
          <b>{count(cluster)}</b> call for a plan per cluster
          {mix > 0 && one > 0 ? ", " : mix > 0 || one > 0 ? " and " : ""}
        </>
      )}
      {mix > 0 && (
        <>
          <b>{count(mix)}</b> {cluster ? "for" : "call for"} a plan per mix
          {one > 0 ? " and " : ""}
        </>
      )}
      {one > 0 && (
        <>
          in <b>{count(one)}</b> one plan will do
        </>
      )}
      ;{" "}
      {firm === all
        ? "all splits repeat well from one half of the sales to the other."
        : `${firm ? count(firm) : "none"} of the splits ${firm === 1 ? "repeats" : "repeat"} well ` +
          "from one half of the sales to the other, so treat the others as trials."}
    </p>
  );
}

export function Start() {
  return (
    <div class="wrap">
      <h1>Which stores belong together?</h1>
      <Lede />
      <dl class="facts">
        <Fact name="stores" value={count(main.stores.number.length)} />
        {hasSales() && <Fact name="categories" value={count(main.categories.length)} />}
        {hasSales() && <Fact name="sales" value={shortMoney(main.run.sales)} />}
        {main.run.period && <Fact name="period" value={main.run.period} />}
      </dl>
      <Look />
      {main.budget && (
        <p>
          A plan for each of the {count(plansNow(main.budget))} final clusters is worth about{" "}
          {shortMoney(worthNow(main.budget))} more than one plan per category.{" "}
          <a href="#/plans">What would fewer plans cost?</a>
        </p>
      )}
      {main.data.warnings.length > 0 && (
        <p class="note small">
          In {plural(main.data.warnings.length, "category")} some clusters were too small to stand
          alone and joined others: <a href="#/data">which ones</a>.
        </p>
      )}
      <Categories />
    </div>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function Categories() {
  const { query } = route.value;
  const state = {
    q: query.get("q") ?? "",
    todo: query.get("todo") ?? "",
    by: query.get("by") ?? (hasSales() ? SALES : STORES),
    sort: query.get("sort") ?? "sales",
    up: query.get("up") ?? "",
  };
  const [isWhole, setWhole] = useState(false);
  const set = (part: Partial<typeof state>) => {
    const next = { ...state, ...part };
    remember("", {
      ...next,
      by: next.by === SALES ? "" : next.by,
      sort: next.sort === "sales" ? "" : next.sort,
    });
  };
  const order: Order = { by: state.sort in SORTS ? state.sort : "sales", down: !state.up };
  const sort = (to: Order) => set({ sort: to.by, up: to.down ? "" : "1" });
  const found = matching(state.q, state.todo).sort(
    (a, b) =>
      compared((place: number) => SORTS[order.by](main.categories[place]), order.down)(a, b) ||
      main.categories[b].sales - main.categories[a].sales,
  );
  const by: Measure = state.by === STORES ? STORES : SALES;
  const shown = isWhole ? found : found.slice(0, FIRST);
  return (
    <section aria-labelledby="categories">
      <div class="heading">
        <h2 id="categories">Categories</h2>
        {hasSales() && (
          <p class="soft">
            One colour is one mix of what sells; its shades (A1, A2 …) are kinds of surroundings.
          </p>
        )}
      </div>
      {main.categories.length > 1 && (
        <div class="tools-row">
          <label class="field">
            Filter
            <input
              type="search"
              id="filter"
              placeholder="Category or cluster name"
              value={state.q}
              onInput={(event) => set({ q: event.currentTarget.value })}
            />
          </label>
          <label class="field">
            Show
            <select
              id="todo"
              value={state.todo}
              onChange={(event) => set({ todo: event.currentTarget.value })}
            >
              <option value="">All {count(main.categories.length)}</option>
              {Object.entries(KINDS)
                .filter(([kind]) => kind === state.todo || ofKind(kind) > 0)
                .map(([kind, [words]]) => (
                  <option key={kind} value={kind}>
                    {words} ({count(ofKind(kind))})
                  </option>
                ))}
            </select>
          </label>
          {hasSales() && (
            <div>
              <span class="small soft" id="bars">
                Bars show
              </span>
              <div class="switch" role="group" aria-labelledby="bars">
                {[SALES, STORES].map((measure) => (
                  <button
                    type="button"
                    key={measure}
                    aria-pressed={by === measure}
                    onClick={() => set({ by: measure })}
                  >
                    {measure === SALES ? "Sales" : "Stores"}
                  </button>
                ))}
              </div>
            </div>
          )}
          <p class="small soft end" role="status">
            {found.length < main.categories.length && `${found.length} of ${main.categories.length}`}
          </p>
        </div>
      )}
      <table class="categories">
        <colgroup>
          {(hasSales() ? [19, 34, 8, 19, 20] : [21, 61, 18]).map((width) => (
            <col key={width} style={{ width: `${width}%` }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <SortHeader name="name" upFirst {...{ order, sort }}>
              Category
            </SortHeader>
            <SortHeader name="sales" {...{ order, sort }}>
              Final clusters, by {by}
            </SortHeader>
            {hasSales() && (
              <>
                <SortHeader name="captured" number {...{ order, sort }}>
                  Captured
                </SortHeader>
                <SortHeader name="sure" {...{ order, sort }}>
                  How sure
                </SortHeader>
              </>
            )}
            <SortHeader name="plans" {...{ order, sort }}>
              What to do
            </SortHeader>
          </tr>
        </thead>
        <tbody>
          {shown.map((place) => (
            <Row key={main.categories[place].key} place={place} by={by} />
          ))}
          {!found.length && (
            <tr>
              <td colSpan={5}>No category matches. Clear the filter to see all.</td>
            </tr>
          )}
        </tbody>
      </table>
      {shown.length < found.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {count(found.length)} categories
        </button>
      )}
      {hasSales() && (
        <p class="small soft explanation">
          <b>Captured</b>: share of the store-to-store difference in what sells that the clusters
          explain, weighted by sales. <b>How sure</b>: share of stores that land in the same mix
          whether judged by one half of their sales or by the other, beside what luck would give.
        </p>
      )}
    </section>
  );
}

function matching(text: string, kind: string): number[] {
  const wanted = text.trim().toLowerCase();
  return main.categories.flatMap((category, place) => {
    if (kind in KINDS && !KINDS[kind][1](category)) return [];
    const names = category.clusters.map((_, at) => nameNow(category, at));
    const all = [category.label, category.key, ...names].join("\n").toLowerCase();
    return all.includes(wanted) ? [place] : [];
  });
}

/** Lines may also break after a slash, which browsers do only within an address. */
const breakable = (label: string) =>
  label.split("/").flatMap((part, at) => (at ? ["/", <wbr key={at} />, part] : [part]));

function Row({ place, by }: { place: number; by: Measure }) {
  const category = main.categories[place];
  return (
    <tr class="row">
      <td class="name">
        <a href={`#/category/${addresses[place]}`} title={category.key}>
          {breakable(category.label)}
        </a>
        <div class="small soft number">
          {category.sales > 0 && `${money(category.sales)}, `}
          {plural(category.stores, "store")}
        </div>
      </td>
      <td>
        <ShareBar category={category} by={by} />
        <MixNames category={category} />
      </td>
      {hasSales() && (
        <>
          <td class="number captured" data-label="Captured">
            {category.captured == null ? NONE : percent(category.captured)}
          </td>
          <td>
            <Sureness plan={category.plan} />
            <div class="small soft">{sureNumbers(category.plan)}</div>
          </td>
        </>
      )}
      <td>
        <span class="strong">{toDo(category)}</span>
        <div class="small soft">
          {category.plan.because}
          {category.plan.look > 0 && ` Look at ${plural(category.plan.look, "store")}.`}
        </div>
      </td>
    </tr>
  );
}
