// Every state of the page has an address: #/category/soft-drinks, #/?sort=plans&q=milk.
import { computed, signal } from "@preact/signals";
import type { Category } from "./data/types";

const hash = signal(location.hash);

export interface Route {
  view: string;
  name: string;
  query: URLSearchParams;
}

export const route = computed<Route>(() => parse(hash.value));

export function parse(address: string): Route {
  const [path, query] = address.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/");
  return { view, name: decoded(rest.join("/")), query: new URLSearchParams(query ?? "") };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Follow the address bar; `arrived` is called on every change of view. */
export function listen(arrived: () => void): void {
  addEventListener("hashchange", () => {
    if (location.hash && !location.hash.startsWith("#/")) return; // a jump within a view
    const before = hash.value.split("?")[0];
    hash.value = location.hash;
    if (before !== location.hash.split("?")[0]) arrived();
  });
}

/** Keep the state of a view in its address without a new step in the history. */
export function remember(view: string, state: Record<string, string>): void {
  const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
  const address = `#/${view}${query.size ? `?${query}` : ""}`;
  if (address === location.hash) return;
  try {
    history.replaceState(null, "", address);
  } catch {
    return; // some browsers refuse this for files
  }
  hash.value = address;
}

/** Short, readable names for addresses; the key itself where two would collide. */
export function slugs(categories: Category[]): string[] {
  const short = categories.map(({ label }) =>
    label
      .toLowerCase()
      .normalize("NFKD")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, ""),
  );
  const seen = new Map<string, number>();
  for (const slug of short) seen.set(slug, (seen.get(slug) ?? 0) + 1);
  return short.map((slug, place) =>
    slug && seen.get(slug) === 1 ? slug : encodeURIComponent(categories[place].key),
  );
}
