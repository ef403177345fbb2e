// Starts the page.
import { render } from "preact";
import { App } from "./App";
import { restore } from "./edits/edits";
import { load } from "./model";
import { printOnDemand } from "./Print";

const { run } = load();
restore(run.ids);
render(<App />, document.getElementById("app")!);
printOnDemand(document.getElementById("print")!);
performance.mark("ready");
