// The evidence for those who ask: folded, in the statistician's words.
import type { Category, Evidence as Facts } from "../../data/types";
import { count } from "../../data/words";

export function Evidence({ category, evidence }: { category: Category; evidence: Facts }) {
  return (
    <details class="evidence">
      <summary>Evidence: why so many clusters, how stable, by which rule</summary>
      <dl class="pairs">
        {evidence.rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {Object.keys(evidence.selection).length > 0 && (
        <>
          <h3>Candidates for the number of mixes</h3>
          <Columns table={evidence.selection} />
        </>
      )}
      {Object.keys(evidence.splits).length > 0 && (
        <>
          <h3>Does splitting by surroundings add anything?</h3>
          <Columns table={evidence.splits} />
        </>
      )}
      {evidence.descriptions.length > 0 && (
        <>
          <h3>Rules that find the stores of each internal cluster</h3>
          <ul>
            {evidence.descriptions.map(({ cluster, rule, coverage, precision }) => (
              <li key={cluster}>
                <b>{cluster}</b>: <code>{rule}</code>{" "}
                <span class="soft small">
                  coverage {(coverage * 100).toFixed(0)}%, precision {(precision * 100).toFixed(0)}%
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="small soft">
        <a href="#/data">What these words mean</a>. Category key <code>{category.key}</code>
      </p>
    </details>
  );
}

/** A table given column by column; empty columns are left out. */
function Columns({ table }: { table: Record<string, (number | string | boolean | null)[]> }) {
  const names = Object.keys(table).filter((name) => table[name].some((value) => value !== null));
  const rows = names.length ? table[names[0]].length : 0;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of figures">
      <table class="figures">
        <thead>
          <tr>
            {names.map((name) => (
              <th scope="col" class="number" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {names.map((name) => (
                <td class="number" key={name}>
                  {written(table[name][row])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function written(value: number | string | boolean | null): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "yes" : "";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  const text = Number.isInteger(value) || size >= 1000 ? count(size) : size.toPrecision(4);
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
}
