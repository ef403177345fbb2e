"""Print the quality tables: `nox -s quality` or `python -m tests.quality [--quick] [--part PART]
[--seeds SEEDS] [--pycaret PYTHON] [--orange-juice FILE] [--output docs/quality.md]`.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

from tests.quality.document import written
from tests.quality.parts import PARTS


def main() -> None:
    """Score what the command line asks for."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few cases of each")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument(
        "--seeds",
        choices=("development", "scored"),
        default="scored",
        help="seeds of generated worlds; rules and limits are chosen on those of development",
    )
    parser.add_argument(
        "--pycaret",
        metavar="PYTHON",
        help="an interpreter that has PyCaret 3.3.2, to compare with it",
    )
    parser.add_argument(
        "--orange-juice", metavar="FILE", help="orangeJuice.rda of the R package bayesm"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write the sections of these parts into the document, which keeps its others",
    )
    asked = parser.parse_args()
    for name in asked.part or PARTS:
        if asked.output:
            asked.output.write_text(written(asked.output, name, asked))
        else:
            PARTS[name].run(asked)


if __name__ == "__main__":
    main()
