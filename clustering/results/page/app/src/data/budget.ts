// How many plans each category would get, as `clustering plans` proposes it.
import type { Budget } from "./types";

export interface Proposal {
  plans: Map<number, number>; // by place of the category
  worth: number;
  used: number; // plans in all, also those of categories without a curve
}

export const leastPlans = ({ curves, kept }: Budget) => Object.keys(curves).length + kept;
export const plansNow = ({ curves, kept }: Budget) =>
  Object.values(curves).reduce((sum, curve) => sum + curve.length, kept);
export const worthNow = ({ curves }: Budget) =>
  Object.values(curves).reduce((sum, curve) => sum + curve[curve.length - 1], 0);

/** The steps that fit, best first; after one that does not, its category gets no other. */
export function proposal(budget: Budget, plans: number): Proposal {
  const found = new Map(Object.keys(budget.curves).map((place) => [Number(place), 1]));
  const full = new Set<number>();
  let left = plans - leastPlans(budget);
  for (const [place, before, after] of budget.steps) {
    if (full.has(place) || after - before > left) {
      full.add(place);
      continue;
    }
    left -= after - before;
    found.set(place, after);
  }
  const worth = [...found].reduce((sum, [place, k]) => sum + budget.curves[place][k - 1], 0);
  return { plans: found, worth, used: plans - left };
}

/** Plans in all and their worth, for the best use of every number of plans. */
export function curve(budget: Budget): [number, number][] {
  const points: [number, number][] = [[leastPlans(budget), 0]];
  for (const [, before, after, worth] of budget.steps) {
    const [plans, sum] = points[points.length - 1];
    points.push([plans + after - before, sum + worth]);
  }
  return points;
}
