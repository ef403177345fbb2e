// overrides.csv: exactly what `clustering run source.overrides=overrides.csv` reads.
import { COLUMNS, type Edit } from "./edits";

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Rows as CSV (RFC 4180). */
export const csv = (rows: (string | number)[][]) =>
  rows.map((row) => row.map((value) => quoted(String(value))).join(",")).join("\n") + "\n";

export const toFile = (edits: Edit[]) =>
  csv([[...COLUMNS], ...edits.map((edit) => COLUMNS.map((name) => edit[name]))]);

/** Read a file back; throws where it is not one of overrides. */
export function fromFile(text: string): Edit[] {
  const [header, ...rows] = parsed(text.replace(/^\uFEFF/, ""));
  const names = (header ?? []).map((name) => name.trim());
  if (!names.includes("kind")) throw new Error("This file has no column “kind”.");
  return rows.map((row) => {
    const values = new Map(names.map((name, place) => [name, row[place] ?? ""]));
    return Object.fromEntries(
      COLUMNS.map((name) => [name, values.get(name) ?? ""]),
    ) as unknown as Edit;
  });
}

const FIELD = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;

function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (FIELD.lastIndex = 0; FIELD.lastIndex < text.length; ) {
    const found = FIELD.exec(text);
    if (!found) throw new Error("This file is not CSV: a quoted field does not end.");
    const [, field, end] = found;
    row.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end !== ",") {
      if (row.length > 1 || row[0] !== "") rows.push(row);
      row = [];
    }
  }
  if (row.length) rows.push(row);
  return rows;
}
