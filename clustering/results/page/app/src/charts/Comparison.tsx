// What sells more and less in each cluster: one scale, one row a need state, one column a cluster.
import { clusterColour, mixColour } from "../data/colours";
import type { Category, Profile } from "../data/types";
import { count, index, LEAST_SALES, percent, plural, points } from "../data/words";
import { nameNow } from "../edits/edits";
import { DivergingBar } from "./marks";

export type Level = "mixes" | "clusters";

export interface Column {
  code: string;
  mix: number;
  name: string;
  whole: string; // its full name, where there is no heading of its mix above it
  stores: number;
  share: number; // of sales
  mean: number[];
  index: (number | null)[];
  colour: string;
}

/** The columns of the comparison at either level. */
export function columns(category: Category, profile: Profile, level: Level): Column[] {
  const whole = category.sales || 1;
  const isSplit = category.mixes.length > 1 && category.clusters.length > category.mixes.length;
  if (level === "clusters")
    return category.clusters.map((cluster, at) => ({
      code: cluster.code,
      mix: cluster.mix,
      name: cluster.surroundings || (isSplit ? "all surroundings" : ""),
      whole: nameNow(category, at),
      stores: cluster.stores,
      share: cluster.sales / whole,
      mean: profile.mean[at],
      index: profile.index[at],
      colour: clusterColour(cluster),
    }));
  return category.mixes.map((mix, at) => {
    const own = category.clusters.filter((cluster) => cluster.mix === at);
    return {
      code: mix.letter,
      mix: at,
      name: "",
      whole: mix.name,
      stores: own.reduce((total, cluster) => total + cluster.stores, 0),
      share: own.reduce((total, cluster) => total + cluster.sales, 0) / whole,
      mean: profile.mixMean[at],
      index: profile.mixIndex[at],
      colour: mixColour(at),
    };
  });
}

/** The scale of a category: set by clusters that matter, the same at both levels. */
export function scale(category: Category, profile: Profile): number {
  const shown = columns(category, profile, "clusters").filter(({ share }) => share >= LEAST_SALES);
  const differences = shown.flatMap(({ mean }) =>
    mean.map((value, feature) => Math.abs(value - profile.overall[feature])),
  );
  return Math.max(0.05, ...differences);
}

const width = (count: number) => NAMES + count * COLUMN;
const [NAMES, COLUMN, WIDEST] = [176, 64, 1200];

/** Whether a column for each of so many clusters has room on the screen. */
export const hasRoom = (count: number) => width(count) <= Math.min(WIDEST, innerWidth - COLUMN);

interface Props {
  category: Category;
  profile: Profile;
  level: Level;
}

/** The wide form: a table. */
export function ComparisonTable({ category, profile, level }: Props) {
  const shown = columns(category, profile, level);
  const most = scale(category, profile);
  const starts = shown.map((column, at) => at > 0 && shown[at - 1].mix !== column.mix);
  return (
    <table class="comparison" style={{ minWidth: `${width(shown.length)}px` }}>
      <caption class="hidden">
        Share of each need state in each cluster, in points above or below all stores, with index
      </caption>
      <colgroup>
        <col style={{ width: shown.length > 8 ? "176px" : "210px" }} />
        {shown.map(({ code }) => (
          <col key={code} />
        ))}
      </colgroup>
      <thead>
        <MixHeadings category={category} shown={shown} />
        <tr>
          <th scope="col" class="small">
            Need state <span class="soft nowrap">(share in all)</span>
          </th>
          {shown.map((column, at) => (
            <th scope="col" key={column.code} class={starts[at] ? "cluster starts" : "cluster"}>
              {level === "clusters" && <b>{column.code}</b>} {column.name}
              <small>
                {plural(column.stores, "store")}
                <br />
                {percent(column.share)} of sales
              </small>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {profile.features.map(([raw, label], feature) => (
          <tr key={raw}>
            <th scope="row" title={raw}>
              {label}{" "}
              <span class="soft nowrap number">{percent(profile.overall[feature])}</span>
            </th>
            {shown.map((column, at) => (
              <td key={column.code} class={starts[at] ? "starts" : undefined}>
                <Difference {...{ column, profile, feature, most }} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MixHeadings({ category, shown }: { category: Category; shown: Column[] }) {
  return (
    <tr>
      <td />
      {category.mixes.map(({ letter, name }, mix) => (
        <th
          scope="colgroup"
          key={letter}
          colSpan={Math.max(1, shown.filter((column) => column.mix === mix).length)}
          class={mix ? "mix-heading starts" : "mix-heading"}
        >
          <span style={{ background: mixColour(mix) }}>
            {letter}&ensp;{name}
          </span>
        </th>
      ))}
    </tr>
  );
}

interface DifferenceProps {
  column: Column;
  profile: Profile;
  feature: number;
  most: number;
}

function Difference({ column, profile, feature, most }: DifferenceProps) {
  const difference = column.mean[feature] - profile.overall[feature];
  const isSmall = column.share < LEAST_SALES;
  const muted = Math.abs(difference) < 0.01 || isSmall;
  return (
    <span
      class={`difference${muted ? " muted" : ""}${isSmall ? " faint" : ""}`}
      title={
        `${column.code}, ${profile.features[feature][1]}: ` +
        `${(column.mean[feature] * 100).toFixed(1)}% of sales, ` +
        `all stores ${(profile.overall[feature] * 100).toFixed(1)}%`
      }
    >
      <em>{points(difference)}</em>
      <u>{index(column.index[feature])}</u>
      <DivergingBar value={difference} most={most} />
    </span>
  );
}

const MOST_ROWS = 5;

/** The narrow form: a block a cluster, with its largest differences. */
export function ComparisonBlocks({ category, profile, level }: Props) {
  const most = scale(category, profile);
  return (
    <>
      {columns(category, profile, level).map((column) => (
        <div class="block" key={column.code}>
          <h3>
            <span class="chip" style={{ background: column.colour }}>
              {column.code}
            </span>{" "}
            <span class="name">{column.whole}</span>
          </h3>
          <p class="small soft number">
            {count(column.stores)} stores, {percent(column.share)} of sales
          </p>
          {largest(column, profile).map((feature) => {
            const difference = column.mean[feature] - profile.overall[feature];
            return (
              <div
                class={column.share < LEAST_SALES ? "block-row faint" : "block-row"}
                key={feature}
              >
                <span title={profile.features[feature][0]}>{profile.features[feature][1]}</span>
                <DivergingBar value={difference} most={most} />
                <span class="value">
                  {points(difference)} <u>{index(column.index[feature])}</u>
                </span>
              </div>
            );
          })}
        </div>
      ))}
    </>
  );
}

const largest = (column: Column, { overall }: Profile) =>
  overall
    .map((_, feature) => feature)
    .sort((a, b) => Math.abs(column.mean[b] - overall[b]) - Math.abs(column.mean[a] - overall[a]))
    .slice(0, MOST_ROWS);
