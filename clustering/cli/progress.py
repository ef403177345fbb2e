"""Shows what runs: a bar on a terminal, a line for each stage elsewhere, or JSON for programs."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from clustering.cli.answers import Progress as Event
from clustering.cli.answers import StageDone, to_json
from clustering.cli.console import can_redraw, messages

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from clustering.registry import Stage
    from clustering.store.manifest import Manifest

KINDS = ("auto", "json", "none")


class StageProgress:
    """Keeps what was done; `kind` is how it is shown."""

    def __init__(self, kind: str = "auto") -> None:
        self.done: list[StageDone] = []
        self._kind = kind
        self._clock = 0.0
        self._categories = self._advanced = 0
        self._console = messages()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> StageProgress:
        if self._kind == "auto" and can_redraw():
            self._bar = bar(self._console)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def started(self, stage: Stage, categories: int) -> None:
        self._clock = time.perf_counter()
        self._categories, self._advanced = categories, 0
        self._tell("started", stage)
        if self._bar:
            self._task = self._bar.add_task(stage.key, total=categories or None, category="")

    def advanced(self, stage: Stage, category: str) -> None:
        self._advanced += 1
        self._tell("advanced", stage, category=category)
        if self._bar and self._task is not None:
            self._bar.update(self._task, advance=1, category=category)

    def finished(self, stage: Stage, manifest: Manifest, skipped: bool) -> None:  # noqa: ARG002
        seconds = 0.0 if skipped else time.perf_counter() - self._clock
        self.done.append(StageDone(stage=stage.key, fresh=skipped, seconds=round(seconds, 3)))
        self._tell("finished", stage, fresh=skipped, seconds=round(seconds, 3))
        if self._bar and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
        if self._kind == "auto":
            took = "fresh, skipped" if skipped else f"{seconds:.1f} s"
            self._console.print(f"{stage.key:<22} {took}", markup=False)

    def _tell(
        self,
        event: Literal["started", "advanced", "finished"],
        stage: Stage,
        *,
        category: str | None = None,
        fresh: bool | None = None,
        seconds: float | None = None,
    ) -> None:
        if self._kind == "json":
            told = Event(
                event=event,
                stage=stage.key,
                done=self._advanced,
                of=self._categories,
                category=category,
                fresh=fresh,
                seconds=seconds,
            )
            sys.stderr.write(to_json(told, indent=None) + "\n")
            sys.stderr.flush()


def bar(console: Console) -> Progress:
    """Stage, categories done, time left; the time gone by for a stage without categories."""
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Done(ProgressColumn):
        def render(self, task: Task) -> Text:
            if task.total is None:
                return Text(f"{task.elapsed or 0:.0f} s")
            left = int(task.time_remaining or 0)
            told = f", {left // 60}:{left % 60:02} left" if left else ""
            return Text(f"{task.completed:.0f}/{task.total:.0f}{told}")

    rest_of_line = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<19}"),
        BarColumn(15),
        Done(),
        TextColumn("{task.fields[category]}", markup=False, table_column=rest_of_line),
        console=console,
        expand=True,
        transient=True,
    )
