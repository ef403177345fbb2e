// What the page is given: the pipeline's tables, column by column (written by results/page/content).

export interface Main {
  run: Run;
  stores: Stores;
  surroundings: Surrounding[];
  categories: Category[];
  budget: Budget | null;
  data: DataFacts;
  changes: Changes | null;
}

export interface Run {
  env: string;
  made: string;
  ids: string;
  version: string;
  seed: number;
  currency: string;
  period: string | null;
  baseline: string | null;
  sales: number;
  names: string[]; // what the two tracks are called on this page
}

/** One entry a store, in the order of `number`; other columns lie in the block "stores". */
export interface Stores {
  number: string[];
  sales: number[];
  categories: number[];
  surroundings: (number | null)[];
}

export interface Surrounding {
  cluster: number;
  name: string;
  stores: number;
}

export type Kind = "one" | "mix" | "cluster";
export type Sureness = "sure" | "fairly sure" | "rather unsure" | "unsure";

export interface Category {
  key: string;
  label: string;
  stores: number;
  sales: number;
  captured: number | null;
  floor: number | null;
  verdict: string | null;
  few: number; // stores that sold too little to be judged alone
  fewSales: number;
  unsold: number; // stores that sold nothing here
  gaps: string; // what stores sell none of
  plan: Plan;
  mixes: Mix[];
  clusters: Cluster[];
  alike: [number, number][]; // places of categories that group stores most alike, agreement
  worth: Worth | null;
  group: Member[]; // the categories that it stands for, where several were clustered as one
}

/** Demand met beyond one plan for all stores, as shares of sales; `sales` in money. */
export interface Worth {
  gain: number;
  error: number;
  random: number;
  own: number;
  sales: number;
}

export interface Member {
  label: string;
  own: number | null; // what its own clusters are worth in money, in the baseline
  shared: number | null; // and those of the group
}

/** Worth in money for every number of plans. */
export interface Budget {
  curves: Record<number, number[]>; // by place of the category: of 1, 2, … plans
  kept: number; // plans of categories without a curve
  steps: [number, number, number, number][]; // category, plans before and after, worth; best first
}

export interface Plan {
  kind: Kind;
  plans: number;
  because: string;
  sureness: Sureness | null;
  agreement: number | null;
  chance: number | null;
  look: number;
}

export interface Mix {
  letter: string;
  name: string;
}

export interface Cluster {
  code: string;
  mix: number; // place in Category.mixes
  shade: number; // place within its mix
  name: string;
  surroundings: string;
  stores: number;
  sales: number;
}

/** What differs, of every category: the block "profiles", by place of the category. */
export interface Profile {
  features: [string, string][]; // raw name, label; the last may stand for several small ones
  overall: number[];
  mean: number[][]; // by cluster, by feature
  index: (number | null)[][];
  mixMean: number[][];
  mixIndex: (number | null)[][];
  traits: Trait[][]; // by cluster
  typical: number[][]; // by cluster: places of stores
  boundary: [number, number][][]; // by cluster: place of a store, place of the next mix
}

export interface Trait {
  attribute: number;
  mean: number;
  overall: number;
  deviations: number | null;
}

/** Every store of one category: the block "category-<place>". */
export interface Placements {
  store: number[]; // places in Stores.number
  sales: number[];
  final: number[]; // places in Category.clusters
  next: (number | null)[]; // places in Category.mixes
  probability: (number | null)[];
  internal: (number | null)[];
  external: (number | null)[];
  few: number[]; // places within this list
  unsold: number[]; // likewise
  fence: number[]; // likewise: the halves of their sales point to different mixes
  joined: number[]; // likewise: joined a neighbour because their cell was too small
  feature: (number | null)[]; // what keeps the store where it is: a place in Profile.features
  share: (number | null)[]; // the store's share of that need state
  space: (string | null)[] | null; // the size within its cluster: S, M, L
  evidence: Evidence;
}

/** The shares behind "captured": the block "shares-<place>"; thousandths, store by store. */
export interface Shares {
  features: number;
  thousandths: number[];
}

export interface Evidence {
  rows: [string, string][];
  selection: Record<string, (number | boolean | null)[]>;
  splits: Record<string, (number | string | boolean | null)[]>;
  descriptions: { cluster: number; rule: string; coverage: number; precision: number }[];
}

/** More of every store: the block "stores". */
export interface StoreDetails {
  attributes: Attribute[];
  values: (number | null)[][]; // by attribute, by store
  alike: number[][]; // by store: places of the nearest stores by attributes
  near: [number, number][][] | null; // by store: place and kilometres
  latitude: (number | null)[] | null;
  longitude: (number | null)[] | null;
}

export interface Attribute {
  raw: string;
  label: string;
  form: "number" | "share" | "yes";
  digits: number;
  mean: number;
  deviation: number;
}

export interface DataFacts {
  used: { input: string; rows: number; of: number; money: number | null }[];
  aside: { input: string; reason: string; rows: number; of: number; money: number | null }[];
  settings: [string, string][];
  overrides: { text: string; status: string; who: string; why: string; note: string }[];
  warnings: string[];
}

export interface Changes {
  baseline: string;
  categories: ChangedCategory[];
  moves: Move[];
}

export interface ChangedCategory {
  category: number;
  stores: number;
  retention: number | null;
  moved: number;
  chance: number | null; // stores that would change their mix if only the sample of sales changed
  appeared: number;
  gone: number;
  before: number;
  after: number;
}

/** Stores that went from one cluster to another; the surest are listed. */
export interface Move {
  category: number;
  from: string;
  to: string;
  stores: number;
  movers: [string, number | null, string | null][]; // number, probability, what changed
}
