// How internal and external clusters made the final ones: a grid of store counts, no crossing lines.
import { clusterColour } from "../data/colours";
import type { Category, Placements, Surrounding } from "../data/types";
import { count } from "../data/words";

interface Cell {
  cluster: number;
  stores: number;
  joined: boolean; // came here because their own cell was too small
}

/** Store counts by mix (rows) and surroundings (columns). */
export function cells(category: Category, rows: Placements): Map<string, Cell[]> {
  const joined = new Set(rows.joined);
  const found = new Map<string, Cell[]>();
  rows.final.forEach((cluster, row) => {
    const key = `${category.clusters[cluster].mix}/${rows.external[row] ?? "-"}`;
    const list = found.get(key) ?? [];
    found.set(key, list);
    const isJoined = joined.has(row);
    const same = list.find((cell) => cell.cluster === cluster && cell.joined === isJoined);
    if (same) same.stores++;
    else list.push({ cluster, stores: 1, joined: isJoined });
  });
  return found;
}

interface Props {
  category: Category;
  rows: Placements;
  surroundings: Surrounding[];
}

export function Flow({ category, rows, surroundings }: Props) {
  const found = cells(category, rows);
  const unknown = [...found.keys()].some((key) => key.endsWith("/-"));
  const across = [
    ...surroundings.map(({ cluster, name }) => ({ key: String(cluster), name })),
    ...(unknown ? [{ key: "-", name: "not known" }] : []),
  ].filter(({ key }) => category.mixes.some((_, mix) => found.has(`${mix}/${key}`)));
  return (
    <table class="flow">
      <caption class="hidden">Stores of each mix by surroundings, with their final cluster</caption>
      <thead>
        <tr>
          <td />
          {across.map(({ key, name }) => (
            <th scope="col" key={key}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {category.mixes.map(({ letter, name }, mix) => (
          <tr key={letter}>
            <th scope="row">
              <b>{letter}</b> {name}
            </th>
            {across.map(({ key }) => (
              <td key={key}>
                {(found.get(`${mix}/${key}`) ?? []).map((cell) => (
                  <span
                    key={`${cell.cluster}${cell.joined}`}
                    class={cell.joined ? "joined" : undefined}
                    style={{ backgroundColor: clusterColour(category.clusters[cell.cluster]) }}
                    title={cell.joined ? "joined a neighbour: too few stores" : undefined}
                  >
                    <b>{count(cell.stores)}</b>
                    {category.clusters[cell.cluster].code}
                  </span>
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
