// One store: its cluster in every category, what would move it, and the stores most alike.
import { useState } from "preact/hooks";
import { Chip, Clarity, DivergingBar, MixChip } from "../charts/marks";
import { placeOf, placements, profiles, storeDetails } from "../data/blocks";
import type { Category, Placements } from "../data/types";
import { attributeValue, clarity, count, money, percent, plural } from "../data/words";
import { edits, editing, nameNow, placesAfter } from "../edits/edits";
import { MoveDialog } from "../edits/dialogs";
import { categoryHref, hasSales, main, storeAt, storeHref, surroundingsOf } from "../model";
import { route } from "../route";

interface Member {
  place: number; // of the category
  category: Category;
  rows: Placements;
  row: number;
}

/** The categories a store is in, largest sales first. */
export function memberships(store: number): Member[] {
  const found: Member[] = [];
  for (const [place, category] of main.categories.entries()) {
    const rows = placements(place);
    const row = placeOf(rows, store);
    if (row !== undefined) found.push({ place, category, rows, row });
  }
  return found.sort((a, b) => b.rows.sales[b.row] - a.rows.sales[a.row]);
}

/** Stores that share the most final clusters with this one: place, shared, categories in common. */
export function alike(store: number, members: Member[]): [number, number, number][] {
  const shared = new Map<number, number>();
  const common = new Map<number, number>();
  for (const { rows, row } of members) {
    const own = rows.final[row];
    const unsold = new Set(rows.unsold);
    if (unsold.has(row)) continue;
    rows.store.forEach((other, at) => {
      if (unsold.has(at)) return;
      common.set(other, (common.get(other) ?? 0) + 1);
      if (rows.final[at] === own) shared.set(other, (shared.get(other) ?? 0) + 1);
    });
  }
  shared.delete(store);
  return [...shared]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, 5)
    .map(([other, times]) => [other, times, common.get(other)!]);
}

const FIRST = 40;

export function Store() {
  const { name } = route.value;
  const store = storeAt(name);
  if (store === undefined)
    return (
      <div class="wrap">
        <h1>No store {name}</h1>
        <p>
          <a href="#/stores">All stores</a>
        </p>
      </div>
    );
  const members = memberships(store);
  const clear = members.filter(({ rows, row }) => clarity(rows, row) === "clear");
  const sold = members.filter(({ rows, row }) => !rows.unsold.includes(row)).length;
  const surroundings = surroundingsOf(store);
  return (
    <div class="wrap" key={store}>
      <p class="small">
        <a href="#/stores">All stores</a>
      </p>
      <h1>Store {main.stores.number[store]}</h1>
      {hasSales() && (
        <p class="lede">
          This store sells in {count(sold)} of {plural(members.length, "category")}; in{" "}
          <b>{count(clear.length)}</b> its cluster is clear.
        </p>
      )}
      <dl class="facts">
        {hasSales() && (
          <div>
            <dt>sales in all categories</dt>
            <dd>{money(main.stores.sales[store])}</dd>
          </div>
        )}
        {surroundings && (
          <div>
            <dt>surroundings</dt>
            <dd>{surroundings}</dd>
          </div>
        )}
      </dl>
      <div class="two">
        <Clusters members={members} />
        <aside>
          {hasSales() && <AlikeInSales store={store} members={members} />}
          <AlikeInSurroundings store={store} />
          <Attributes store={store} />
        </aside>
      </div>
    </div>
  );
}

function Clusters({ members }: { members: Member[] }) {
  const [isWhole, setWhole] = useState(false);
  const [moving, setMoving] = useState<Member | null>(null);
  const shown = isWhole ? members : members.slice(0, FIRST);
  return (
    <section aria-labelledby="clusters">
      <h2 id="clusters">Its cluster in each category</h2>
      <table class="stacked of-store">
        <colgroup>
          {[1, 2, 3, 4, 5].map((column) => (
            <col key={column} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">Category</th>
            <th scope="col">Cluster</th>
            {hasSales() && (
              <>
                <th scope="col" class="number">
                  Sales
                </th>
                <th scope="col">How clear</th>
                <th scope="col">Would move to, if</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((member) => (
            <tr key={member.place}>
              <td>
                <a href={categoryHref(member.place)}>{member.category.label}</a>
              </td>
              <td class="wide">
                <Now member={member} />
                {editing.value && (
                  <button type="button" class="tiny" onClick={() => setMoving(member)}>
                    Move, pin, leave out
                  </button>
                )}
              </td>
              {hasSales() && (
                <>
                  <td class="number">{money(member.rows.sales[member.row])}</td>
                  <td class="small">
                    <Clarity rows={member.rows} row={member.row} />
                  </td>
                  <td class="small soft wide">
                    <Move member={member} />
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < members.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(members.length, "category")}
        </button>
      )}
      {moving && <MoveDialog {...moving} close={() => setMoving(null)} />}
    </section>
  );
}

function Now({ member: { category, rows, row } }: { member: Member }) {
  const own = edits.value.some((edit) => edit.category === category.key || !edit.category);
  const cluster = own ? placesAfter(category, rows, main.stores.number)[row] : rows.final[row];
  if (cluster < 0) return <span class="soft">left out</span>;
  return (
    <>
      <Chip category={category} cluster={cluster} small />{" "}
      {rows.space?.[row] && <b class="small">{rows.space[row]} </b>}
      <span class="small">{nameNow(category, cluster)}</span>
    </>
  );
}

/** The need state that keeps a store where it is: its share now, and in the next mix. */
function Move({ member: { place, category, rows, row } }: { member: Member }) {
  const [next, feature, share] = [rows.next[row], rows.feature[row], rows.share[row]];
  if (next == null) return <>–</>;
  const profile = profiles()[place];
  const target = feature == null ? null : profile.mixMean[next][feature];
  return (
    <>
      <MixChip category={category} mix={next} />{" "}
      {feature == null || share == null || target == null
        ? "several need states shifted a little"
        : `${profile.features[feature][1]} went from ${fromTo(share, target)}`}
    </>
  );
}

/** Two shares, with as many digits as tell them apart. */
function fromTo(share: number, target: number): string {
  const [now, then] = [percent(share), percent(target)];
  if (Math.abs(share - target) >= 0.01 && now !== then) return `${now} toward ${then}`;
  return `${(share * 100).toFixed(1)}% toward ${(target * 100).toFixed(1)}%`;
}

function AlikeInSales({ store, members }: { store: number; members: Member[] }) {
  return (
    <section aria-labelledby="alike">
      <h2 id="alike">Most alike in what sells</h2>
      <p class="small soft">Stores that share most clusters with it.</p>
      <ul class="plain">
        {alike(store, members).map(([other, shared, common]) => (
          <li key={other}>
            <a href={storeHref(other)}>{main.stores.number[other]}</a>{" "}
            <span class="small soft">
              same cluster in {shared} of {common}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AlikeInSurroundings({ store }: { store: number }) {
  const details = storeDetails();
  const links = details.alike[store] ?? [];
  const near = details.near?.[store] ?? [];
  return (
    <>
      {links.length > 0 && (
        <section aria-labelledby="alike-surroundings">
          <h2 id="alike-surroundings">Most alike in surroundings</h2>
          <p>
            {links.map((other, at) => (
              <span key={other}>
                {at > 0 && ", "}
                <a href={storeHref(other)}>{main.stores.number[other]}</a>
              </span>
            ))}
          </p>
        </section>
      )}
      <section aria-labelledby="near">
        <h2 id="near">Nearest on the map</h2>
        {details.near ? (
          <ul class="plain">
            {near.map(([other, kilometres]) => (
              <li key={other}>
                <a href={storeHref(other)}>{main.stores.number[other]}</a>{" "}
                <span class="small soft">{kilometres.toFixed(kilometres < 10 ? 1 : 0)} km</span>
              </li>
            ))}
            {!near.length && <li class="small soft">This store has no coordinates.</li>}
          </ul>
        ) : (
          <p class="small soft">
            The attribute files hold no coordinates. Add LATITUDE and LONGITUDE to see neighbours
            and a map.
          </p>
        )}
      </section>
    </>
  );
}

function Attributes({ store }: { store: number }) {
  const { attributes, values } = storeDetails();
  const known = attributes.filter((_, at) => values[at][store] != null);
  if (!known.length) return null;
  return (
    <section aria-labelledby="attributes">
      <h2 id="attributes">Traits against all stores</h2>
      {attributes.map((attribute, at) => {
        const value = values[at][store];
        // of a trait that a store has or has not, what it has not is told by what it has
        if (value == null || (value === 0 && attribute.raw.includes("="))) return null;
        return (
          <div class="trait" key={attribute.raw}>
            <span title={attribute.raw}>{attribute.label}</span>
            <span class="number">
              {attribute.form === "yes" ? (value ? "yes" : "no") : attributeValue(attribute, value)}{" "}
              <span class="soft">
                ({attributeValue(attribute, attribute.mean)}
                {attribute.form === "yes" && " of all"})
              </span>
            </span>
            <DivergingBar
              value={attribute.deviation ? (value - attribute.mean) / attribute.deviation : 0}
              most={2.5}
            />
          </div>
        );
      })}
    </section>
  );
}
