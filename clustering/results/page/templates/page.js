"use strict";
const unpack = async (element) => {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
};
const once = (make) => { let made; return () => (made ??= make()); };
const specs = once(() => unpack(document.getElementById("specs")));
const places = once(() => unpack(document.getElementById("places")));
const index = once(() => unpack(document.getElementById("index-of-stores")));
const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
const theme = (narrow) => {
  const text = isDark() ? "#e8ebee" : "#1b1f24", line = isDark() ? "#59636e" : "#c9d1d9";
  return {
    aria: false, mark: { aria: false }, background: null, font: "system-ui, sans-serif", title: { color: text, anchor: "start", fontSize: narrow ? 12 : 14 }, view: { stroke: line },
    axis: { labelColor: text, titleColor: text, gridColor: line, gridOpacity: 0.5, domainColor: line, tickColor: line },
    legend: { orient: narrow ? "bottom" : "right", labelColor: text, titleColor: text }, header: { labelColor: text, titleColor: text }, text: { color: text },
  };
};

// tables come as a list for every column; charts want rows, each its own, for they add to them
const rowsOf = (columns) => {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, n) => Object.fromEntries(names.map((name) => [name, columns[name][n]])));
};
// a chart as wide as its place cannot have a height in steps
const heightOf = (spec, rows) => (spec.height?.step ? { height: spec.height.step * new Set(rows.map((row) => row[spec.encoding.y.field])).size } : {});
const draw = async (part) => {
  const place = part.querySelector(".charts");
  place.replaceChildren();
  const [all, tables, where] = await Promise.all([specs(), unpack(part.querySelector(".data")), places()]);
  for (const name of part.dataset.charts.split(" ").filter(Boolean)) {
    const box = place.appendChild(Object.assign(document.createElement("div"), { className: "chart", tabIndex: 0 }));
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", all[name].description ?? name);
    const narrow = place.clientWidth < 600;
    const own = all[name].data.name, rows = rowsOf(tables[own]);
    const fitted = !narrow ? {} : all[name].facet ? { columns: 1 } : { width: "container", ...heightOf(all[name], rows) };
    const spec = { ...all[name], ...fitted, datasets: { [own]: rows, places: rowsOf(where) } };
    await vegaEmbed(box, spec, { renderer: "svg", config: theme(narrow), actions: { export: true, source: false, compiled: false, editor: false } });
  }
  part.dataset.drawn = "yes";
};
const parts = [...document.querySelectorAll("details.part")];
for (const part of parts) part.addEventListener("toggle", () => part.open && !part.dataset.drawn && draw(part));
const openHash = () => {
  const part = document.getElementById(location.hash.slice(1));
  if (part?.matches("details.part")) { part.open = true; part.querySelector("summary").focus(); part.scrollIntoView(); }
};
addEventListener("hashchange", openHash);
openHash();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => parts.filter((p) => p.open).forEach(draw));
addEventListener("beforeprint", () => parts.filter((p) => p.open).forEach(draw));

const value = (row, column) => {
  const text = row.cells[column].textContent.trim(), number = Number(text.replace(/[, %]/g, ""));
  return text !== "" && !Number.isNaN(number) ? number : text === "-" ? -Infinity : text;
};
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort((a, b) => (up ? 1 : -1) * compare(value(a, column), value(b, column)));
      table.tBodies[0].append(...rows);
    });
  });
}
document.getElementById("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  for (const row of document.getElementById("index").tBodies[0].rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
});

const field = document.getElementById("store"), found = document.getElementById("found");
field.addEventListener("focus", async () => {
  const list = document.getElementById("store-list");
  if (list.childElementCount) return;
  for (const name of (await index()).lists.store_nbr.slice(0, 5000)) list.append(Object.assign(document.createElement("option"), { value: name }));
});
document.getElementById("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { lists, columns } = await index(), wanted = field.value.trim(), store = lists.store_nbr.indexOf(wanted);
  found.replaceChildren();
  if (store < 0) { found.textContent = wanted ? `No store ${wanted} in this run.` : ""; return; }
  const table = document.createElement("table"), head = table.createTHead().insertRow();
  table.createCaption().textContent = `Store ${wanted}`;
  for (const title of ["category", "track", "cluster", "probability", "next nearest", "final cluster", "placed by"]) head.append(Object.assign(document.createElement("th"), { textContent: title }));
  const body = table.createTBody();
  columns.store_nbr.forEach((own, n) => {
    if (own !== store) return;
    const row = body.insertRow();
    const cells = [lists.category[columns.category[n]], lists.track[columns.track[n]], columns.cluster[n], `${Math.round(100 * columns.probability[n])} %`,
      columns.next_cluster[n] ?? "-", columns.final_cluster[n] ?? "-", lists.assigned_by[columns.assigned_by[n]]];
    for (const text of cells) row.insertCell().textContent = text;
  });
  const box = Object.assign(document.createElement("div"), { className: "wide", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `Clusters of store ${wanted}`);
  box.append(table);
  found.append(box);
});
