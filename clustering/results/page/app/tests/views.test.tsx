// Views on a small run: what they show, and what they must not show.
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { editing, edits } from "../src/edits/edits";
import { load, search, storeAt } from "../src/model";
import { Print } from "../src/Print";
import { parse, slugs } from "../src/route";
import { Category } from "../src/views/Category";
import { alike, memberships, Store } from "../src/views/Store";
import { Edits } from "../src/views/Edits";
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
