// Numbers and judgements in words, the same on every view.
import type { Attribute, Category, Placements, Plan } from "./types";

const grouped = new Intl.NumberFormat("en-US");
export const NONE = "–";
let currency = "$";

/** Use the retailer's currency sign from here on. */
export const useCurrency = (sign: string) => {
  currency = sign;
};

export const count = (value: number) => grouped.format(Math.round(value));
export const plural = (value: number, word: string) =>
  `${count(value)} ${value === 1 ? word : several(word)}`;
const several = (word: string) =>
  word.endsWith("y") ? `${word.slice(0, -1)}ies` : word + (word.endsWith("x") ? "es" : "s");
export const money = (value: number) =>
  (Math.round(value) < 0 ? "−" : "") + currency + count(Math.abs(value));

/** $4.59M, $182k, $905. */
export function shortMoney(value: number): string {
  if (Math.abs(value) >= 1e6) return `${currency}${(value / 1e6).toFixed(2)}M`;
  return Math.abs(value) >= 1e4 ? `${currency}${count(value / 1e3)}k` : money(value);
}

/** A share without decimals; never 0% or 100% of what is neither. */
export function percent(share: number | null | undefined): string {
  if (share == null) return NONE;
  if (share > 0 && share < 0.01) return "<1%";
  if (share < 1 && share > 0.99) return ">99%";
  return `${Math.round(share * 100)}%`;
}

/** A probability: a model is never certain. */
export const chance = (value: number | null) =>
  value == null ? NONE : value >= 0.995 ? ">99%" : percent(value);

/** Percentage points with a true minus. */
export function points(value: number, digits = 1): string {
  const size = Math.abs(value * 100).toFixed(digits);
  return `${Number(size) === 0 ? "±" : value > 0 ? "+" : "−"}${size}`;
}

export const index = (value: number | null) =>
  value == null ? "" : value > 999 ? ">999" : String(Math.round(value));

export const lower = (text: string) =>
  /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
export const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A value of an attribute, as its own kind writes it. */
export function attributeValue(attribute: Attribute, value: number | null): string {
  if (value == null) return NONE;
  if (attribute.form === "number") {
    return new Intl.NumberFormat("en-US", {
      minimumFractionDigits: attribute.digits,
      maximumFractionDigits: attribute.digits,
    }).format(value);
  }
  const share = value * 100;
  return `${share.toFixed(share !== 0 && Math.abs(share) < 5 ? 1 : 0)}%`;
}

/** Whether there are gaps between the mixes. */
export const VERDICTS: Record<string, string | undefined> = {
  groups: "The mixes are separate groups.",
  continuum: "There are no gaps between the mixes: the lines cut a gradual change.",
  too_few_stores: "Too few stores to tell groups apart.",
  all_alike: "All stores sell the same mix.",
};

export const SURENESS = ["unsure", "rather unsure", "fairly sure", "sure"] as const;

/** 1 (unsure) to 4 (sure); 0 where there was nothing to split. */
export const sureness = (plan: Plan) => (plan.sureness ? SURENESS.indexOf(plan.sureness) + 1 : 0);
export const sureWord = (plan: Plan) => upper(plan.sureness ?? (plan.kind === "one" ? "not split" : "not judged"));

/** "58% repeat, 26% by luck". */
export const sureNumbers = (plan: Plan) =>
  plan.agreement == null
    ? ""
    : `${percent(plan.agreement)} repeat, ${percent(plan.chance)} by luck`;

/** "4 plans, on trial". */
export function toDo({ plan }: Category): string {
  if (plan.kind === "one" || plan.plans <= 1) return "One plan will do";
  const onTrial = sureness(plan) > 0 && sureness(plan) < 3;
  return plural(plan.plans, "plan") + (onTrial ? ", on trial" : "");
}

/** How clear the place of a row is. */
export function clarity(rows: Placements, row: number): string {
  const probability = rows.probability[row];
  if (rows.unsold.includes(row)) return "sold nothing";
  if (rows.few.includes(row)) return "sold too little";
  if (rows.fence.includes(row)) return "on the fence";
  if (probability == null) return "not judged";
  return probability >= 0.9 ? "clear" : "likely";
}
export const LEAST_SALES = 0.02; // of a category: smaller clusters are shown muted
