// A column heading that sorts its table.
import type { ComponentChildren } from "preact";

export interface Order {
  by: string;
  down: boolean;
}

interface Props {
  name: string;
  order: Order;
  sort: (order: Order) => void;
  children: ComponentChildren;
  number?: boolean;
  upFirst?: boolean;
}

export function SortHeader({ name, order, sort, children, number, upFirst }: Props) {
  const isSorted = order.by === name;
  return (
    <th
      scope="col"
      class={number ? "number" : undefined}
      aria-sort={isSorted ? (order.down ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        onClick={() => sort({ by: name, down: isSorted ? !order.down : !upFirst })}
      >
        {children}
      </button>
    </th>
  );
}

/** Compare by a value, text by the alphabet, nothing last. */
export function compared<Row>(value: (row: Row) => string | number | null, down: boolean) {
  return (a: Row, b: Row) => {
    const [one, other] = [value(a), value(b)];
    if (one == null || other == null) return one == null ? (other == null ? 0 : 1) : -1;
    const order =
      typeof one === "string"
        ? one.localeCompare(String(other), "en", { numeric: true })
        : one - Number(other);
    return down ? -order : order;
  };
}
