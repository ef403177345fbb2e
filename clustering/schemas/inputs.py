"""Columns and types of every input, in canonical names; their rules name the faults that end in
quarantine.
"""

from __future__ import annotations

import dataframely as dy


class Sales(dy.Schema):
    """Sales rows; `period` is the week number or the date as an ordinal number, null where the
    input has neither.

    Keys may also arrive as integers, which are read as their text. The pass over the sales
    (aggregation.sales) applies these rules itself, batch by batch; tests hold the two against each
    other.
    """

    store_nbr = dy.String(nullable=False)
    sku_nbr = dy.String(nullable=False)
    category = dy.String(nullable=True)  # null when the category comes from the map
    total_sales = dy.Float64(nullable=False, min=0, max=1e9, allow_inf=False, allow_nan=False)
    period = dy.Int32(nullable=True)


class NeedStates(dy.Schema):
    """The map SKU -> need state; a SKU with m rows counts 1/m of its sales in each."""

    sku_nbr = dy.String(primary_key=True)
    need_state = dy.String(primary_key=True)
    category = dy.String(nullable=True)


class External(dy.Schema):
    """A file of store attributes: the store, and any further columns."""

    store_nbr = dy.String(nullable=False)


class LikeStores(dy.Schema):
    """A store resembles another, with this weight among its like stores."""

    store_nbr = dy.String(nullable=False)
    like_store_nbr = dy.String(nullable=False)
    weight = dy.Float64(nullable=False, min=0)


class Overrides(dy.Schema):
    """Decisions of merchants, as text; `until` is the last day a row applies."""

    kind = dy.String(nullable=True)
    category = dy.String(nullable=True)
    store_nbr = dy.String(nullable=True)
    cluster = dy.String(nullable=True)
    value = dy.String(nullable=True)
    who = dy.String(nullable=True)
    why = dy.String(nullable=True)
    until = dy.String(nullable=True)


class Labels(dy.Schema):
    """A readable label for a raw name; `kind` is category, need_state or attribute."""

    kind = dy.String(nullable=False)
    raw = dy.String(nullable=True)
    label = dy.String(nullable=True)


INPUTS: dict[str, type[dy.Schema]] = {
    "sales": Sales,
    "need_states": NeedStates,
    "external": External,
    "like_stores": LikeStores,
    "overrides": Overrides,
    "labels": Labels,
}
