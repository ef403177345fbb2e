// A small run, as the pipeline would write it.
import { deflateSync, strToU8 } from "fflate";
import type { Main, Placements, Profile, Shares, StoreDetails } from "../src/data/types";

export const main: Main = {
  run: {
    env: "dev",
    made: "2026-01-01 00:00 UTC",
    ids: "r1",
    version: "0",
    seed: 1,
    currency: "$",
    period: null,
    baseline: null,
    sales: 1000,
    names: ["what their shoppers buy", "their surroundings"],
  },
  stores: {
    number: ["0007", "0070", "0071", "0100"],
    sales: [400, 300, 200, 100],
    categories: [1, 1, 1, 1],
    surroundings: [1, 1, 2, null],
  },
  surroundings: [
    { cluster: 1, name: "city", stores: 2 },
    { cluster: 2, name: "rural", stores: 1 },
  ],
  categories: [
    {
      key: "TEA <b>",
      label: "Tea",
      stores: 4,
      sales: 1000,
      captured: 0.5,
      floor: 2,
      verdict: "groups",
      few: 1,
      fewSales: 5,
      unsold: 0,
      gaps: "3 stores sold none of some need state: Mint (3).",
      plan: {
        kind: "mix",
        plans: 2,
        because: "One per mix.",
        sureness: "rather unsure",
        agreement: 0.58,
        chance: 0.26,
        look: 1,
      },
      mixes: [
        { letter: "A", name: "more green" },
        { letter: "B", name: "more black" },
      ],
      clusters: [
        { code: "A", mix: 0, shade: 0, name: "more green", surroundings: "", stores: 2, sales: 700 },
        { code: "B1", mix: 1, shade: 0, name: "black · city", surroundings: "city", stores: 1, sales: 290 },
        { code: "B2", mix: 1, shade: 1, name: "black · rural", surroundings: "rural", stores: 1, sales: 10 },
      ],
      alike: [],
      worth: { gain: 0.012, error: 0.003, random: -0.001, own: 0.03, sales: 12 },
      group: [],
    },
  ],
  budget: { curves: { 0: [0, 10, 12] }, kept: 0, steps: [[0, 1, 2, 10], [0, 2, 3, 2]] },
  data: { used: [], aside: [], settings: [], overrides: [], warnings: [] },
  changes: null,
};

export const placed: Placements = {
  store: [0, 1, 2, 3],
  sales: [400, 300, 290, 10],
  final: [0, 0, 1, 2],
  next: [1, null, 0, 0],
  probability: [0.95, 0.7, 0.999, 0.5],
  internal: [1, 1, 2, 2],
  external: [1, 1, 2, null],
  few: [3],
  unsold: [],
  fence: [1],
  joined: [3],
  feature: [0, null, 1, 1],
  share: [0.6, null, 0.2, 0.1],
  space: ["S", "L", "S", "S"],
  evidence: { rows: [["Verdict", "BIC says so"]], selection: {}, splits: {}, descriptions: [] },
};

export const profile: Profile = {
  features: [
    ["GREEN", "Green"],
    ["BLACK", "Black"],
  ],
  overall: [0.5, 0.5],
  mean: [
    [0.58, 0.42],
    [0.3, 0.7],
    [0.005, 0.995],
  ],
  index: [
    [116, 84],
    [60, 140],
    [1, 1999],
  ],
  mixMean: [
    [0.58, 0.42],
    [0.29, 0.71],
  ],
  mixIndex: [
    [116, 84],
    [58, 142],
  ],
  traits: [[{ attribute: 0, mean: 0.6, overall: 0.5, deviations: 1 }], [], []],
  typical: [[0], [2], []],
  boundary: [[[1, 1]], [], []],
};

export const shares: Shares = { features: 2, thousandths: [600, 400, 550, 450, 300, 700, 100, 900] };

export const details: StoreDetails = {
  attributes: [
    { raw: "share_x", label: "Share x", form: "share", digits: 2, mean: 0.5, deviation: 0.1 },
  ],
  values: [[0.6, 0.5, 0.4, null]],
  alike: [[1], [0], [0], []],
  near: null,
  latitude: null,
  longitude: null,
};

/** Put the blocks where the page has them. */
export function lay(): void {
  const blocks = { profiles: [profile], "category-0": placed, "shares-0": shares, stores: details };
  for (const [id, value] of Object.entries(blocks)) {
    const script = document.createElement("script");
    script.type = "text/plain";
    script.id = id;
    const bytes = deflateSync(strToU8(JSON.stringify(value)));
    script.textContent = btoa(String.fromCharCode(...bytes));
    document.body.append(script);
  }
}
