// The dialogs that note an edit: why and who are required, the effect is shown before it is noted.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Chip } from "../charts/marks";
import { shares } from "../data/blocks";
import type { Category, Placements } from "../data/types";
import { chance, clarity, percent, plural, points } from "../data/words";
import { main } from "../model";
import { say } from "../parts/Toast";
import { editCount, edits, nameNow, note, placesAfter, who } from "./edits";
import { captured, sizes } from "./fit";

interface FrameProps {
  title: string;
  close: () => void;
  noted: (given: { who: string; why: string; until: string }) => void;
  children: ComponentChildren;
}

function Frame({ title, close, noted, children }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal?.();
  }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    who.value = text("who");
    noted({ who: text("who"), why: text("why"), until: text("until") });
    say(`Edit noted. ${plural(editCount.value, "edit")} in all`);
    close();
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <label>
          Why <span>shown wherever the edit shows</span>
          <input type="text" name="why" required pattern=".*\S.*" autocomplete="off" />
        </label>
        <div class="pair">
          <label>
            Who <span>your name</span>
            <input
              type="text"
              name="who"
              required
              pattern=".*\S.*"
              value={who.value}
              autocomplete="name"
            />
          </label>
          <label>
            Until <span>optional</span>
            <input type="date" name="until" />
          </label>
        </div>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Note edit
          </button>
        </div>
      </form>
    </dialog>
  );
}

const OUT = -1;

interface MoveProps {
  place: number;
  rows: Placements;
  row: number;
  close: () => void;
}

/** Move a store to another cluster, keep it where it is, or leave it out. */
export function MoveDialog({ place, rows, row, close }: MoveProps) {
  const category = main.categories[place];
  const number = main.stores.number[rows.store[row]];
  const placed = placesAfter(category, rows, main.stores.number);
  const now = placed[row];
  const next = category.clusters.findIndex(({ mix }) => mix === rows.next[row]);
  const [to, setTo] = useState(next >= 0 ? next : Math.max(now, 0));
  return (
    <Frame
      title={`Store ${number}, ${category.label}`}
      close={close}
      noted={(given) =>
        note({
          kind: to === OUT ? "exclude" : "pin",
          category: category.key,
          store_nbr: number,
          cluster: to === OUT ? "" : category.clusters[to].code,
          value: "",
          ...given,
        })
      }
    >
      <p class="small">
        Now in{" "}
        {now === OUT ? (
          "no cluster"
        ) : (
          <>
            <Chip category={category} cluster={now} small /> {nameNow(category, now)}
          </>
        )}
        .{" "}
        {/^sold/.test(clarity(rows, row))
          ? `It ${clarity(rows, row)}${rows.few.includes(row) ? " to be judged alone" : " here"}.`
          : `That is ${clarity(rows, row)} (${chance(rows.probability[row])}).`}
      </p>
      <label>
        Put it in
        <select
          name="to"
          value={String(to)}
          onChange={(event) => setTo(Number(event.currentTarget.value))}
        >
          {category.clusters.map((cluster, at) => (
            <option key={cluster.code} value={String(at)}>
              {cluster.code} {nameNow(category, at)}
              {at === now ? " (pin it here)" : ""}
            </option>
          ))}
          <option value={String(OUT)}>Leave out of this category</option>
        </select>
      </label>
      <Effect {...{ category, rows, place, placed, row, to }} />
    </Frame>
  );
}

interface EffectProps {
  category: Category;
  rows: Placements;
  place: number;
  placed: Int32Array;
  row: number;
  to: number;
}

function Effect({ category, rows, place, placed, row, to }: EffectProps) {
  const now = placed[row];
  const after = placed.slice();
  after[row] = to;
  const [before, then] = [sizes(category, placed), sizes(category, after)];
  const held = shares(place);
  const [was, is] = [captured(rows, held, placed), captured(rows, held, after)];
  const step = (at: number) =>
    at === OUT ? "" : `${category.clusters[at].code}: ${before[at]} → ${then[at]} stores. `;
  return (
    <div class="effect small" role="status">
      {now === to ? "Stays here, also in later runs. " : step(now) + step(to)}
      {Math.abs(is - was) < 0.0005
        ? "Captured stays the same."
        : `Captured: ${percent(was)} → ${percent(is)} (${points(is - was)} points).`}
      {now !== to && now !== OUT && category.floor != null && then[now] < category.floor && (
        <b>
          {" "}
          {category.clusters[now].code} falls below the floor of {plural(category.floor, "store")}.
        </b>
      )}
    </div>
  );
}

interface RenameProps {
  category: Category;
  cluster: number;
  rows: Placements;
  close: () => void;
}

export function RenameDialog({ category, cluster, close }: RenameProps) {
  const { code } = category.clusters[cluster];
  const [name, setName] = useState(nameNow(category, cluster));
  const taken = category.clusters.some(
    (_, at) =>
      at !== cluster && nameNow(category, at).trim().toLowerCase() === name.trim().toLowerCase(),
  );
  return (
    <Frame
      title={`Rename ${code}, ${category.label}`}
      close={close}
      noted={(given) =>
        note({
          kind: "rename",
          category: category.key,
          store_nbr: "",
          cluster: code,
          value: name.trim(),
          ...given,
        })
      }
    >
      <label>
        New name
        <input
          type="text"
          name="value"
          required
          pattern=".*\S.*"
          value={name}
          ref={(field) =>
            field?.setCustomValidity(taken ? "Another cluster has this name already." : "")
          }
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      {edits.value.length > 0 && taken && (
        <p class="effect small">Another cluster has this name already.</p>
      )}
    </Frame>
  );
}
