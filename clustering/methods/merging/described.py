"""Final clusters of one category in words and numbers: their profiles, and names that hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.differences import SIGNIFICANT
from clustering.methods.explanation.labels import labelled
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.final_names import (
    BETWEEN,
    Claim,
    Named,
    name_mixes,
    name_surroundings,
    plain,
)
from clustering.methods.merging.halves import NONE, Halves
from clustering.methods.merging.mixes import Mix
from clustering.methods.merging.profiles import Profile, attribute_profile, mix_profile


@dataclass(frozen=True)
class Described:
    """The profiles of a category's final clusters `codes` (each a row), and what they are named
    after: the mix, and the surroundings where it is split.
    """

    category: str
    codes: list[str]
    profiles: list[Profile]
    mixes: list[Named]
    surroundings: list[Named | None]


@dataclass(frozen=True)
class Facts:
    """What is known of a category's stores: their mix, where its halves place them, and
    `attributes` (n_stores, n_features).
    """

    mix: Mix | None
    halves: Halves | None
    features: list[str]
    attributes: Matrix | None


def describe(found: MergedCategory, facts: Facts) -> Described:
    """Describe the final clusters of a category."""
    mix, features, attributes = facts.mix, facts.features, facts.attributes
    codes, labels = np.unique(found.final.astype(str), return_inverse=True)
    mix_of = np.zeros(len(codes), dtype=np.int64)
    mix_of[labels] = found.places
    profiles: list[Profile] = []
    named = [Named((), letter) for letter in found.letters]
    surroundings: list[Named | None] = [None] * len(codes)
    if mix is not None:
        of_mixes, of_finals = _mix_profiles(found, mix, facts.halves, codes, labels)
        profiles.append(of_finals)
        named = name_mixes(of_mixes, of_finals, mix_of)
    if attributes is not None:
        profiles.append(attribute_profile(features, attributes, labels, len(codes)))
        if mix is None and len(codes) == len(found.letters) > 1:
            # nothing was sold: the attributes are all there is to name
            named = name_surroundings(profiles[-1], profiles[-1], np.argsort(mix_of))
        for place in range(len(found.letters)):
            rows = np.flatnonzero(mix_of == place)
            if len(rows) > 1:
                own = found.places == place
                among = np.searchsorted(rows, labels[own])
                sisters = attribute_profile(features, attributes[own], among, len(rows))
                names = name_surroundings(sisters, profiles[-1], rows)
                for row, name in zip(rows, names, strict=True):
                    surroundings[row] = name
    of_codes = [named[place] for place in mix_of]
    return Described(found.category, codes.tolist(), profiles, of_codes, surroundings)


def _mix_profiles(
    found: MergedCategory,
    mix: Mix,
    halves: Halves | None,
    codes: NDArray[np.str_],
    labels: NDArray[np.int64],
) -> tuple[Profile, Profile]:
    """The profiles of the mixes and of the final clusters."""
    k = len(found.letters)
    if halves is None or not mix.has_halves:
        return mix_profile(mix, found.places, k), mix_profile(mix, labels, len(codes))
    by_a = _mixes_by_half(found, halves)
    return (
        mix_profile(mix, found.places, k, by_a),
        mix_profile(mix, labels, len(codes), _finals_by_half(found, by_a, codes)),
    )


def _mixes_by_half(found: MergedCategory, halves: Halves) -> NDArray[np.int64]:
    """The place of every store's mix by the first half of its sales, NONE where it is not known:
    the mix of a store of little history is mostly noise.
    """
    return np.where(found.stores["is_founder"].to_numpy(), halves.by_a, NONE)


def _finals_by_half(
    found: MergedCategory, by_a: NDArray[np.int64], codes: NDArray[np.str_]
) -> NDArray[np.int64]:
    """The place among `codes` of every store's final cluster if it has the mix `by_a`."""
    finals = found.final_in(np.maximum(by_a, 0)).astype(str)
    place = np.minimum(np.searchsorted(codes, finals), len(codes) - 1)
    return np.where((by_a != NONE) & (codes[place] == finals), place, NONE)


def as_overridden(
    described: Described, found: MergedCategory, facts: Facts, final: NDArray[np.object_]
) -> Described:
    """Give the same names with the profiles of the members that overrides left: `final`
    (n_stores,) is the code of every store's cluster, None where it was excluded. A cluster that
    overrides made is named by its code.
    """
    if (final == found.final).all():
        return described
    there = np.array([code is not None for code in final])
    codes, labels = np.unique(final[there].astype(str), return_inverse=True)
    profiles: list[Profile] = []
    if facts.mix is not None and there.any():
        by_half = None
        if facts.halves is not None and facts.mix.has_halves:
            # the first half did not put a pinned store where it is
            by_half = _finals_by_half(found, _mixes_by_half(found, facts.halves), codes)
            by_half = np.where(final == found.final, by_half, NONE)[there]
        profiles.append(mix_profile(facts.mix.of(there), labels, len(codes), by_half))
    if facts.attributes is not None and there.any():
        attributes = facts.attributes[there]
        profiles.append(attribute_profile(facts.features, attributes, labels, len(codes)))
    by_mix = dict(zip(described.codes, described.mixes, strict=True))
    by_surroundings = dict(zip(described.codes, described.surroundings, strict=True))
    return Described(
        found.category,
        codes.tolist(),
        profiles,
        [by_mix.get(code, Named((), code)) for code in codes.tolist()],
        [by_surroundings.get(code) for code in codes.tolist()],
    )


def relabelled(found: Described, labels: pl.DataFrame | None) -> Described:
    """The same with labels (schemas.Labels) in place of raw names in what is claimed."""

    def named(one: Named) -> Named:
        claims = (replace(claim, words=_with_label(claim, labels)) for claim in one.claims)
        return replace(one, claims=tuple(claims))

    if labels is None:
        return found
    return replace(
        found,
        mixes=[named(one) for one in found.mixes],
        surroundings=[one and named(one) for one in found.surroundings],
    )


def _with_label(claim: Claim, labels: pl.DataFrame | None) -> str:
    name = claim.feature.partition("=")[0]
    label = labelled([name], claim.kind, labels)[0]
    return claim.words.replace(plain(name), plain(name) if label == name else label.lower(), 1)


def names_table(categories: Sequence[Described]) -> pl.DataFrame:
    """category, final_cluster, mix_name, surroundings_name, name, named_by."""
    rows = [
        (
            one.category,
            code,
            mix.text,
            extra.text if extra else None,
            f"{mix.text}{BETWEEN}{extra.text}" if extra else mix.text,
            "members",
        )
        for one in categories
        for code, mix, extra in zip(one.codes, one.mixes, one.surroundings, strict=True)
    ]
    columns = ("category", "final_cluster", "mix_name", "surroundings_name", "name", "named_by")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


NUMBERS = ("mean", "overall", "difference", "q_value", "holds_for", "score")
KEY = ("category", "final_cluster", "kind", "feature")


def profiles_table(categories: Sequence[Described]) -> pl.DataFrame:
    """Give schemas.FinalProfiles."""
    parts = [(one, profile) for one in categories for profile in one.profiles if profile.features]
    text: dict[str, list[str]] = {name: [] for name in KEY}
    for one, profile in parts:
        cells = len(one.codes) * len(profile.features)
        text["category"] += [one.category] * cells
        text["final_cluster"] += [code for code in one.codes for _ in profile.features]
        text["kind"] += [profile.kind] * cells
        text["feature"] += profile.features * len(one.codes)
    numbers = {
        name: np.concatenate([getattr(profile, name).ravel() for _, profile in parts] or [[]])
        for name in NUMBERS
    }
    table = pl.DataFrame(text | numbers, schema_overrides=dict.fromkeys(KEY, pl.String))
    group, everywhere = list(KEY[:3]), ["category", "kind", "feature"]
    by_rank = [pl.col("q_value").fill_null(1.0) > SIGNIFICANT, -pl.col("score").fill_null(-1.0)]
    # what takes negative values has no index
    has_ratio = (pl.col("overall") > 0) & (pl.col("mean").min().over(everywhere) >= 0)
    return (
        table.with_columns(pl.col(NUMBERS).fill_nan(None))
        .sort(*group, *by_rank, "feature")
        .join(_claims(categories), on=KEY, how="left", maintain_order="left")
        .select(
            *KEY,
            "mean",
            "overall",
            "difference",
            pl.when(has_ratio).then(pl.col("mean") / pl.col("overall") * 100).alias("index"),
            "q_value",
            "holds_for",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group).alias("rank"),
            pl.col("in_name").fill_null(False),
        )
    )


def _claims(categories: Sequence[Described]) -> pl.DataFrame:
    """The features that names hold."""
    rows = {
        (one.category, code, claim.kind, claim.feature)
        for one in categories
        for code, mix, extra in zip(one.codes, one.mixes, one.surroundings, strict=True)
        for claim in (*mix.claims, *(extra.claims if extra else ()))
    }
    schema = dict.fromkeys(KEY, pl.String)
    return pl.DataFrame(sorted(rows), schema=schema, orient="row").with_columns(in_name=True)
