"""Store and SKU numbers in one spelling: trimmed, composed Unicode, "123.0" as "123"; no gaps."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from clustering.errors import DataError

# what is no name of anything, and what is no store and no SKU (lower case)
NO_NAMES = (
    "", "na", "n/a", "#n/a", "n.a.", "#na", "<na>", "null", "(null)", "none", "nan", "nil", "-",
    "--", "?", "(blank)",
)  # fmt: skip
NO_KEYS = (
    *NO_NAMES,
    "\\n",
    "*",
    "**",
    "***",
    "n/d",
    "n.d.",
    "unknown",
    "unbekannt",
    "missing",
    "undefined",
)
EXCEL_ERROR = r"(?i)^#\S*[!?]$|^#n/?[avd]$"  # #REF!, #WERT!, #N/A, #NV
BLANKS = r"[\s\p{Cc}\p{Cf}\p{Z}]+"  # with marks that nobody sees, such as a zero-width space
QUOTED = r"^(?:=?\x22([^\x22]*)\x22|'([^']*)'?)$"  # ="00123" and '00123 keep zeros in spreadsheets
DECIMALS = r"^(\d+)\.0*$"
SCIENTIFIC = r"(?i)^\d([.,]\d+)?e\+?\d+$"
# the last lines of an export: "(2 rows affected)", "Source: ERP", "Applied filters: none"
TALLY = (
    r"(?i)^\(?\d[\d,. ]* (rows?|records?|lines?)\b.*|^(notes?|sources?|quellen?|hinweis|remarks?|"
    r"comments?|(applied )?filters?|generated|exported|printed|created|disclaimer)( (on|by|at))?:"
    r".*|^(applied filters|(generated|exported|printed|created) (on|by|at))\b.*"
)
PREFIXED = r"^(?:\p{L}+[\s._#:-]+|#\s?)(\d+)$"  # "Store 12", "ST-0012", "#12"
THOUSANDS = r"^\d{1,3}(?:[.,'’ ]\d{3})+$"


def cleaned(key: pl.Expr) -> pl.Expr:
    """Give the key in its one spelling; null where it is empty, NA, None and the like."""
    text = _trimmed(key).str.replace(QUOTED, "$1$2").str.replace(DECIMALS, "$1")
    is_gap = text.str.to_lowercase().is_in(NO_KEYS) | text.str.contains(EXCEL_ERROR)
    return pl.when(~(is_gap | text.str.contains(TALLY))).then(text)


def _trimmed(text: pl.Expr) -> pl.Expr:
    """Composed Unicode, single blanks inside, none around."""
    text = text.cast(pl.String).str.normalize("NFC")
    return text.str.replace_all(BLANKS, " ").str.strip_chars(" ")


def aligned(key: pl.Expr) -> pl.Expr:
    """Give the key without leading zeros, decimals, thousands marks, and words before the number;
    letters are capital.
    """
    text = cleaned(key).str.replace(PREFIXED, "$1")
    digits = text.str.replace_all(r"[.,'’ ]", "")
    number = pl.when(text.str.contains(THOUSANDS)).then(digits).otherwise(text)
    return number.str.replace(r"^0+(\d)", "$1").str.to_uppercase()


def without_zeros(key: pl.Expr) -> pl.Expr:
    """Give the key without leading zeros."""
    return cleaned(key).str.replace(r"^0+(\d+)$", "$1")


def are_clean(keys: pl.Series) -> bool:
    """Whether keys are as `cleaned` gives them; gaps aside."""
    texts = keys.drop_nulls().cast(pl.String).alias("key").to_frame()
    texts = texts.filter(~pl.col("key").str.contains("^[0-9]+$"))  # digits are, which is quick
    return bool(texts.select((cleaned(pl.col("key")).eq_missing(pl.col("key"))).all()).item())


def without_gaps(name: pl.Expr) -> pl.Expr:
    """Give a category or need state with single blanks inside; null where it is NA and the like."""
    text = _trimmed(name)
    is_gap = text.str.to_lowercase().is_in(NO_NAMES) | text.str.contains(EXCEL_ERROR)
    return pl.when(~is_gap).then(text)


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
    inside, the decimals of a whole number.
    """
    text = " ".join(unicodedata.normalize("NFC", name).split()).casefold()
    return re.sub(DECIMALS, r"\1", text)
