// How many plans in all categories together, and what fewer would cost.
import { useState } from "preact/hooks";
import { curve, leastPlans, plansNow, proposal, worthNow } from "../data/budget";
import type { Budget } from "../data/types";
import { count, money, percent, plural, shortMoney } from "../data/words";
import { categoryHref, main } from "../model";
import { remember, route } from "../route";

const FIRST = 25;

export function Plans() {
  const { budget } = main;
  return (
    <div class="wrap">
      <h1>How many plans in all?</h1>
      {budget ? (
        <Shared budget={budget} />
      ) : (
        <p class="lede">
          What plans are worth is not known: it needs sales in two periods, or of single products.
        </p>
      )}
    </div>
  );
}

function Shared({ budget }: { budget: Budget }) {
  const [least, now] = [leastPlans(budget), plansNow(budget)];
  const asked = Number(route.value.query.get("n")) || Math.max(least, Math.round(now / 2));
  const plans = Math.min(now, Math.max(least, asked));
  const found = proposal(budget, plans);
  const whole = worthNow(budget);
  const set = (value: number) => remember("plans", { n: String(value) });
  return (
    <>
      <p class="lede">
        With a plan for each final cluster, this run has <b>{plural(now, "plan")}</b>. In sales they
        were not made from, they meet about <b>{shortMoney(whole)}</b> more of the demand than one
        plan per category.
      </p>
      <div class="tools-row budget">
        <label class="field">
          Plans in all
          <input
            type="number"
            min={least}
            max={now}
            value={plans}
            onChange={(event) => set(Number(event.currentTarget.value))}
          />
        </label>
        <input
          type="range"
          aria-label="Plans in all"
          min={least}
          max={now}
          value={plans}
          onInput={(event) => set(Number(event.currentTarget.value))}
        />
      </div>
      <p class="big-answer" role="status">
        {found.used < plans && `More than ${found.used} would add nothing: `}
        {plural(found.used, "plan")}, best shared out, would be worth{" "}
        <b>{shortMoney(found.worth)}</b>
        {whole > 0 && ` (${percent(found.worth / whole)} of the worth now)`}.
      </p>
      <Curve budget={budget} plans={found.used} worth={found.worth} />
      <Fewer budget={budget} plans={found.plans} />
      <section aria-labelledby="how">
        <h2 id="how">Use this proposal</h2>
        <pre>
          clustering plans --budget {plans} --write conf/experiment/budget.yaml{"\n"}clustering run
          --config-dir conf experiment=budget
        </pre>
      </section>
      <section aria-labelledby="not">
        <h2 id="not">What these figures do not mean</h2>
        <ul class="not">
          <li>They are no forecast: unmet demand often goes to another product.</li>
          <li>They say nothing about prices, listings, or the cost of one more plan.</li>
          <li>
            They promise too much: the proposal takes the highest point of many uncertain figures.
          </li>
          <li>
            A run with fewer clusters can form other clusters than those that were joined here.
          </li>
        </ul>
      </section>
    </>
  );
}

const [WIDTH, HEIGHT, TOP] = [1000, 220, 16];

/** Total worth against number of plans: the best use of every number, this run, the choice. */
function Curve({ budget, plans, worth }: { budget: Budget; plans: number; worth: number }) {
  const points = curve(budget);
  const [least, now, whole] = [leastPlans(budget), plansNow(budget), worthNow(budget)];
  const best = points[points.length - 1];
  const most = Math.max(best[1], whole, 1e-9);
  const x = (value: number) => ((value - least) / Math.max(now - least, 1)) * WIDTH;
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - TOP);
  const path = [...points, [now, best[1]] as const]
    .map(([number, sum], at) => `${at ? "L" : "M"}${x(number).toFixed(1)} ${y(sum).toFixed(1)}`)
    .join("");
  const percentOf = (value: number) => `${(x(value) / WIDTH) * 100}%`;
  const label =
    `Worth of the best use of ${least} to ${now} plans: from 0 to ${money(best[1])}; ` +
    `${plans} plans: ${money(worth)}; this run, ${now} plans: ${money(whole)}`;
  return (
    <figure class="curve" role="img" aria-label={label}>
      <div class="curve-area">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} class="below" />
          <path d={path} class="line" />
        </svg>
        <Dot name="chosen" left={percentOf(plans)} top={y(worth)} />
        <Dot name="now" left={percentOf(now)} top={y(whole)} />
      </div>
      <div class="curve-foot small soft number" aria-hidden="true">
        <span>{count(least)} plans: one per category</span>
        <span>{count(now)} plans</span>
      </div>
      <figcaption class="small soft">
        Line: worth of the best use of every number of plans, {shortMoney(best[1])} at most (
        {count(best[0])} plans). Filled dot: the number above. Ring: this run as it is.
      </figcaption>
    </figure>
  );
}

const Dot = ({ name, left, top }: { name: string; left: string; top: number }) => (
  <i class={`dot ${name}`} style={{ left, top: `${(top / HEIGHT) * 100}%` }} />
);

/** The categories that would have fewer plans, those that are worth the most now first. */
function Fewer({ budget, plans }: { budget: Budget; plans: Map<number, number> }) {
  const [isWhole, setWhole] = useState(false);
  const rows = [...plans]
    .map(([place, after]) => {
      const worths = budget.curves[place];
      return { place, after, now: worths.length, worth: worths[worths.length - 1], left: worths[after - 1] };
    })
    .filter(({ after, now }) => after < now)
    .sort((a, b) => b.worth - a.worth || a.place - b.place);
  const shown = isWhole ? rows : rows.slice(0, FIRST);
  return (
    <section aria-labelledby="fewer">
      <div class="heading">
        <div>
          <h2 id="fewer">Categories that would have fewer plans</h2>
          {plans.size > rows.length && (
            <p class="soft">
              {plural(plans.size - rows.length, "category")}{" "}
              {plans.size - rows.length === 1 ? "keeps" : "keep"} as many plans as now.
            </p>
          )}
        </div>
      </div>
      {rows.length > 0 && (
        <table class="stacked pairs-table">
          <thead>
            <tr>
              <th scope="col">Category</th>
              <th scope="col" class="number">Plans now</th>
              <th scope="col" class="number">Plans</th>
              <th scope="col" class="number">Worth now</th>
              <th scope="col" class="number">Worth</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ place, now, after, worth, left }) => (
              <tr key={place}>
                <td class="whole">
                  <a href={categoryHref(place)}>{main.categories[place].label}</a>
                </td>
                <td class="number" data-label="plans now">{now}</td>
                <td class="number" data-label="plans">{after}</td>
                <td class="number" data-label="worth now">{money(worth)}</td>
                <td class="number" data-label="worth">{money(left)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < rows.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {plural(rows.length, "category")}
        </button>
      )}
    </section>
  );
}
