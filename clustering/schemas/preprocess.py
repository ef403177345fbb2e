"""Tables of preprocess and features: values, stores, what was set aside, coordinates."""

from __future__ import annotations

import dataframely as dy
import polars as pl


def _ascend(*keys: str) -> pl.Expr:
    """Whether each row comes after the one before it: by the first key, where that is equal by the
    second, and so on.
    """
    *first, last = keys
    after = pl.col(last) > pl.col(last).shift(1)
    for key in reversed(first):
        previous = pl.col(key).shift(1)
        after = (pl.col(key) > previous) | ((pl.col(key) == previous) & after)
    return after.fill_null(True)  # the first row


class Values(dy.Schema):
    """One row per category, store and feature, sorted by them.

    `value`: sales in the need state (currency) or the numeric or boolean attribute, null where
    unknown. `level`: the level of a categorical attribute, null elsewhere. `half_a`, `half_b`: the
    part of `value` in either half of the sales: earlier and later weeks, or, for sales without
    weeks, as sampling would split them.
    """

    category = dy.String(nullable=False)
    store_nbr = dy.String(nullable=False)
    feature = dy.String(nullable=False)
    value = dy.Float64(nullable=True)
    level = dy.String(nullable=True)
    half_a = dy.Float64(nullable=True)
    half_b = dy.Float64(nullable=True)

    @dy.rule()
    def each_key_once_in_order(cls) -> pl.Expr:
        # rows in order are seen to be unique without hashing millions of keys
        return _ascend("category", "store_nbr", "feature")


class Stores(dy.Schema):
    """One row per category and store; `history` says whether a model may be fitted to the store."""

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    sales = dy.Float64(nullable=True)  # null in the external track
    sales_rows = dy.Int64(nullable=True)
    history = dy.Enum(["enough", "poor", "none"], nullable=False)
    # for sales without weeks the noise factor of the category (see docs/method.md), 0 where it
    # cannot be told; null where the halves of the sales tell it
    noise = dy.Float64(nullable=True)


class Quarantine(dy.Schema):
    """Rows that were set aside, with the rule that caught them."""

    input = dy.String(nullable=False)
    rule = dy.String(nullable=False)
    store_nbr = dy.String(nullable=True)
    sku_nbr = dy.String(nullable=True)
    category = dy.String(nullable=True)
    need_state = dy.String(nullable=True)
    total_sales = dy.Float64(nullable=True, allow_inf=True, allow_nan=True)
    detail = dy.String(nullable=True)


class Reconciliation(dy.Schema):
    """Where every input row went: for each input, `rows` of outcome "read" equals the sum over all
    other outcomes, and so with `sales` (currency; null where an input, or a rule, has no amounts).
    Returns that were netted are an outcome of their own, with a negative amount: the sales of all
    stores are "used" plus "return_netted".
    """

    input = dy.String(primary_key=True)
    outcome = dy.String(primary_key=True)  # "read", "used", or the name of a rule
    rows = dy.Int64(nullable=False)
    sales = dy.Float64(nullable=True)


class ColumnReport(dy.Schema):
    """What was recognized in each file, what became of each column, and why.

    `action`: file (how its bytes were read), read (as `role`, the canonical name), unread (cells
    that were not understood), left out, joined, stacked, covers (from the first to the last period
    that counts); of attributes kept, dropped, renamed. `kind` of a column that was read: key,
    name, number, period; of an attribute numeric, boolean, categorical.
    """

    input = dy.String(nullable=False)
    file = dy.String(nullable=True)
    column = dy.String(nullable=True)
    role = dy.String(nullable=True)
    kind = dy.String(nullable=True)
    action = dy.String(nullable=False)
    reason = dy.String(nullable=True)
    example = dy.String(nullable=True)


class Findings(dy.Schema):
    """What you should know about the inputs although the run went on, with the rows and the sales
    (currency) concerned, where they are known.
    """

    input = dy.String(nullable=False)
    finding = dy.String(nullable=False)  # its kind, such as no_category
    text = dy.String(nullable=False)
    rows = dy.Int64(nullable=True)
    sales = dy.Float64(nullable=True)
    is_warning = dy.Bool(nullable=False)


class FeatureMatrix(dy.Schema):
    """Model-ready coordinates; within a category every list has the same length.

    `components` is null for a store whose features are unknown (no sales). `is_fitted` stores train
    the model; outliers and stores with poor history are placed afterwards. `information` is
    proportional to the number of observations behind the mix (sales), null where sampling noise has
    no meaning (attributes).
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    components = dy.List(dy.Float64(nullable=False), nullable=True)
    information = dy.Float64(nullable=True)
    is_outlier = dy.Bool(nullable=False)
    is_fitted = dy.Bool(nullable=False)


class NotCarried(dy.Schema):
    """Gaps in the assortment: need states that a store with enough history sells none of although
    it is too large for that to be chance, while other stores sell them; no rows of attributes. In
    a sample of shoppers, such as a household panel, a need state may be missing because nobody in
    the sample bought it.
    """

    category = dy.String(primary_key=True)
    store_nbr = dy.String(primary_key=True)
    feature = dy.String(primary_key=True)  # the need state
    # of the store's sales, if it carried every need state
    share = dy.Float64(nullable=False, min=0, max=1)
    sales = dy.Float64(nullable=False, min=0)  # expected beside those of today, in the same period
