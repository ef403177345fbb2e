// What an edit costs: sizes, and the share of the store-to-store difference that is captured.
import type { Category, Placements, Shares } from "../data/types";

export function sizes(category: Category, placed: ArrayLike<number>): number[] {
  const found = category.clusters.map(() => 0);
  for (let row = 0; row < placed.length; row++) if (placed[row] >= 0) found[placed[row]]++;
  return found;
}

/**
 * The sales-weighted share of the variance of need-state shares that lies between clusters.
 * The pipeline's own figure (Category.captured) is made the same way, from unrounded shares.
 */
export function captured(rows: Placements, shares: Shares, placed: ArrayLike<number>): number {
  const { features, thousandths } = shares;
  const weight = new Map<number, number>();
  const sum = new Map<number, Float64Array>();
  const whole = new Float64Array(features);
  let all = 0;
  let squares = 0;
  for (let row = 0; row < rows.store.length; row++) {
    const cluster = placed[row];
    const sales = rows.sales[row];
    if (cluster < 0 || sales <= 0) continue;
    all += sales;
    weight.set(cluster, (weight.get(cluster) ?? 0) + sales);
    const own = sum.get(cluster) ?? new Float64Array(features);
    sum.set(cluster, own);
    for (let feature = 0; feature < features; feature++) {
      const share = thousandths[row * features + feature] / 1000;
      own[feature] += sales * share;
      whole[feature] += sales * share;
      squares += sales * share * share;
    }
  }
  const centre = whole.reduce((total, value) => total + (value * value) / all, 0);
  let between = -centre;
  for (const [cluster, own] of sum) {
    for (const value of own) between += (value * value) / weight.get(cluster)!;
  }
  return squares - centre > 1e-12 ? between / (squares - centre) : 0;
}
