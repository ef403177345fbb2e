// The small marks of the page: a cluster's chip, a row of dots, a bar left or right of zero.
import { clusterColour, mixColour } from "../data/colours";
import type { Category, Placements, Plan } from "../data/types";
import { chance, clarity, sureness, sureWord } from "../data/words";
import { nameNow } from "../edits/edits";

interface ChipProps {
  category: Category;
  cluster: number;
  small?: boolean;
}

/** The code of a cluster on its colour. */
export function Chip({ category, cluster, small }: ChipProps) {
  const shown = category.clusters[cluster];
  return (
    <span
      class={small ? "chip small-chip" : "chip"}
      style={{ background: clusterColour(shown) }}
      title={nameNow(category, cluster)}
    >
      {shown.code}
    </span>
  );
}

/** The letter of a mix on its colour. */
export function MixChip({ category, mix }: { category: Category; mix: number }) {
  const { letter, name } = category.mixes[mix];
  return (
    <span class="chip small-chip" style={{ background: mixColour(mix) }} title={name}>
      {letter}
    </span>
  );
}

/** Four dots, the surer the more are filled; the word stands beside them. */
export function Sureness({ plan }: { plan: Plan }) {
  const filled = sureness(plan);
  if (!filled) return <span class="strong soft">{sureWord(plan)}</span>;
  return (
    <span class="strong nowrap">
      <span class="dots" aria-hidden="true">
        {"●".repeat(filled)}
        <s>{"●".repeat(4 - filled)}</s>
      </span>
      {sureWord(plan)}
    </span>
  );
}

/** How clear a store's cluster is: a word, and the probability where it means something. */
export function Clarity({ rows, row }: { rows: Placements; row: number }) {
  const word = clarity(rows, row);
  if (/^(sold|on the)/.test(word))
    return <span class="soft nowrap">{word}</span>;
  return (
    <>
      {word} <span class="soft number nowrap">{chance(rows.probability[row])}</span>
    </>
  );
}

interface BarProps {
  value: number;
  most: number; // what fills half of the track
}

/** A bar right of zero for more, left for less; what is longer than the scale ends in a point. */
export function DivergingBar({ value, most }: BarProps) {
  const width = Math.min(1, Math.abs(value) / most) * 48;
  const side = value >= 0 ? "more" : "less";
  const cut = Math.abs(value) > most * 1.001 ? " cut" : "";
  return (
    <span class="track" aria-hidden="true">
      <i class={side + cut} style={{ width: `${width.toFixed(1)}%` }} />
    </span>
  );
}
