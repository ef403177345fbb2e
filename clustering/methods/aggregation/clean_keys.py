"""Store and SKU numbers in one spelling: trimmed, composed Unicode, "123.0" as "123"; no gaps."""

from __future__ import annotations

import unicodedata

import polars as pl

from clustering.errors import DataError

# what is no store and no SKU (lower case)
NO_KEYS = (
    "", "na", "n/a", "#n/a", "n.a.", "#na", "<na>", "null", "(null)", "none", "nan", "nil", "-",
    "--", "?", "#ref!", "#value!", "(blank)",
)  # fmt: skip
BLANKS = r"[\s\u{00A0}\u{2007}\u{2009}\u{202F}\u{200B}\u{FEFF}]+"
AROUND = r"^[\s\u{00A0}\u{200B}\u{FEFF}]+|[\s\u{00A0}\u{200B}\u{FEFF}]+$"
QUOTED = r"^(?:=?\x22([^\x22]*)\x22|'([^']*)'?)$"  # ="00123" and '00123 keep zeros in spreadsheets
DECIMALS = r"^(\d+)\.0*$"
SCIENTIFIC = r"(?i)^\d(\.\d+)?e\+?\d+$"
TALLY = r"(?i)^\(?\d[\d,. ]* (rows?|records?|lines?)\b.*"  # the last line of a database's export


def cleaned(key: pl.Expr) -> pl.Expr:
    """Give the key in its one spelling; null where it is empty, NA, None and the like."""
    text = (
        key.cast(pl.String)
        .str.normalize("NFC")
        .str.replace_all(AROUND, "")
        .str.replace(QUOTED, "$1$2")
        .str.replace(DECIMALS, "$1")
    )
    is_key = ~(text.str.to_lowercase().is_in(NO_KEYS) | text.str.contains(TALLY))
    return pl.when(is_key).then(text)


def aligned(key: pl.Expr) -> pl.Expr:
    """Give the key without leading zeros, decimals and thousands marks."""
    return (
        cleaned(key)
        .str.replace(r"^(\d{1,3}(?:,\d{3})+)$", "$1")
        .str.replace_all(r"^0+(\d)|(\d),(\d{3})(?:$)", "$1$2$3")
    )


def are_clean(keys: pl.Series) -> bool:
    """Whether keys are as `cleaned` gives them; gaps aside."""
    texts = keys.drop_nulls().cast(pl.String).alias("key").to_frame()
    return bool(texts.select((cleaned(pl.col("key")).eq_missing(pl.col("key"))).all()).item())


def without_gaps(name: pl.Expr) -> pl.Expr:
    """Give a category or need state with single blanks inside; null where it is NA and the like."""
    text = name.cast(pl.String).str.normalize("NFC").str.replace_all(BLANKS, " ").str.strip_chars()
    return pl.when(~text.str.to_lowercase().is_in(NO_KEYS)).then(text)


def require_whole_digits(where: str, column: str, keys: pl.Series) -> None:
    """Raise DataError where keys were cut to scientific notation, which loses digits."""
    cut = keys.drop_nulls().filter(keys.drop_nulls().str.contains(SCIENTIFIC))
    if len(cut):
        raise DataError(
            f"{where}: column {column} holds {cut.sort()[0]}: a spreadsheet cut the digits of long "
            "numbers; export the column as text"
        )


def folded(name: str) -> str:
    """A category or need state without what does not matter in it: case, blanks around and
    inside.
    """
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()
