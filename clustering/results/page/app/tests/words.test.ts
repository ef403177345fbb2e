// Numbers are written the same way everywhere.
import { expect, test } from "vitest";
import { attributeValue, chance, index, percent, plural, points, shortMoney, toDo } from "../src/data/words";
import { main } from "./run";

test("a share is never written as 0% or 100% when it is neither", () => {
  expect([0, 0.004, 0.5, 0.996, 1, null].map(percent)).toEqual([
    "0%",
    "<1%",
    "50%",
    ">99%",
    "100%",
    "–",
  ]);
});

test("no probability is certain", () => expect(chance(1)).toBe(">99%"));

test("points carry their sign, a true minus, and no sign when they round to nothing", () => {
  expect([0.082, -0.05, 0.0004].map((value) => points(value))).toEqual(["+8.2", "−5.0", "±0.0"]);
});

test("an index beyond 999 is not written out", () => {
  expect([108.4, 1999, null].map(index)).toEqual(["108", ">999", ""]);
});

test("money is short in facts", () => {
  expect([905, 182126, 4587882].map(shortMoney)).toEqual(["$905", "$182k", "$4.59M"]);
});

test("plurals", () => {
  expect([plural(1, "mix"), plural(2, "mix"), plural(3, "category")]).toEqual([
    "1 mix",
    "2 mixes",
    "3 categories",
  ]);
});

test("a plan that is less than fairly sure is on trial", () => {
  expect(toDo(main.categories[0])).toBe("2 plans, on trial");
});

test("an attribute is written in its own kind", () => {
  const share = { raw: "x", label: "x", digits: 2, mean: 0, deviation: 1, form: "share" as const };
  expect(attributeValue(share, 0.034)).toBe("3.4%");
  expect(attributeValue({ ...share, form: "number" }, 1234.5678)).toBe("1,234.57");
  expect(attributeValue(share, null)).toBe("–");
});
