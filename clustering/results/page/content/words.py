"""Numbers and judgements in words, as app/src/data/words.ts writes them: for slides and
workbooks.
"""

from __future__ import annotations

from datetime import date
from typing import Any

NONE = "–"
SURENESS = ("unsure", "rather unsure", "fairly sure", "sure")
VERDICTS = {
    "groups": "The mixes are separate groups.",
    "continuum": "There are no gaps between the mixes: the lines cut a gradual change.",
    "too_few_stores": "Too few stores to tell groups apart.",
    "all_alike": "All stores sell the same mix.",
}
Part = dict[str, Any]  # of the content: a row, or a group of values by name


def plural(number: int, word: str) -> str:
    """3 categories, 2 mixes, 1 store."""
    if number == 1:
        return f"1 {word}"
    several = word[:-1] + "ies" if word.endswith("y") else word + "es" * word.endswith("x")
    return f"{number:,} {several if several != word and not word.endswith('s') else word + 's'}"


def period(text: str) -> str:
    """Of "2017-01-02 to 2017-12-31" 2 Jan 2017 to 31 Dec 2017; of "1 to 53" weeks 1 to 53."""
    first, last = text.split(" to ")
    if "-" not in first.lstrip("-"):
        return f"week {first}" if first == last else f"weeks {first} to {last}"
    days = [
        f"{day.day} {day:%b %Y}" for day in map(date.fromisoformat, dict.fromkeys([first, last]))
    ]
    return " to ".join(days)


def percent(share: float | None) -> str:
    """A share without decimals; never 0% or 100% of what is neither."""
    if share is None:
        return NONE
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{_half_up(share * 100)}%"


def money(value: float, currency: str) -> str:
    """Whole units of the currency."""
    whole = _half_up(value)
    return f"{'−' if whole < 0 else ''}{currency}{abs(whole):,}"


def _half_up(value: float) -> int:
    """As browsers round."""
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def is_firm(plan: Part) -> bool:
    """At least fairly sure."""
    return plan["sureness"] in SURENESS[2:]


def sureness(plan: Part) -> str:
    """How sure, in words."""
    nothing = "not split" if plan["kind"] == "one" else "not judged"
    return str(plan["sureness"] or nothing).capitalize()


def to_do(plan: Part) -> str:
    """4 plans, on trial."""
    if plan["kind"] == "one" or plan["plans"] <= 1:
        return "One plan will do"
    on_trial = plan["sureness"] is not None and not is_firm(plan)
    return plural(plan["plans"], "plan") + (", on trial" if on_trial else "")


def lede(main: Part) -> str:
    """The answer of the first screen in two sentences."""
    plans = [category["plan"] for category in main["categories"]]
    cluster, mix, one = (
        sum(plan["kind"] == kind for plan in plans) for kind in ("cluster", "mix", "one")
    )
    first, *second = main["run"]["names"]
    then = f", then by {second[0]}" if second else ""
    calls = [
        *([f"{cluster:,} call for a plan per cluster"] if cluster else []),
        *([f"{mix:,} {'for' if cluster else 'call for'} a plan per mix"] if mix else []),
        *([f"in {one:,} one plan will do"] if one else []),
    ]
    listed = filter(None, [", ".join(calls[:-1]), *calls[-1:]])
    if not any(plan["sureness"] for plan in plans):
        return f"Stores were grouped by {first}{then}."
    return (
        f"In each category, stores were grouped by {first}{then}. "
        f"Of {plural(len(plans), 'category')}, {' and '.join(listed)}; "
        f"{_repeat(sum(map(is_firm, plans)), len(plans))}"
    )


def _repeat(firm: int, whole: int) -> str:
    if firm == whole:
        return "all splits repeat well from one half of the sales to the other."
    return (
        f"{f'{firm:,}' if firm else 'none'} of the splits {'repeats' if firm == 1 else 'repeat'} "
        "well from one half of the sales to the other, so treat the others as trials."
    )


def trait_in_words(trait: Part, attribute: Part) -> str:
    """More weekday visits; often store format: hyper, of a trait that stores have or have not."""
    is_more = trait["mean"] > trait["overall"]
    if attribute["form"] == "yes":
        return f"{'often' if is_more else 'seldom'} {attribute['label'].lower()}"
    return f"{'more' if is_more else 'less'} {attribute['label'].lower()}"


def came_out(category: Part) -> tuple[str, str]:
    """What came out of a category: a heading, and a sentence or two."""
    mixes, clusters = len(category["mixes"]), len(category["clusters"])
    heading = (
        "All stores together"
        if clusters == 1
        else plural(clusters, "cluster")
        if category["captured"] is None
        else f"{plural(mixes, 'mix')}, one cluster each"
        if clusters == mixes
        else f"{plural(mixes, 'mix')}, {plural(clusters, 'cluster')} once surroundings are added"
    )
    captured, few, unsold = category["captured"], category["few"], category["unsold"]
    sentences = []
    if captured is not None and clusters > 1:
        sentences.append(
            f"They capture {percent(captured)} of the store-to-store difference in what sells."
        )
    if few:
        sentences.append(
            f"{plural(few, 'store')} sold too little to judge alone "
            f"({percent(category['fewSales'] / (category['sales'] or 1))} of sales) and "
            f"{'was' if few == 1 else 'were'} placed beside the most similar."
        )
    if unsold and category["sales"]:
        sentences.append(f"{plural(unsold, 'store')} sold nothing here.")
    return heading, " ".join(sentences)


def how_sure(category: Part) -> tuple[str, str]:
    """How sure a category is: a heading, and a sentence or two."""
    plan = category["plan"]
    sentences = []
    if plan["agreement"] is not None:
        sentences.append(
            f"{percent(plan['agreement'])} of stores land in the same mix by either half of their "
            f"sales; luck gives {percent(plan['chance'])}."
        )
    if verdict := VERDICTS.get(category["verdict"]):
        sentences.append(verdict)
    return sureness(plan), " ".join(sentences)


def what_to_do(category: Part) -> tuple[str, str]:
    """What to do in a category: a heading, and a sentence."""
    plan, look = category["plan"], category["plan"]["look"]
    because = plan["because"]
    if look:
        because += f" Look at {plural(look, 'store')} that could as well belong next door."
    return to_do(plan), because.strip()
