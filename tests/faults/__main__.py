"""Breaks every file operation of commands once: python -m tests.faults [CASE ...]."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.breaker import FAIL, KILL
from tests.faults.commands import Commands
from tests.faults.worlds import CASES, Case, sample


def main() -> int:
    """Give 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"of: {', '.join(CASES)}")
    parser.add_argument("--mode", choices=(KILL, FAIL), action="append")
    parser.add_argument("--sample", action="store_true", help="only one operation of each kind")
    parser.add_argument("--first", type=int, default=1, help="begin with this operation")
    parser.add_argument("--last", type=int, help="end with this operation")
    parser.add_argument("--place", help="keep the projects here, for the next call")
    asked = parser.parse_args()
    wrong = broken = 0
    commands = Commands()
    with tempfile.TemporaryDirectory() as passing:
        place = asked.place or passing
        for name in asked.case or CASES:
            case = Case(name, Path(place) / name, commands)
            for mode in asked.mode or (KILL, FAIL):
                operations = case.operations(mode)
                numbers = sample(operations) if asked.sample else range(1, len(operations) + 1)
                last = asked.last or len(operations)
                chosen = [at for at in numbers if asked.first <= at <= last]
                for at in chosen:
                    sys.stderr.write(f"{name} {mode} {at} of {len(operations)}\n")
                    for fault in _faults(case, mode, at):
                        wrong += 1
                        what = operations[at - 1].replace(str(case.folder / "count"), "")
                        sys.stdout.write(f"{name} {mode} {at} ({what}): {fault}\n")
                        sys.stdout.flush()
                broken += len(chosen)
                told = f"{name} {mode}: {len(chosen)} of {len(operations)} operations broken\n"
                sys.stdout.write(told)
                sys.stdout.flush()
    commands.stop()
    sys.stdout.write(f"{broken} operations broken, {wrong} faults\n")
    return int(wrong > 0)


def _faults(case: Case, mode: str, at: int) -> list[str]:
    try:
        return list(case.faults(mode, at))
    except (AssertionError, TimeoutError) as error:
        return [str(error)]


if __name__ == "__main__":
    sys.exit(main())
