// One category: what came out, what differs, who shops there, which stores, and why.
import { useEffect, useState } from "preact/hooks";
import { ComparisonBlocks, ComparisonTable, hasRoom, type Level, scale } from "../charts/Comparison";
import { Flow } from "../charts/Flow";
import { Sureness } from "../charts/marks";
import { StoreMap } from "../charts/StoreMap";
import { placements, profiles } from "../data/blocks";
import type { Category as Shown } from "../data/types";
import { money, percent, plural, points, toDo, VERDICTS } from "../data/words";
import { addresses, categoryAt, main } from "../model";
import { remember, route } from "../route";
import { Evidence } from "./category/Evidence";
import { StoreList } from "./category/StoreList";
import { Traits } from "./category/Traits";
import { Group, Worth } from "./category/Worth";

export function Category() {
  const { name, query } = route.value;
  const place = categoryAt(name);
  if (place === undefined)
    return (
      <div class="wrap">
        <h1>No category {name}</h1>
        <p>
          <a href="#/">All categories</a>
        </p>
      </div>
    );
  const category = main.categories[place];
  const rows = placements(place);
  const hasMixes = category.clusters.length > category.mixes.length;
  const wanted = query.get("level") ?? (hasRoom(category.clusters.length) ? "" : "mixes");
  const level: Level = hasMixes && wanted === "mixes" ? "mixes" : "clusters";
  const profile = profiles()[place];
  return (
    <div class="wrap" key={category.key}>
      <Crumbs place={place} />
      <div>
        <h1 title={category.key}>{category.label}</h1>
        <p class="soft number">
          {plural(category.stores, "store")}
          {category.sales > 0 &&
            `, ${money(category.sales)}, rank ${place + 1} of ${main.categories.length} by sales`}
        </p>
      </div>
      <Answer category={category} />
      <Worth category={category} />
      <Group category={category} />
      {profile.features.length > 0 && (
      <section aria-labelledby="differences">
        <div class="heading">
          <div>
            <h2 id="differences">What sells more and less in each cluster</h2>
            <p class="soft">
              Points of sales share against all {plural(category.stores, "store")}; small figure:
              index, 100 = as in all. All bars share one scale,{" "}
              {points(scale(category, profile), 0).replace("+", "±")} points.
            </p>
          </div>
          {hasMixes && (
            <div class="switch end" role="group" aria-label="Compare">
              {(["mixes", "clusters"] as const).map((one) => (
                <button
                  type="button"
                  key={one}
                  aria-pressed={level === one}
                  onClick={() =>
                    remember(`category/${addresses[place]}`, {
                      level: one,
                    })
                  }
                >
                  {category[one].length} {one}
                </button>
              ))}
            </div>
          )}
        </div>
        <Legend />
        <Comparison {...{ category, profile, level }} />
      </section>
      )}
      <Traits category={category} profile={profile} place={place} />
      <StoreMap category={category} rows={rows} />
      <StoreList place={place} rows={rows} />
      {hasMixes && (
        <section aria-labelledby="made">
          <div class="heading">
            <div>
              <h2 id="made">How these clusters were made</h2>
              <p class="soft">
                {plural(category.mixes.length, "mix")} (rows) were split by
                surroundings (columns)
                {category.floor != null &&
                  `, as long as every piece keeps at least ${plural(category.floor, "store")}`}
                . Cells of one colour are one final cluster; striped stores joined a neighbour.
              </p>
            </div>
          </div>
          <div class="scroll" tabIndex={0} role="region" aria-label="How the clusters were made">
            <Flow category={category} rows={rows} surroundings={main.surroundings} />
          </div>
        </section>
      )}
      <Evidence category={category} evidence={rows.evidence} />
    </div>
  );
}

function Crumbs({ place }: { place: number }) {
  const [before, after] = [main.categories[place - 1], main.categories[place + 1]];
  return (
    <p class="crumbs small">
      <a href="#/">All categories</a>
      <span class="end">
        {before && <a href={`#/category/${addresses[place - 1]}`}>← {before.label}</a>}
        {before && after && " | "}
        {after && <a href={`#/category/${addresses[place + 1]}`}>{after.label} →</a>}
      </span>
    </p>
  );
}

/** What came out, how sure, what to do. */
export function Answer({ category }: { category: Shown }) {
  const { mixes, clusters, plan, captured, few, fewSales, unsold, gaps } = category;
  const of = plural(mixes.length, "mix");
  return (
    <div class="answer">
      <div>
        <h2>What came out</h2>
        <p class="big">
          {clusters.length === 1
            ? "All stores together"
            : captured == null
              ? plural(clusters.length, "cluster")
              : clusters.length === mixes.length
              ? `${of}, one cluster each`
              : `${of}, ${plural(clusters.length, "cluster")} once surroundings are added`}
        </p>
        <p class="small soft">
          {captured != null &&
            clusters.length > 1 &&
            `They capture ${percent(captured)} of the store-to-store difference in what sells. `}
          {few > 0 &&
            `${plural(few, "store")} sold too little to judge alone ` +
              `(${percent(fewSales / (category.sales || 1))} of sales) and ` +
              `${few === 1 ? "was" : "were"} placed beside the most similar. `}
          {unsold > 0 && category.sales > 0 && `${plural(unsold, "store")} sold nothing here. `}
          {gaps}
        </p>
      </div>
      <div>
        <h2>How sure</h2>
        <p class="big">
          <Sureness plan={plan} />
        </p>
        <p class="small soft">
          {plan.agreement != null &&
            `${percent(plan.agreement)} of stores land in the same mix by either half of their ` +
              `sales; luck gives ${percent(plan.chance)}. `}
          {category.verdict && VERDICTS[category.verdict]}
          {category.sales > 0 || "Without sales there are no halves to compare."}
        </p>
      </div>
      <div>
        <h2>What to do</h2>
        <p class="big">{toDo(category)}</p>
        <p class="small soft">
          {plan.because}{" "}
          {plan.look > 0 && (
            <a href="#stores-of-category">
              Look at {plural(plan.look, "store")} that could as well belong next door.
            </a>
          )}
        </p>
      </div>
    </div>
  );
}

const Legend = () => (
  <p class="legend" aria-hidden="true">
    <span>
      <i class="more" />
      sells more here
    </span>
    <span>
      <i class="less" />
      sells less here
    </span>
    <span>grey: under 1 point, or a cluster with under 2% of sales</span>
  </p>
);

const NARROW = "(max-width: 900px)";

function Comparison(props: Parameters<typeof ComparisonTable>[0]) {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const follow = () => setNarrow(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  if (narrow) return <ComparisonBlocks {...props} />;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What sells in each cluster">
      <ComparisonTable {...props} />
    </div>
  );
}
