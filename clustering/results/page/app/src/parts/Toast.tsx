// One line at the bottom that says what just happened.
import { signal } from "@preact/signals";

const told = signal("");
let timer: ReturnType<typeof setTimeout>;

export function say(text: string): void {
  told.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    told.value = "";
  }, 2600);
}

export function Toast() {
  return (
    <div class="toast" role="status" hidden={!told.value}>
      {told.value}
    </div>
  );
}
