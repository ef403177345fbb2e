// Who shops in each cluster: attributes that differ beyond chance, typical stores, boundary stores.
import { useState } from "preact/hooks";
import { Chip, DivergingBar, MixChip } from "../../charts/marks";
import { clusterColour } from "../../data/colours";
import { placements, storeDetails } from "../../data/blocks";
import type { Category, Profile } from "../../data/types";
import { attributeValue, percent, plural } from "../../data/words";
import { editing, nameNow } from "../../edits/edits";
import { RenameDialog } from "../../edits/dialogs";
import { main, storeHref } from "../../model";

interface Props {
  category: Category;
  profile: Profile;
  place: number;
}

export function Traits({ category, profile, place }: Props) {
  const [renamed, setRenamed] = useState<number | null>(null);
  return (
    <section aria-labelledby="traits">
      <div class="heading">
        <div>
          <h2 id="traits">Who shops in each cluster</h2>
          <p class="soft">
            Only traits that differ from the other stores beyond chance. Bars in standard
            deviations.
          </p>
        </div>
      </div>
      <div class="cards">
        {category.clusters.map((cluster, at) => (
          <div class="card" key={cluster.code} style={{ borderColor: clusterColour(cluster) }}>
            <h3>
              <Chip category={category} cluster={at} />
              <span class="name">{nameNow(category, at)}</span>
            </h3>
            <p class="small soft number">
              {plural(cluster.stores, "store")}
              {category.sales > 0 && `, ${percent(cluster.sales / category.sales)} of sales`}
            </p>
            {editing.value && (
              <button type="button" class="tiny" onClick={() => setRenamed(at)}>
                Rename
              </button>
            )}
            <TraitRows traits={profile.traits[at]} />
            <Stores title="Typical stores" stores={profile.typical[at]} />
            {profile.boundary[at].length > 0 && (
              <>
                <p class="small soft label">Nearest to another mix</p>
                <p class="number">
                  {profile.boundary[at].map(([store, mix], place) => (
                    <span key={store}>
                      {place > 0 && ", "}
                      <a href={storeHref(store)}>{main.stores.number[store]}</a> (or{" "}
                      <MixChip category={category} mix={mix} />)
                    </span>
                  ))}
                </p>
              </>
            )}
          </div>
        ))}
      </div>
      {renamed !== null && (
        <RenameDialog
          category={category}
          cluster={renamed}
          rows={placements(place)}
          close={() => setRenamed(null)}
        />
      )}
    </section>
  );
}

function TraitRows({ traits }: { traits: Profile["traits"][number] }) {
  if (!traits.length) return <p class="small soft label">No marked surroundings.</p>;
  const { attributes } = storeDetails();
  return (
    <div class="label">
      {traits.map(({ attribute, mean, overall, deviations }) => (
        <div class="trait" key={attribute}>
          <span title={attributes[attribute].raw}>{attributes[attribute].label}</span>
          <span class="number">
            {attributeValue(attributes[attribute], mean)}{" "}
            <span class="soft">(all {attributeValue(attributes[attribute], overall)})</span>
          </span>
          <DivergingBar value={deviations ?? 0} most={1.5} />
        </div>
      ))}
    </div>
  );
}

const Stores = ({ title, stores }: { title: string; stores: number[] }) =>
  stores.length ? (
    <>
      <p class="small soft label">{title}</p>
      <p class="number">
        {stores.map((store, place) => (
          <span key={store}>
            {place > 0 && ", "}
            <a href={storeHref(store)}>{main.stores.number[store]}</a>
          </span>
        ))}
      </p>
    </>
  ) : null;
