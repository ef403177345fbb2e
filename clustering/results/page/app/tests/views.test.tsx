// Views on a small run: what they show, and what they must not show.
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { curve, proposal } from "../src/data/budget";
import { editing, edits } from "../src/edits/edits";
import { load, search, storeAt } from "../src/model";
import { Print } from "../src/Print";
import { parse, slugs } from "../src/route";
import { Category } from "../src/views/Category";
import { alike, memberships, Store } from "../src/views/Store";
import { Edits } from "../src/views/Edits";
import { Plans } from "../src/views/Plans";
import { Start } from "../src/views/Start";
import { lay, main } from "./run";

const show = (hash: string) => {
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
};

beforeAll(async () => {
  window.matchMedia = ((query: string) => ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
  })) as unknown as typeof window.matchMedia;
  lay();
  load(main);
  (await import("../src/route")).listen(() => {});
});
beforeEach(() => {
  edits.value = [];
  editing.value = false;
});
afterEach(cleanup);

test("the first screen names final clusters and says what to do, without statistics", () => {
  show("#/");
  const { container } = render(<Start />);
  expect(container.textContent).toContain("more green");
  expect(container.textContent).toContain("2 plans, on trial");
  expect(container.textContent).toContain("58% repeat, 26% by luck");
  expect(container.textContent).not.toMatch(/silhouette|BIC|R2|k =|p =|AMI|Cramer/);
});

test("a filter without a match says so", () => {
  show("#/?q=coffee");
  render(<Start />);
  expect(screen.getByText(/No category matches/)).toBeTruthy();
});

test("a store is found by any part of its number, with or without leading zeros", () => {
  const titles = (text: string) => search(text, () => "").map(({ title }) => title);
  expect(titles("7")).toEqual(["Store 0007", "Store 0070", "Store 0071"]);
  expect(titles("0007")[0]).toBe("Store 0007");
  expect(titles("71")).toEqual(["Store 0071"]);
  expect(storeAt("7")).toBe(0);
});

test("clusters are found by parts of their names", () => {
  const found = search("rural", (_, cluster) => main.categories[0].clusters[cluster].name);
  expect(found.map(({ title }) => title)).toEqual(["B2 black · rural"]);
});

test("the comparison mutes small clusters and shows points and index", () => {
  show("#/category/tea");
  render(<Category />);
  const table = screen.getByRole("table", { name: /Share of each need state/ });
  const cells = within(table).getAllByRole("cell").map((cell) => cell.textContent);
  expect(cells).toContain("+8.0116");
  expect(cells).toContain("+49.5>999");
  expect(table.querySelectorAll(".faint")).toHaveLength(2);
});

test("editing a store shows the effect before it is noted", () => {
  show("#/category/tea");
  editing.value = true;
  render(<Category />);
  fireEvent.click(screen.getAllByText("Move, pin, leave out")[1]);
  const dialog = document.querySelector("dialog")!;
  fireEvent.change(dialog.querySelector("select")!, { target: { value: "1" } });
  expect(dialog.textContent).toContain("A: 2 → 1 stores. B1: 1 → 2 stores.");
  expect(dialog.textContent).toContain("A falls below the floor of 2 stores");
  fireEvent.input(dialog.querySelector("[name=why]")!, { target: { value: "stadium" } });
  fireEvent.input(dialog.querySelector("[name=who]")!, { target: { value: "Ann" } });
  fireEvent.submit(dialog.querySelector("form")!);
  expect(edits.value).toEqual([
    {
      kind: "pin",
      category: "TEA <b>",
      store_nbr: "0070",
      cluster: "B1",
      value: "",
      who: "Ann",
      why: "stadium",
      until: "",
    },
  ]);
});

test("the list of edits shows the file and the command", () => {
  edits.value = [
    { kind: "rename", category: "TEA <b>", store_nbr: "", cluster: "A", value: "G", who: "A", why: "b", until: "" },
  ];
  const { container } = render(<Edits />);
  expect(container.textContent).toContain("clustering run source.overrides=overrides.csv");
  expect(container.textContent).toContain("rename,TEA <b>,,A,G,A,b,");
});

test("a store shows its clusters, what would move it, and who is alike", () => {
  show("#/store/7");
  const { container } = render(<Store />);
  expect(container.textContent).toContain("Store 0007");
  expect(container.textContent).toContain("Green went from 60% toward 29%");
  expect(alike(0, memberships(0))).toEqual([[1, 1, 1]]);
});

test("the print has every category", () => {
  const { container } = render(<Print />);
  expect(container.querySelectorAll(".sheet")).toHaveLength(1 + main.categories.length);
});

test("addresses are short and unique", () => {
  const named = (label: string, key: string) => ({ ...main.categories[0], label, key });
  expect(slugs([named("Soft drinks", "A"), named("Tea!", "B"), named("tea", "C/D")])).toEqual([
    "soft-drinks",
    "B",
    "C%2FD",
  ]);
  expect(parse("#/category/C%2FD?level=mixes").name).toBe("C/D");
  expect(parse("#/%E0%A4%A").view).toBe("%E0%A4%A");
});

test("plans are shared out as far as they go, each where it brings the most", () => {
  const budget = {
    curves: { 0: [0, 10, 12], 1: [0, 6, 5], 2: [0, 0, 9] },
    kept: 2,
    steps: [[0, 1, 2, 10], [1, 1, 2, 6], [2, 1, 3, 9], [0, 2, 3, 2]] as [number, number, number, number][],
  };
  expect(curve(budget).map(([plans, worth]) => [plans, worth])).toEqual([
    [5, 0], [6, 10], [7, 16], [9, 25], [10, 27],
  ]);
  const found = proposal(budget, 8); // the two plans of the third step do not fit, one other does
  expect([...found.plans.values()]).toEqual([3, 2, 1]);
  expect([found.used, found.worth]).toEqual([8, 18]);
});

test("the view of plans says what fewer would cost, and what that does not mean", () => {
  show("#/plans?n=2");
  const { container } = render(<Plans />);
  expect(container.textContent).toContain("2 plans, best shared out, would be worth $10 (83% of the worth now).");
  expect(container.textContent).toContain("clustering plans --budget 2");
  expect(container.textContent).toContain("They are no forecast");
});

test("a category says what its clusters are worth, and its stores their shelf size", () => {
  show("#/category/tea");
  const { container } = render(<Category />);
  expect(container.textContent).toContain("meets 1.2% more of the demand than one plan for all stores: $12 of sales");
  expect(container.textContent).toContain("A: 1 S, 1 L; B1: 1 S; B2: 1 S.");
});
