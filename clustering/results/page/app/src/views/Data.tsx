// What was read, what was set aside and why, the settings, and the words of this page.
import { count, money, NONE, percent } from "../data/words";
import { main } from "../model";

const WORDS: [string, string][] = [
  ["Need state", "What a product is bought for, from your map of products to need states."],
  ["Mix", "Stores whose sales split over the need states in a similar way. Letters A, B, C."],
  ["Surroundings", "Who shops there and what is around, from your attribute files."],
  ["Final cluster", "A mix, split by surroundings where enough stores remain: A1, A2, B …"],
  ["Points", "Share of sales here minus share in all stores."],
  ["Index", "Share here divided by share in all stores, times 100."],
  [
    "Captured",
    "How much of the store-to-store difference in what sells the clusters explain, weighted by sales.",
  ],
  [
    "How sure",
    "The sales are split in two halves. The more stores land in the same mix by either half, beyond luck, the surer.",
  ],
  ["On the fence", "Enough sales to judge, yet the two halves of its sales point to different mixes."],
  ["On trial", "The split is less than fairly sure: try it in a few stores before all."],
  [
    "Worth",
    "How much more of the demand a plan for each cluster meets than one plan, in sales the plans were not made from. No forecast.",
  ],
  ["Beyond chance", "A difference that random groups of the same sizes would rarely show."],
];
const EVIDENCE: [string, string][] = [
  ["R2", "Share of the differences between stores that the clusters explain: 0 nothing, 1 all."],
  [
    "Explained of unseen sales (held-out R2)",
    "The same, of a half of the sales that the clusters were not made from.",
  ],
  [
    "Silhouette",
    "How much nearer stores are to their own cluster than to the next: 1 far apart, 0 on the line.",
  ],
  [
    "BIC and ICL",
    "How well a statistical model fits, less a charge for every further mix. The lowest is best.",
  ],
  [
    "Calinski and Harabasz, Davies and Bouldin",
    "Two ways to set the distance between clusters against their spread.",
  ],
  ["Gap", "How much tighter the clusters are than those of random data."],
  ["p value", "How often random pieces of the same sizes would gain as much."],
  ["Standard error", "How far a figure would vary with another sample of sales."],
  ["Cramer's V, mutual information", "How closely two groupings go together: 0 not at all, 1 fully."],
  ["Coverage, precision", "Stores of the cluster that meet the rule; stores meeting it that are of the cluster."],
];

export function Data() {
  const { used, aside, settings, overrides, warnings } = main.data;
  return (
    <div class="wrap">
      <h1>Data and settings</h1>
      <div class="two">
        <section aria-labelledby="rows">
          <h2 id="rows">Rows read and set aside</h2>
          <table class="stacked">
            <thead>
              <tr>
                <th scope="col">Input</th>
                <th scope="col">What became of the rows</th>
                <th scope="col" class="number">
                  Rows
                </th>
                <th scope="col" class="number">
                  Share
                </th>
                <th scope="col" class="number">
                  Money
                </th>
              </tr>
            </thead>
            <tbody>
              {used.map((row) => (
                <Rows key={row.input} {...row} reason="used" />
              ))}
              {aside.map((row) => (
                <Rows key={`${row.input}/${row.reason}`} {...row} />
              ))}
            </tbody>
          </table>
          {!aside.length && <p class="small soft">No row was set aside.</p>}
        </section>
        <section aria-labelledby="settings">
          <h2 id="settings">Settings that shape the result</h2>
          <table class="settings">
            <tbody>
              {settings.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="small">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
      {warnings.length > 0 && (
        <details>
          <summary>Clusters that were too small to stand alone ({warnings.length})</summary>
          <ul class="small">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
      {overrides.length > 0 && (
        <section aria-labelledby="replayed">
          <h2 id="replayed">Edits replayed by this run</h2>
          <table>
            <thead>
              <tr>
                {["Edit", "Status", "Who", "Why", "Note"].map((title) => (
                  <th scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {overrides.map((row, at) => (
                <tr key={at}>
                  <td>{row.text}</td>
                  <td>{row.status}</td>
                  <td>{row.who}</td>
                  <td>{row.why}</td>
                  <td class="small soft">{row.note}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section aria-labelledby="words">
        <h2 id="words">Words used on this page</h2>
        <dl class="words">
          {WORDS.map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <details>
          <summary>Words of the evidence</summary>
          <dl class="words">
            {EVIDENCE.map(([word, meaning]) => (
              <div key={word}>
                <dt>{word}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </details>
      </section>
    </div>
  );
}

interface RowsProps {
  input: string;
  reason: string;
  rows: number;
  of: number;
  money: number | null;
}

const Rows = ({ input, reason, rows, of, money: amount }: RowsProps) => (
  <tr>
    <td>{input}</td>
    <td class="reason">{reason}</td>
    <td class="number after" data-label="rows">{count(rows)}</td>
    <td class="number">{of ? percent(rows / of) : NONE}</td>
    <td class="number">{amount == null ? NONE : money(amount)}</td>
  </tr>
);
