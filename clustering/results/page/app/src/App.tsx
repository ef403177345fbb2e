// The page: header, the view its address names, footer.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { blocksAreThere } from "./data/blocks";
import { main } from "./model";
import { Header } from "./parts/Header";
import { Toast } from "./parts/Toast";
import { listen, route } from "./route";
import { Category } from "./views/Category";
import { Changes } from "./views/Changes";
import { Data } from "./views/Data";
import { Edits } from "./views/Edits";
import { Overview } from "./views/Overview";
import { Plans } from "./views/Plans";
import { Start } from "./views/Start";
import { Store } from "./views/Store";
import { Stores } from "./views/Stores";

const VIEWS: Record<string, [ComponentType, string]> = {
  "": [Start, "Categories"],
  category: [Category, ""],
  stores: [Stores, "Stores"],
  store: [Store, ""],
  plans: [Plans, "Plans"],
  overview: [Overview, "Overview"],
  changes: [Changes, "Changes"],
  edits: [Edits, "Edits"],
  data: [Data, "Data"],
};
const AT_ONCE = new Set(["", "stores", "plans", "data", "changes"]); // views that need no block

const isWhole = signal(blocksAreThere());
addEventListener("DOMContentLoaded", () => {
  isWhole.value = true;
});

export function App() {
  const view = useRef<HTMLElement>(null);
  useEffect(
    () =>
      listen(() => {
        scrollTo(0, 0);
        view.current?.focus({ preventScroll: true });
      }),
    [],
  );
  const { view: wanted, name } = route.value;
  const [View, title] = VIEWS[wanted] ?? VIEWS[""];
  useEffect(() => {
    document.title = `${title || name} – store clusters`;
  }, [title, name]);
  return (
    <>
      <a
        class="skip"
        href="#view"
        onClick={(event) => {
          event.preventDefault();
          view.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Header />
      <main id="view" ref={view} tabIndex={-1}>
        {isWhole.value || AT_ONCE.has(wanted) ? (
          <View />
        ) : (
          <p class="wrap soft">Reading the file …</p>
        )}
      </main>
      <footer>
        <div class="wrap">
          Run {main.run.ids}, environment {main.run.env}, made {main.run.made} by clustering{" "}
          {main.run.version}. This page makes no request; all figures are in the file.
        </div>
      </footer>
      <Toast />
    </>
  );
}
