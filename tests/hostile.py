"""A sample in which names are as bad as they may be: HTML, quotes, slashes, 200 characters, and a
category of one cluster.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

CATEGORY = 'a/b: "c" <script>alert(1)</script>'
NEED_STATE = "a need state of two hundred characters, " * 5
STORE = "<b>7</b>&amp;"
ONE_CLUSTER = "JUST ONE [x]*?: of a name that is much longer than a sheet of a workbook may have"

# what spreadsheets, terminals, chats, shells, file systems and parsers may take for more than text
NAMES = (
    *(
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "'=1",
        "''=1",
    ),
    *(
        "＝1+1",
        "＋1",
        "－1",
        "＠1",
        '=HYPERLINK("http://x.example","y")',
        "=1;2,3",
        "'",
        '"',
        '""',
        ",",
    ),
    *(
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "\x1b[2J",
        "back\x08space",
        "bell\x07",
        "\x9b31m",
        "\u202egnp",
    ),
    *(
        "<!channel>",
        "<@U1>",
        "<script>alert(1)</script>",
        "&lt;",
        "R&D",
        "*bold*",
        "`code`",
        "[red]x[/red]",
    ),
    *(
        "{0}",
        "${HOME}",
        "$(id)",
        "`id`",
        "%s%n",
        "%PATH%",
        "../../etc/passwd",
        "C:\\x",
        "CON",
        "a/b",
        ".",
    ),
    *("line\nbreak", 'le="+Inf"', "naïve ☃ 店", "nul\x00byte", "x" * 300, " leading and trailing "),
)


def spoil(sample: Path, folder: Path) -> Path:
    """Copy a sample of two categories or more to `folder`, with the names above in it."""
    shutil.copytree(sample, folder)
    raw = folder / "data" / "raw"
    sales, need_states = (
        pl.read_parquet(raw / "sales.parquet"),
        pl.read_csv(raw / "need_states.csv", infer_schema=False),
    )
    first, second = sales["CATEGORY"].unique().sort().head(2)
    store, names = sales["STORE_NBR"].min(), {first: CATEGORY, second: ONE_CLUSTER}
    sales = sales.with_columns(
        pl.col("CATEGORY").replace(names), pl.col("STORE_NBR").replace({store: STORE})
    )
    one_need_state = need_states.filter(CATEGORY=second)["NEED_STATE"].min()
    need_states = need_states.with_columns(
        NEED_STATE=pl.when(CATEGORY=second).then(pl.lit(one_need_state)).otherwise("NEED_STATE")
    )
    long = need_states.filter(CATEGORY=first)["NEED_STATE"].min()
    need_states = need_states.with_columns(
        pl.col("CATEGORY").replace(names), pl.col("NEED_STATE").replace({long: NEED_STATE})
    )
    sales.write_parquet(raw / "sales.parquet")
    need_states.write_csv(raw / "need_states.csv")
    for path in (raw / "external").iterdir():
        table = pl.read_csv(path, infer_schema=False)
        table.with_columns(pl.col("STORE_NBR").replace({store: STORE})).write_csv(path)
    return folder
