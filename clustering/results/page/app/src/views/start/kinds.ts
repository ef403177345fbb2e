// What the list of categories can be filtered by.
import type { Category } from "../../data/types";
import { sureness } from "../../data/words";
import { main } from "../../model";

/** More than one plan, less than fairly sure. */
export const isOnTrial = ({ plan }: Pick<Category, "plan">) =>
  plan.plans > 1 && sureness(plan) > 0 && sureness(plan) < 3;

export const KINDS: Record<string, [string, (category: Category) => boolean]> = {
  cluster: ["A plan for every cluster", ({ plan }) => plan.kind === "cluster"],
  mix: ["A plan for each mix", ({ plan }) => plan.kind === "mix"],
  one: ["One plan will do", ({ plan }) => plan.kind === "one"],
  trial: ["On trial: less than fairly sure", isOnTrial],
  fence: ["With stores on the fence", ({ plan }) => plan.look > 0],
  split: ["Mixes split by surroundings", (category) => isSplit(category)],
  unsplit: ["Mixes not split", (category) => category.clusters.length > 1 && !isSplit(category)],
  whole: ["All stores in one cluster", ({ clusters }) => clusters.length === 1],
};
const isSplit = ({ clusters, mixes }: Category) => clusters.length > mixes.length;

export const ofKind = (kind: string) =>
  main.categories.filter((category) => KINDS[kind][1](category)).length;
