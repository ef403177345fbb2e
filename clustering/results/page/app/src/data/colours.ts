// One hue a mix, one shade a cluster within it: the same everywhere on the page and in print.
import type { Category, Cluster } from "./types";

const SHADES = [100, 74, 54, 40, 30];

export function shade(mix: number, piece: number): string {
  const part = SHADES[Math.min(piece, SHADES.length - 1)];
  return `color-mix(in oklab, var(--mix-${mix % 8}) ${part}%, #fff)`;
}

export const mixColour = (mix: number) => shade(mix, 0);
export const clusterColour = (cluster: Cluster) => shade(cluster.mix, cluster.shade);
export const colourOf = (category: Category, cluster: number) =>
  clusterColour(category.clusters[cluster]);
