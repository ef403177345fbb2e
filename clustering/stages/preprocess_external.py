"""Files of store attributes to one long table, with one pseudo-category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.methods.aggregation.plausible import labels_of_totals
from clustering.methods.explanation.nearest import LATITUDE, LONGITUDE, coordinate
from clustering.methods.plausibility.findings import Finding, findings_table, listed, warning
from clustering.schemas import ALL
from clustering.stages.quarantine import column_report, quarantine_frame, require_few, tally

LARGEST_ATTRIBUTE = 1e15


@dataclass
class _Findings:
    """What is set aside on the way."""

    quarantine: list[pl.DataFrame] = field(default_factory=list)
    counts: list[pl.DataFrame] = field(default_factory=list)
    columns: list[tuple[str, str, str | None, str, str | None]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def preprocess_external(
    external: dict[str, pl.DataFrame], preprocess: Preprocess, seed: int
) -> dict[str, pl.DataFrame]:
    """Give the tables values, stores, quarantine, reconciliation and columns (see schemas) of the
    external track.

    Rules: files are full-joined on the store; of several rows for a store preprocess.duplicates
    says which counts; a column name that two files share is kept under each file's name
    ("file.column"); columns that are mostly null, constant, or text with more levels than
    preprocess.max_levels are dropped; text that is a number in every row is a number; dates become
    days; infinite values become gaps; booleans and columns of 0 and 1 are levels. Raises DataError
    where nothing is left.
    """
    found = _Findings()
    frames = [
        _one_row_per_store(name, frame, preprocess, found)
        for name, frame in sorted(external.items())
    ]
    counts = pl.concat(found.counts)
    require_few(
        counts, preprocess.max_quarantined_share, ignored=("not_sampled", "store_is_a_total")
    )
    frames = _renamed(dict(zip(sorted(external), frames, strict=True)), found)
    joined = reduce(
        lambda left, right: left.join(right, on="store_nbr", how="full", coalesce=True), frames
    )
    joined = _sampled(joined.sort("store_nbr"), preprocess.sample_stores, seed)
    usable = _usable(joined, preprocess, found)
    if not usable or joined.is_empty():
        raise DataError(
            "no external attribute is usable: every column was dropped",
            [
                f"{column}: {reason}"
                for _, column, _, action, reason in found.columns
                if action == "dropped"
            ][:10],
        )
    values = long_table(joined.select("store_nbr", *usable))
    found.findings += _coordinates(values["feature"].unique().to_list())
    return {
        "values": values,
        "stores": store_table(joined, values),
        "quarantine": pl.concat([_no_fault(), *found.quarantine]),
        "reconciliation": counts,
        "columns": column_report(found.columns),
        "findings": findings_table(found.findings),
    }


def _coordinates(columns: list[str]) -> Iterator[Finding]:
    """Which of several columns is taken as the latitude or longitude."""
    for name, spellings in (("latitude", LATITUDE), ("longitude", LONGITUDE)):
        first, *others = coordinate(columns, spellings) or [""]
        if others:
            text = f"{first} is taken as the {name} on maps; {listed(others)} could be it, too"
            yield warning("external", f"several_{name}s", text)


def _no_fault() -> pl.DataFrame:
    return quarantine_frame("", pl.DataFrame(schema={"rule": pl.String}))


def _one_row_per_store(
    name: str, frame: pl.DataFrame, preprocess: Preprocess, found: _Findings
) -> pl.DataFrame:
    """Set rows without a store and totals aside and settle duplicates; all are counted."""
    named = frame.filter(pl.col("store_nbr").is_not_null())
    totals = [] if preprocess.totals == "keep" else labels_of_totals(named["store_nbr"].unique())
    if totals and preprocess.totals == "error":
        raise DataError(f"{name}: store {listed(totals)} is a total; remove it")
    of_totals = named.filter(pl.col("store_nbr").is_in(totals))
    named = named.filter(~pl.col("store_nbr").is_in(totals))
    once = one_row_each(name, named, preprocess.duplicates)
    nameless, repeated = frame["store_nbr"].null_count(), named.height - once.height
    extra = named.filter(~pl.col("store_nbr").is_first_distinct()) if repeated else named.clear()
    for rule, rows in (
        ("store_nbr_null", frame.filter(pl.col("store_nbr").is_null())),
        (f"duplicate_store_{preprocess.duplicates}", extra),
        ("store_is_a_total", of_totals),
    ):
        faulty = rows.head(preprocess.quarantine_rows).with_columns(pl.lit(rule).alias("rule"))
        found.quarantine.append(quarantine_frame(name, faulty.select("rule", "store_nbr")))
    outcomes = {
        "used": once.height,
        "store_nbr_null": nameless,
        f"duplicate_store_{preprocess.duplicates}": repeated,
        "store_is_a_total": of_totals.height,
    }
    if totals:
        text = f"store {listed(totals)} is a total: set aside"
        found.findings.append(warning(name, "store_is_a_total", text, len(totals)))
    if 2 * repeated > once.height:
        text = (
            f"most stores have several rows, of which one counts (preprocess.duplicates="
            f"{preprocess.duplicates}); write one row for each store, with a column for each "
            "attribute or year"
        )
        found.findings.append(warning(name, "several_rows_per_store", text, repeated))
    found.counts.append(tally(name, frame.height, outcomes))
    return once


def one_row_each(name: str, frame: pl.DataFrame, rule: str) -> pl.DataFrame:
    """Give `frame` with one row per store, by preprocess.duplicates; raises DataError where that is
    "error".
    """
    if frame["store_nbr"].is_unique().all():
        return frame
    if rule == "error":
        repeated = frame.filter(pl.col("store_nbr").is_duplicated())["store_nbr"].unique().sort()
        raise DataError(
            f"{name}: {len(repeated)} stores have several rows; keep one each, or set "
            "preprocess.duplicates=first",
            [f"for example {', '.join(repeated.head(5))}"],
        )
    if rule in ("first", "last"):
        return frame.unique(
            "store_nbr", keep="first" if rule == "first" else "last", maintain_order=True
        )
    numeric = [column for column, kind in frame.schema.items() if kind.is_numeric()]
    others = [column for column in frame.columns if column not in (*numeric, "store_nbr")]
    return frame.group_by("store_nbr", maintain_order=True).agg(
        *(pl.col(column).cast(pl.Float64).mean() for column in numeric),
        *(pl.col(column).first() for column in others),
    )


def _renamed(frames: dict[str, pl.DataFrame], found: _Findings) -> list[pl.DataFrame]:
    """Tell equal column names of different files apart by the file's name."""
    names = [
        column for frame in frames.values() for column in frame.columns if column != "store_nbr"
    ]
    clashing = {column for column in names if names.count(column) > 1}
    stems = [file.rpartition("/")[2].partition(".")[0] for file in frames]
    result = []
    for (file, frame), stem in zip(frames.items(), stems, strict=True):
        prefix = stem if stems.count(stem) == 1 else file
        new = {column: f"{prefix}.{column}" for column in frame.columns if column in clashing}
        found.columns += [
            (file, old, None, "renamed", f"{name}, as other files have {old}, too")
            for old, name in new.items()
        ]
        result.append(frame.rename(new))
    return result


def _sampled(frame: pl.DataFrame, number: int | None, seed: int) -> pl.DataFrame:
    if number is None or number >= frame.height:
        return frame
    return frame.sample(number, seed=seed).sort("store_nbr")


def _usable(joined: pl.DataFrame, preprocess: Preprocess, found: _Findings) -> list[pl.Expr]:
    """The columns that stay, as numbers (Float64) or levels (String); what happens to each is
    reported.
    """
    usable, odd = [], []
    for column in joined.columns[1:]:
        cleaned, kind = _typed(joined[column])
        if (
            kind == "numeric"
            and (too_large := joined.filter(cleaned.abs() > LARGEST_ATTRIBUTE)).height
        ):
            odd.append(
                f"attribute {column} is {too_large[column][0]} for store "
                f"{too_large['store_nbr'][0]}; values above {LARGEST_ATTRIBUTE:g} cannot be used"
            )
        reason = _reason_to_drop(cleaned, kind, preprocess)
        found.columns.append(("joined", column, kind, "dropped" if reason else "kept", reason))
        if not reason:
            usable.append(pl.lit(cleaned))
    if odd:
        raise DataError(odd[0], odd[1:])
    return usable


def _typed(column: pl.Series) -> tuple[pl.Series, str]:
    kind = column.dtype
    if kind == pl.Boolean:
        return column.cast(pl.String), "boolean"
    if kind.is_temporal():
        return column.cast(pl.Date).to_physical().cast(pl.Float64), "numeric"
    if kind.is_numeric():
        number = column.cast(pl.Float64)
        number = number.set(~number.is_finite(), None)
        flag = number.drop_nulls().is_in([0.0, 1.0]).all()
        return (number.cast(pl.Int64).cast(pl.String), "boolean") if flag else (number, "numeric")
    text = column.cast(pl.String).str.strip_chars().replace("", None)
    if isinstance(kind, pl.Categorical):  # codes
        return text, "categorical"
    number = text.cast(pl.Float64, strict=False)
    if number.null_count() == text.null_count() < len(text):
        return number.set(~number.is_finite(), None), "numeric"
    return text, "categorical"


def _reason_to_drop(column: pl.Series, kind: str, preprocess: Preprocess) -> str | None:
    empty = column.null_count() / max(len(column), 1)
    if empty > preprocess.max_null_share:
        return (
            f"{empty:.0%} null, more than preprocess.max_null_share={preprocess.max_null_share:g}"
        )
    levels = column.drop_nulls().n_unique()
    if levels < 2:
        return "constant"
    if kind == "categorical" and levels > preprocess.max_levels:
        return f"{levels} levels, more than preprocess.max_levels={preprocess.max_levels}"
    return None


def long_table(wide: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.Values: one row per store and attribute of `wide` that is known."""
    parts = []
    for column in wide.columns[1:]:
        is_level = wide[column].dtype == pl.String
        parts.append(
            wide.select(
                pl.lit(ALL).alias("category"),
                "store_nbr",
                pl.lit(column).alias("feature"),
                (pl.lit(None, pl.Float64) if is_level else pl.col(column)).alias("value"),
                (pl.col(column) if is_level else pl.lit(None, pl.String)).alias("level"),
                pl.lit(None, pl.Float64).alias("half_a"),
                pl.lit(None, pl.Float64).alias("half_b"),
            ).filter(pl.col("value").is_not_null() | pl.col("level").is_not_null())
        )
    return pl.concat(parts).sort("store_nbr", "feature")


def store_table(joined: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.Stores of the external track: a store without any value has no history."""
    known = values.select("store_nbr").unique().with_columns(pl.lit("enough").alias("history"))
    return (
        joined.select("store_nbr")
        .join(known, on="store_nbr", how="left", maintain_order="left")
        .select(
            pl.lit(ALL).alias("category"),
            "store_nbr",
            pl.lit(None, pl.Float64).alias("sales"),
            pl.lit(None, pl.Int64).alias("sales_rows"),
            pl.col("history").fill_null("none"),
            pl.lit(None, pl.Float64).alias("noise"),
        )
    )
