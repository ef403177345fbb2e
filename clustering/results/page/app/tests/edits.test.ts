// Edits: what they change, and the file they become.
import { beforeEach, expect, test } from "vitest";
import { edits, nameNow, note, placesAfter, restore, undo, type Edit } from "../src/edits/edits";
import { fromFile, toFile } from "../src/edits/file";
import { captured, sizes } from "../src/edits/fit";
import { main, placed, shares } from "./run";

const [tea] = main.categories;
const numbers = main.stores.number;
const edit = (part: Partial<Edit>): Edit => ({
  kind: "pin",
  category: tea.key,
  store_nbr: "0070",
  cluster: "B1",
  value: "",
  who: "Ann",
  why: "serves the stadium",
  until: "",
  ...part,
});

beforeEach(() => {
  localStorage.clear();
  edits.value = [];
});

test("a pin moves a store, an exclusion takes it out, also of all categories", () => {
  note(edit({}));
  note(edit({ kind: "exclude", category: "", store_nbr: "0071", cluster: "" }));
  expect([...placesAfter(tea, placed, numbers)]).toEqual([0, 1, -1, 2]);
});

test("a second decision about a store replaces the first", () => {
  note(edit({}));
  note(edit({ cluster: "B2" }));
  expect(edits.value.map(({ cluster }) => cluster)).toEqual(["B2"]);
});

test("edits can be undone one by one, and outlive the page", () => {
  restore("r1");
  note(edit({}));
  note(edit({ kind: "rename", store_nbr: "", value: "Stadium" }));
  edits.value = [];
  restore("r1");
  expect(nameNow(tea, 1)).toBe("Stadium");
  undo(edits.value[1]);
  expect(nameNow(tea, 1)).toBe("black · city");
  expect(edits.value).toHaveLength(1);
});

test("the file has the columns of source.overrides and survives quotes, commas and line ends", () => {
  const rows = [edit({ why: 'says "no", twice\nand again' }), edit({ kind: "rename", value: "Ä" })];
  const text = toFile(rows);
  expect(text.split("\n")[0]).toBe("kind,category,store_nbr,cluster,value,who,why,until");
  expect(fromFile(text)).toEqual(rows);
  expect(fromFile("\uFEFF" + text.replaceAll("\n", "\r\n"))[1]).toEqual(rows[1]);
});

test("a file that holds no overrides is refused with a reason", () => {
  expect(() => fromFile("a,b\n1,2\n")).toThrow("kind");
});

test("captured is the share of the variance between clusters, weighted by sales", () => {
  // worked by hand: shares of green .6 .55 .3 .1, sales 400 300 290 10
  const mean = (0.6 * 400 + 0.55 * 300 + 0.3 * 290 + 0.1 * 10) / 1000;
  const total = [0.6, 0.55, 0.3, 0.1].reduce(
    (sum, share, row) => sum + placed.sales[row] * (share - mean) ** 2,
    0,
  );
  const first = (0.6 * 400 + 0.55 * 300) / 700;
  const within = 400 * (0.6 - first) ** 2 + 300 * (0.55 - first) ** 2;
  expect(captured(placed, shares, placed.final)).toBeCloseTo(1 - within / total, 10);
  expect(captured(placed, shares, [0, 0, 0, 0])).toBeCloseTo(0, 10);
  expect(sizes(tea, [0, 0, -1, 2])).toEqual([2, 0, 1]);
});
