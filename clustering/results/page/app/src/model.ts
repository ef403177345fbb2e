// The run that is shown, and how to find things in it.
import { readMain } from "./data/blocks";
import type { Main } from "./data/types";
import { useCurrency } from "./data/words";
import { slugs } from "./route";

export let main: Main;
export let addresses: string[] = [];
let byAddress = new Map<string, number>();
let byNumber = new Map<string, number>();
let byBareNumber = new Map<string, number>();

/** Read the run out of the page; tests give one of their own. */
export function load(given: Main = readMain()): Main {
  main = given;
  useCurrency(main.run.currency);
  addresses = slugs(main.categories);
  byAddress = new Map(addresses.map((slug, place) => [decodeURIComponent(slug), place]));
  byNumber = new Map(main.stores.number.map((number, place) => [number, place]));
  byBareNumber = new Map(main.stores.number.map((number, place) => [bare(number), place]));
  return main;
}

/** Without sales, attributes alone made the clusters. */
export const hasSales = () => main.run.sales > 0;
export const bare = (number: string) => number.replace(/^0+(?=.)/, "");
export const categoryAt = (address: string) => byAddress.get(address);
export const storeAt = (number: string) => byNumber.get(number) ?? byBareNumber.get(bare(number));
export const categoryHref = (place: number) => `#/category/${addresses[place]}`;
export const storeHref = (place: number) =>
  `#/store/${encodeURIComponent(main.stores.number[place])}`;
export const categoryOfKey = (key: string) => {
  const place = main.categories.findIndex((category) => category.key === key);
  return place < 0 ? undefined : place;
};

export interface Found {
  href: string;
  title: string;
  note: string;
}

const MOST_STORES = 8;
const MOST_CATEGORIES = 6;
const MOST_FOUND = 14;

/** Stores by any part of their number, categories and clusters by any part of their names. */
export function search(text: string, name: (category: number, cluster: number) => string): Found[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found = [...storesLike(wanted), ...categoriesLike(wanted)];
  for (const [place, category] of main.categories.entries()) {
    if (found.length >= MOST_FOUND) break;
    for (const [at, cluster] of category.clusters.entries()) {
      const title = `${cluster.code} ${name(place, at)}`;
      if (found.length < MOST_FOUND && title.toLowerCase().includes(wanted))
        found.push({ href: categoryHref(place), title, note: category.label });
    }
  }
  return found;
}

function storesLike(wanted: string): Found[] {
  const short = bare(wanted);
  const matches = main.stores.number
    .map((number, place) => ({ number: number.toLowerCase(), place }))
    .filter(({ number }) => number.includes(wanted) || bare(number).includes(short));
  const rank = (number: string) =>
    bare(number) === short ? 0 : bare(number).startsWith(short) ? 1 : 2;
  matches.sort((a, b) => rank(a.number) - rank(b.number) || a.number.length - b.number.length);
  return matches.slice(0, MOST_STORES).map(({ place }) => ({
    href: storeHref(place),
    title: `Store ${main.stores.number[place]}`,
    note: surroundingsOf(place) ?? "",
  }));
}

function categoriesLike(wanted: string): Found[] {
  return main.categories
    .flatMap((category, place) =>
      `${category.label}\n${category.key}`.toLowerCase().includes(wanted)
        ? [{ href: categoryHref(place), title: category.label, note: "category" }]
        : [],
    )
    .slice(0, MOST_CATEGORIES);
}

/** What the surroundings of a store are called. */
export function surroundingsOf(store: number): string | undefined {
  const cluster = main.stores.surroundings[store];
  return main.surroundings.find((one) => one.cluster === cluster)?.name;
}
