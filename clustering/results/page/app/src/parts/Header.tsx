// The bar at the top: views, search, editing, light or dark.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { editCount, editing, nameNow } from "../edits/edits";
import { type Found, main, search } from "../model";
import { route } from "../route";
import { say } from "./Toast";

const VIEWS = [
  ["", "Categories"],
  ["stores", "Stores"],
  ["plans", "Plans"],
  ["overview", "Overview"],
  ["changes", "Changes"],
  ["edits", "Edits"],
  ["data", "Data"],
];
const SECTIONS: Record<string, string> = { category: "", store: "stores" };

export function Header() {
  const { view } = route.value;
  const section = SECTIONS[view] ?? view;
  const shown = VIEWS.filter(
    ([name]) => (name !== "changes" || main.changes) && (name !== "plans" || main.budget),
  );
  return (
    <header class="top">
      <div class="wrap">
        <a class="brand" href="#/">
          Store clusters
        </a>
        <nav aria-label="Main">
          {shown.map(([name, title]) => (
            <a key={name} href={`#/${name}`} aria-current={section === name ? "page" : undefined}>
              {title}
              {name === "edits" && editCount.value > 0 && (
                <span class="count">{editCount.value}</span>
              )}
            </a>
          ))}
        </nav>
        <Search />
        <div class="tools nowrap">
          <button type="button" aria-pressed={editing.value} onClick={toggleEditing}>
            Edit
          </button>{" "}
          <button
            type="button"
            aria-label="Light or dark"
            title="Light or dark"
            onClick={toggleTheme}
          >
            ◐
          </button>
        </div>
      </div>
    </header>
  );
}

function toggleEditing(): void {
  editing.value = !editing.value;
  say(
    editing.value
      ? "Editing is on: open a category to move stores or rename clusters"
      : "Editing is off",
  );
}

function toggleTheme(): void {
  const root = document.documentElement;
  const now =
    root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
}

/** A combobox: type, arrow keys, Enter; "/" leads here from anywhere. */
function Search() {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const found = open ? search(text, (c, k) => nameNow(main.categories[c], k)) : [];
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const typing = /INPUT|SELECT|TEXTAREA/.test(document.activeElement?.tagName ?? "");
      if (event.key !== "/" || typing || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const close = () => {
    setOpen(false);
    setAt(0);
  };
  const go = (to: Found | undefined) => {
    if (!to) return;
    location.hash = to.href;
    setText("");
    close();
    field.current?.blur();
  };
  const keys = (event: JSX.TargetedKeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      setAt((at + step + found.length) % found.length);
    } else if (event.key === "Enter") go(found[at]);
    else if (event.key === "Escape") {
      setText("");
      close();
    }
  };
  const isShown = open && text.trim() !== "";
  return (
    <div class="find">
      <input
        ref={field}
        type="search"
        id="find"
        role="combobox"
        aria-label="Find a store, category or cluster"
        aria-expanded={isShown && found.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.length ? `found-${at}` : undefined}
        autocomplete="off"
        placeholder="Store, category, cluster"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setAt(0);
        }}
        onKeyDown={keys}
        onBlur={close}
      />
      <ul class="found" id="found" role="listbox" aria-label="Found" hidden={!isShown}>
        {isShown && found.map((one, place) => (
          <li
            key={place}
            id={`found-${place}`}
            role="option"
            aria-selected={place === at}
            ref={(item) => {
              if (place === at) item?.scrollIntoView?.({ block: "nearest" });
            }}
            onMouseDown={(event) => {
              event.preventDefault();
              go(one);
            }}
          >
            <span>{one.title}</span>
            <span class="kind">{one.note}</span>
          </li>
        ))}
        {isShown && !found.length && (
          <li role="option" aria-selected={false} aria-disabled="true" class="soft">
            Nothing found. Try a store number, a category or a need state.
          </li>
        )}
      </ul>
    </div>
  );
}
