// All edits: their effect, undo, the file, and the command that replays it.
import { useRef } from "preact/hooks";
import { Chip } from "../charts/marks";
import { placements, shares } from "../data/blocks";
import { plural, points } from "../data/words";
import { change, type Edit, edits, isKept, placesAfter, undo } from "../edits/edits";
import { fromFile, toFile } from "../edits/file";
import { captured } from "../edits/fit";
import { categoryHref, categoryOfKey, main } from "../model";
import { save } from "../parts/save";
import { say } from "../parts/Toast";

const NAME = "overrides.csv";

export function Edits() {
  const made = edits.value;
  return (
    <div class="wrap">
      <div>
        <h1>Your edits</h1>
        <p class="soft measure">
          Kept in this browser only. Save them as a file; the next run replays it on top of what it
          finds.
        </p>
      </div>
      {!isKept.value && (
        <p class="note">
          This browser keeps nothing for files opened from disk. Save the file before you close the
          page.
        </p>
      )}
      {made.length ? (
        <table class="edits">
          <thead>
            <tr>
              {["Edit", "Category", "Effect", "Why", "Who", "Until"].map((title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ))}
              <th scope="col">
                <span class="hidden">Undo</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {made.map((edit, at) => (
              <Row key={JSON.stringify(edit)} edit={edit} at={at} />
            ))}
          </tbody>
        </table>
      ) : (
        <p class="note">
          No edits yet. Open a category, switch on <b>Edit</b> at the top, and move, pin, rename or
          leave out.
        </p>
      )}
      <Actions />
      <section aria-labelledby="replay">
        <h2 id="replay">Replay them</h2>
        <pre tabIndex={0}>clustering run source.overrides={NAME}</pre>
        <p class="small soft">
          Move the file to the folder where you run the command. If a row cannot be applied, the run
          stops before it writes anything, and names the row.
        </p>
      </section>
      {made.length > 0 && (
        <section aria-labelledby="file">
          <h2 id="file">The file</h2>
          <pre tabIndex={0} id="overrides">
            {toFile(made)}
          </pre>
        </section>
      )}
    </div>
  );
}

function Row({ edit, at }: { edit: Edit; at: number }) {
  const place = categoryOfKey(edit.category);
  return (
    <tr>
      <td>
        <Words edit={edit} />
      </td>
      <td>
        {place === undefined ? (
          edit.category || "all"
        ) : (
          <a href={categoryHref(place)}>{main.categories[place].label}</a>
        )}
      </td>
      <td class="small">{effect(edit)}</td>
      <td>{edit.why}</td>
      <td>{edit.who}</td>
      <td class="nowrap">{edit.until || "no end date"}</td>
      <td class="number">
        <button
          type="button"
          class="tiny"
          aria-label={`Undo edit ${at + 1}`}
          onClick={() => undo(edit)}
        >
          Undo
        </button>
      </td>
    </tr>
  );
}

function Words({ edit }: { edit: Edit }) {
  const place = categoryOfKey(edit.category);
  const category = place === undefined ? undefined : main.categories[place];
  const cluster = category?.clusters.findIndex(({ code }) => code === edit.cluster) ?? -1;
  const chip =
    category && cluster >= 0 ? (
      <Chip category={category} cluster={cluster} small />
    ) : (
      <b>{edit.cluster}</b>
    );
  if (edit.kind === "rename") return <>{chip} is called “{edit.value}”</>;
  if (edit.kind === "pin")
    return (
      <>
        Store {edit.store_nbr} belongs to {chip}
      </>
    );
  if (edit.kind === "exclude") return <>Store {edit.store_nbr} is left out</>;
  return (
    <>
      {edit.kind}: store {edit.store_nbr} {edit.cluster} {edit.value}
    </>
  );
}

/** What an edit changes, the others given. */
function effect(edit: Edit): string {
  const place = categoryOfKey(edit.category);
  if (edit.kind === "rename") return "name only";
  if (place === undefined || !["pin", "exclude"].includes(edit.kind)) return "shown by the next run";
  const [category, rows, held] = [main.categories[place], placements(place), shares(place)];
  const others = edits.value.filter((other) => other !== edit);
  const [before, after] = [others, edits.value].map((given) =>
    captured(rows, held, placesAfter(category, rows, main.stores.number, given)),
  );
  const difference = after - before;
  return Math.abs(difference) < 0.00005
    ? "captured unchanged"
    : `captured ${points(difference, 2)} points`;
}

function Actions() {
  const field = useRef<HTMLInputElement>(null);
  const load = async (file: File | undefined) => {
    if (!file) return;
    try {
      change(fromFile(await file.text()));
      say(`Loaded ${plural(edits.value.length, "edit")}`);
    } catch (error) {
      say((error as Error).message);
    }
  };
  return (
    <div class="tools-row">
      <button
        type="button"
        class="primary"
        disabled={!edits.value.length}
        onClick={() => save(NAME, toFile(edits.value))}
      >
        Save {NAME}
      </button>
      <button type="button" onClick={() => field.current?.click()}>
        Load {NAME}
      </button>
      <input
        ref={field}
        type="file"
        accept=".csv"
        hidden
        aria-label={NAME}
        onChange={(event) => {
          void load(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      {edits.value.length > 0 && (
        <button type="button" class="quiet" onClick={() => change([])}>
          Undo all
        </button>
      )}
    </div>
  );
}
