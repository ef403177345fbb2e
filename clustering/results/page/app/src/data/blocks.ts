// The data in the file: one small block at once, the rest inflated when it is asked for.
import { inflateSync, strFromU8 } from "fflate";
import type { Main, Placements, Profile, Shares, StoreDetails } from "./types";

const text = (id: string) => document.getElementById(id)?.textContent ?? null;

/** What the first screen needs. */
export function readMain(): Main {
  return JSON.parse(text("data") ?? "null");
}

const inflated = new Map<string, unknown>();

/** Inflate a block: base64 of deflated JSON. Kept: a second look costs nothing. */
function block<T>(id: string): T {
  if (!inflated.has(id)) {
    const packed = text(id);
    if (packed === null) throw new Error(`the page holds no block ${id}`);
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    inflated.set(id, JSON.parse(strFromU8(inflateSync(bytes))));
  }
  return inflated.get(id) as T;
}

export const profiles = () => block<Profile[]>("profiles");
export const placements = (category: number) => block<Placements>(`category-${category}`);
export const shares = (category: number) => block<Shares>(`shares-${category}`);
export const storeDetails = () => block<StoreDetails>("stores");

/** Blocks lie behind the script, so that the first screen does not wait for them. */
export const blocksAreThere = () => document.readyState !== "loading";

/** The place of each store within a category, by its place among all stores. */
const places = new WeakMap<Placements, Map<number, number>>();

export function placeOf(rows: Placements, store: number): number | undefined {
  if (!places.has(rows)) places.set(rows, new Map(rows.store.map((name, row) => [name, row])));
  return places.get(rows)!.get(store);
}

/** Coast and country lines: longitude, latitude, longitude ... of each. */
export const outline = () => (text("outline") === null ? [] : block<number[][]>("outline"));
