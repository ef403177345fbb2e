// What the reader changed: kept in the browser, undone one by one, written as overrides.csv.
import { computed, signal } from "@preact/signals";
import type { Category, Placements } from "../data/types";

export interface Edit {
  kind: string;
  category: string;
  store_nbr: string;
  cluster: string;
  value: string;
  who: string;
  why: string;
  until: string;
}

export const COLUMNS = [
  "kind",
  "category",
  "store_nbr",
  "cluster",
  "value",
  "who",
  "why",
  "until",
] as const;

export const edits = signal<Edit[]>([]);
export const editing = signal(false);
export const who = signal("");
export const isKept = signal(true); // false where the browser keeps nothing
export const editCount = computed(() => edits.value.length);

let shelf = "store-clusters";

/** Take up what this browser kept of an earlier visit to the same run. */
export function restore(run: string): void {
  shelf = `store-clusters/${run}`;
  try {
    const kept = JSON.parse(localStorage.getItem(shelf) ?? "{}");
    edits.value = Array.isArray(kept.edits) ? kept.edits.map(asEdit) : [];
    who.value = String(kept.who ?? "");
    isKept.value = true;
  } catch {
    isKept.value = false;
  }
}

const asEdit = (row: Partial<Edit>) =>
  Object.fromEntries(COLUMNS.map((name) => [name, String(row[name] ?? "")])) as unknown as Edit;

export function change(next: Edit[]): void {
  edits.value = next;
  try {
    localStorage.setItem(shelf, JSON.stringify({ edits: next, who: who.value }));
  } catch {
    isKept.value = false;
  }
}

const decides = (edit: Edit) =>
  edit.kind === "rename" ? `name ${edit.cluster}` : `place ${edit.store_nbr}`;

/** Note an edit; an earlier one that decides the same is replaced. */
export function note(edit: Edit): void {
  const same = (other: Edit) =>
    other.category === edit.category && decides(other) === decides(edit);
  change([...edits.value.filter((other) => !same(other)), edit]);
}

export const undo = (edit: Edit) => change(edits.value.filter((other) => other !== edit));

/** The clusters of a category's stores with `made` applied; -1 where a store is left out. */
export function placesAfter(
  category: Category,
  rows: Placements,
  numbers: string[],
  made: Edit[] = edits.value,
): Int32Array {
  const placed = Int32Array.from(rows.final);
  const own = made.filter((edit) => edit.category === category.key || !edit.category);
  if (!own.length) return placed;
  const at = new Map(rows.store.map((store, row) => [numbers[store], row]));
  for (const edit of own) {
    const row = at.get(edit.store_nbr);
    if (row === undefined) continue;
    const cluster = category.clusters.findIndex((one) => one.code === edit.cluster);
    if (edit.kind === "exclude") placed[row] = -1;
    if (edit.kind === "pin" && cluster >= 0) placed[row] = cluster;
  }
  return placed;
}

/** What a cluster is called now. */
export function nameNow(category: Category, cluster: number): string {
  const { code, name } = category.clusters[cluster];
  const renamed = edits.value.findLast(
    (edit) => edit.kind === "rename" && edit.category === category.key && edit.cluster === code,
  );
  return renamed?.value ?? name;
}
