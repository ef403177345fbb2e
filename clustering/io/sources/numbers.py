"""Text to numbers: decimal and thousands marks, currencies, percent signs, negatives, gaps.

All different values of a column decide how it is read; values that do not fit are left unread, with
their text.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from clustering.config.inputs import DECIMALS
from clustering.errors import DataError
from clustering.methods.aggregation.clean_keys import BLANKS, EXCEL_ERROR, QUOTED

# text that means "no value" (lower case, trimmed), and what does among numbers only
GAPS = (
    "", "na", "n/a", "n.a.", "n.a", "#na", "<na>", "-", "--", "---", "–", "—", "null", "nan",
    "(null)", "(blank)", "\\n",
)  # fmt: skip
GAPS_OF_NUMBERS = (
    *GAPS, "none", "nil", "?", ".", "..", "...", "*", "**", ":", "n/d", "n.d.", "s/d", "k.a.",
    "k. a.", "n.v.", "keine angabe", "unknown", "unbekannt", "missing", "undefined", "tbd",
    "not available", "not applicable", "inf", "+inf", "-inf", "infinity", "-infinity",
)  # fmt: skip
CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|RUB|INR|BRL|MXN|"
    "ZAR|KRW|SGD|HKD|THB|AED|SAR|ILS"
)
SYMBOLS = {"USD": "$", "US$": "$", "DOLLAR": "$", "DOLLARS": "$", "EUR": "€", "EURO": "€",
           "EUROS": "€", "GBP": "£", "FR": "CHF", "FR.": "CHF", "KR.": "KR"}  # fmt: skip
CURRENCY = (
    rf"(?:(?:US|CA|AU?|NZ|HK|S|R)?\$|\p{{Sc}}|(?:{CODES})|euros?|dollars?|kr\.?|R[sp]\.?|zł|Kč|Fr\.?|"
    "Ft|lei)"
)
NO_CENTS = "[.,][-–—]{1,2}"  # 4,- or 4.–
NUMBER = (
    rf"(?i)^(?P<open>\()?(?P<sign>[-+−–]?)(?P<before>{CURRENCY})? ?(?P<inner>[-+−–(]?)"
    rf" ?(?P<digits>\d[\d.,'’ ]*{NO_CENTS}|\d[\d.,'’ ]*|[.,]\d+)(?P<power>e[+-]?\d+)?"
    rf"(?P<closed>\))? ?(?P<middle>[-−–]?) ?(?P<percent>%)? ?(?P<after>{CURRENCY})?"
    r" ?(?P<trailing>[-−–]?)(?P<close>\))?$"
)
EMPTY_ACCOUNT = rf"(?i)^(?:{CURRENCY}) ?[-–—]$"  # how spreadsheets show no money


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written; `words` says it, `plain` means a cast suffices.

    `unit` is the currency, "percent", or empty.
    """

    decimal: str
    plain: bool
    words: str
    unit: str = ""


class AmbiguousNumbers(DataError):
    """Both readings of the marks fit every value of a column."""


def is_gap(text: pl.Expr) -> pl.Expr:
    """Whether a cell holds no value: empty, NA, N/A, #N/A, -, NULL, nan and the like."""
    cell = trimmed(text)
    is_word = cell.str.to_lowercase().is_in(GAPS_OF_NUMBERS)
    return is_word | cell.str.contains(EXCEL_ERROR) | cell.str.contains(EMPTY_ACCOUNT)


def trimmed(text: pl.Expr) -> pl.Expr:
    """The text without blanks around it, with plain single blanks inside, and without the quotes
    that keep text in a spreadsheet (="12").
    """
    return text.str.replace_all(BLANKS, " ").str.strip_chars().str.replace(QUOTED, "$1$2")


def as_number(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """Give Float64; null for gaps and for what is not a number in this style."""
    if style.plain:
        return text.cast(pl.Float64, strict=False).fill_nan(None)
    return _in_style(trimmed(text), style.decimal)


def style_of(
    where: str, values: pl.Series, separator: str | None, decimal: str | None, hint: str | None
) -> NumberStyle:
    """Decide from the different `values` of a column which mark is the decimal one.

    `decimal` is what the user set, `hint` what other columns of the file say; in a file separated
    by commas the decimal mark is a point. Raises AmbiguousNumbers where nothing decides.
    """
    values = values.drop_nulls()
    mark = DECIMALS.get(decimal or "", decimal) or _decimal(where, values, separator, hint)
    column = pl.col("value")
    read = (
        values.rename("value")
        .to_frame()
        .select(parsed=_in_style(trimmed(column), mark), cast=column.cast(pl.Float64, strict=False))
    )
    plain = bool((read["parsed"].eq_missing(read["cast"])).all())
    return NumberStyle(mark, plain, *_words(where, values, mark))


def evidence(values: pl.Series) -> tuple[int, int, int, int]:
    """How many values need a decimal point, need a decimal comma, fit both by a point, by a comma.

    "1,031" fits both; "1,031.10", "0,5" and "1.5" do not.
    """
    digits = _digits(pl.col("value").struct.field("digits"))
    either = r"^[1-9]\d{0,2}M\d{3}$"
    spaced = digits.str.contains(r"[ '’]")

    def needs(mark: str, other: str) -> pl.Expr:
        mark, other = rf"\{mark}", rf"\{other}"
        groups = digits.str.contains(
            rf"^\d{{1,3}}(?:{other}\d{{2,3}})*{other}\d{{3}}(?:{mark}\d*)?$"
        )
        several = digits.str.count_matches(other) > 1
        one = digits.str.contains(rf"^[\d '’]*{mark}\d*$")
        short = ~digits.str.contains(either.replace("M", mark))
        return (groups & (several | digits.str.contains(mark))) | (one & (short | spaced))

    def both(mark: str) -> pl.Expr:
        return digits.str.contains(either.replace("M", rf"\{mark}"))

    found = (
        values.rename("value").to_frame().select(trimmed(pl.col("value")).str.extract_groups(NUMBER))
        .select(
            point=needs(".", ",").sum(), comma=needs(",", ".").sum(),
            by_point=both(".").sum(), by_comma=both(",").sum(),
        )
    )  # fmt: skip
    point, comma, by_point, by_comma = found.row(0)
    return point, comma, by_point, by_comma


def hint_of(columns: list[pl.Series]) -> str | None:
    """The decimal mark that most values of some columns need; None where none or both do."""
    found = [evidence(column) for column in columns]
    point, comma = (sum(each[place] for each in found) for place in (0, 1))
    return None if point == comma else ("." if point > comma else ",")


def _decimal(where: str, values: pl.Series, separator: str | None, hint: str | None) -> str:
    point, comma, by_point, by_comma = evidence(values)
    if point != comma:
        return "." if point > comma else ","
    if not point and not by_point and not by_comma:
        return hint or "."
    if not point and hint:
        return hint
    if not point and separator == ",":
        return "."
    trimmed_values = values.to_frame("value").select(trimmed(pl.col("value"))).to_series()
    unsure = trimmed_values.filter(trimmed_values.str.contains(r"\d[.,]\d")).sort()
    both = unsure.filter(unsure.str.contains(r"^\D*\d{1,3}[.,]\d{3}\D*$"))
    example = (both if len(both) and not point else unsure)[0]
    why = (
        "some values have a decimal point, as many a decimal comma"
        if point
        else "the mark may be the decimal one, or that of thousands"
    )
    raise AmbiguousNumbers(
        f"{where}: {example!r} can be read in two ways: {why}; set source.read.decimal=point or "
        "source.read.decimal=comma"
    )


def _in_style(text: pl.Expr, decimal: str) -> pl.Expr:
    parts = text.str.extract_groups(NUMBER)
    field = parts.struct.field
    mark, others = rf"\{decimal}", r"[ '’" + ("," if decimal == "." else r"\.") + "]"
    digits = _digits(field("digits"))
    well_formed = digits.str.contains(
        rf"^(?:\d+|\d{{1,3}}(?:{others}\d{{3}})+|\d{{1,2}}(?:{others}\d{{2}})*{others}\d{{3}})"
        rf"(?:{mark}\d*)?$|^{mark}\d+$"
    )
    number = digits.str.replace_all(others, "").str.replace(mark, ".") + field("power").fill_null(
        ""
    )
    minus = [
        field(name).fill_null("").is_in(["-", "−", "–", "("])
        for name in ("open", "sign", "inner", "middle", "trailing")
    ]
    closes = field("close").is_not_null() | field("closed").is_not_null()
    opens = field("open").is_not_null() | field("inner").eq("(").fill_null(False)
    value = number.cast(pl.Float64, strict=False)
    signed = pl.when(pl.any_horizontal(minus)).then(-value).otherwise(value)
    once = pl.sum_horizontal([each.cast(pl.Int8) for each in minus]) <= 1
    return pl.when(well_formed & once & (opens == closes)).then(signed)


def _digits(found: pl.Expr) -> pl.Expr:
    """The digits and marks of a number, without the dash that stands for no cents."""
    return found.str.strip_chars().str.replace(r"[-–—]+$", "")


def _words(where: str, values: pl.Series, decimal: str) -> tuple[str, str]:
    """What a person would say of the values: marks, currencies, percent signs; and the unit."""
    parts = (
        values.rename("value").to_frame()
        .select(trimmed(pl.col("value")).str.extract_groups(NUMBER)).unnest("value")
    )  # fmt: skip
    digits = parts["digits"].drop_nulls()
    words = []
    if digits.str.contains(r"[.,'’ ]").any():
        words.append(f"decimal {'point' if decimal == '.' else 'comma'}")
    symbols = pl.concat([parts["before"], parts["after"]]).drop_nulls().unique()
    currencies = sorted({SYMBOLS.get(each.upper(), each.upper()) for each in symbols})
    if len(currencies) > 1:
        raise DataError(
            f"{where}: amounts in {' and '.join(currencies)} cannot be added up; keep one currency "
            "(source.where)"
        )
    percent = parts["percent"].is_not_null()
    if percent.any():
        plain = values.filter(~percent & parts["digits"].is_not_null() & (parts["digits"] != "0"))
        if len(plain):
            raise DataError(
                f"{where}: some values are percent, others such as {plain[0]!r} are not; write all "
                "of them the same way"
            )
        words.append("percent")
    unit = "percent" if percent.any() else "".join(currencies)
    return ", ".join(words + currencies), unit
