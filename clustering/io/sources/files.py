"""Inputs from files: parquet, text and Excel by their ending, one file, a list, a folder or a
glob.

What reads them is imported when they are read: mostly a run only asks whether they have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.config import Source
from clustering.errors import DataError
from clustering.io.sources.places import OPTIONAL, expand, matches, optional_files, states
from clustering.store.manifest import FileState

if TYPE_CHECKING:
    import polars as pl

    from clustering.io.sources.reading import Reading
    from clustering.io.sources.table import Table

    Opened = tuple[list[Table], list[dict[str, str]], Reading]


# of many files fewer rows are looked at beforehand: the pass over all rows notices what they lack
LEAST_ROWS, MOST_ROWS = 500, 200_000
SKU = "sku"  # source.need_state_from=sku
WITHOUT_A_MAP = [
    "a need state is why a shopper buys; name a file that says it for every SKU, or do without:",
    "source.need_states=FILE with the columns SKU_NBR and NEED_STATE",
    "source.need_state_from='[SIZE, FLAVOUR]': columns of the sales (or of a product file that "
    "source.need_states names)",
    "source.need_state_from=sku: every SKU is a need state",
]


class FileSource:
    """The source `files`."""

    def __init__(
        self, source: Source, frames: Mapping[str, Mapping[str, pl.DataFrame]] | None = None
    ) -> None:
        """`frames` are tables in memory that stand beside files, by input and name."""
        self.source = source
        self.frames = frames or {}
        self.patterns = {
            "sales": [source.sales] if source.sales else [],
            "need_states": [source.need_states] if source.need_states else [],
            "external": list(source.external or []),
        }
        self._readings: dict[str, Reading] = {}
        self._tables: dict[tuple[str, ...], list[Table]] = {}

    def files(self, name: str) -> list[str]:
        if name in OPTIONAL:
            return optional_files(name, self.source)
        if name == "need_states":
            return self._map_files()
        found = sorted({path for pattern in self.patterns[name] for path in expand(name, pattern)})
        if not found:
            raise DataError(f"source.{name} is empty; name at least one file")
        return found

    def _map_files(self) -> list[str]:
        """The need-state map; the sales, where need states are made of their columns."""
        pattern, columns = self.source.need_states, self.source.need_state_columns
        found = matches(pattern) if pattern else []
        if columns and (not found or columns == [SKU] or self._lack(found, columns)):
            return self.files("sales") if self.source.sales else found
        if not found:
            raise DataError(f"source.need_states={pattern} matches no file", WITHOUT_A_MAP)
        return found

    def _lack(self, paths: Sequence[str], columns: Sequence[str]) -> bool:
        """Whether none of these files has all the columns: a map, where need states are made of
        columns of the sales.
        """
        from clustering.io.sources.columns import known_names, squash
        from clustering.io.sources.readers import open_table

        settings, wanted = self.source.read.of("need_states"), {squash(each) for each in columns}
        tables = (open_table(path, settings, known_names("need_states", {})) for path in paths)
        return not any(wanted <= {squash(name) for name in table.types} for table in tables)

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        return states(self.files(name), known)

    def sales(self) -> pl.LazyFrame:
        from clustering.io.sources.canonical import canonical_sales
        from clustering.io.sources.kinds import refuse_kinds

        tables, roles, reading = self._opened("sales")
        self._require_alike(tables, roles)
        if not self.source.where:
            for table, columns in zip(tables, roles, strict=True):
                refuse_kinds(table, columns.values(), columns["total_sales"])
        return canonical_sales(tables, roles, reading)

    def need_states(self) -> pl.DataFrame:
        from clustering.io.sources.canonical import canonical_need_states

        if self.source.need_state_columns:
            from clustering.io.sources.product_map import need_states_of_products

            return need_states_of_products(self)
        found = canonical_need_states(*self._opened("need_states"))
        self._require_shared("SKUs", "sku_nbr", "need_states", found["sku_nbr"])
        return found

    def external(self) -> dict[str, pl.DataFrame]:
        from clustering.io.sources.attributes import (
            canonical_attributes,
            chosen_attributes,
            stacked,
        )

        tables, roles, reading = self._opened("external")
        ends = [Path(table.path).name for table in tables]
        # files of one name in several folders are told apart by their whole path
        keys = [
            table.path if ends.count(end) > 1 else end
            for table, end in zip(tables, ends, strict=True)
        ]
        frames = {
            key: canonical_attributes(table, columns, reading)
            for key, table, columns in zip(keys, tables, roles, strict=True)
        }
        for key, frame in frames.items():
            self._require_shared("stores", "store_nbr", key, frame["store_nbr"])
        self._require_shared_among(frames)
        paths = {key: table.path for key, table in zip(keys, tables, strict=True)}
        return chosen_attributes(stacked(frames, paths, reading), self.source.external_columns)

    def like_stores(self) -> pl.DataFrame | None:
        import polars as pl

        from clustering.io.sources.optional import canonical_like_stores, together

        frames = self._each("like_stores", canonical_like_stores)
        for frame in frames:
            both = pl.concat([frame["store_nbr"], frame["like_store_nbr"]])
            self._require_shared("stores", "store_nbr", "like_stores", both)
        return together(frames) if frames else None

    def labels(self) -> pl.DataFrame | None:
        from clustering.io.sources.optional import read_labels

        paths = self.files("labels") if self.source.labels else []
        return read_labels(paths[0], self.source.read) if paths else None

    def overrides(self) -> pl.DataFrame | None:
        import polars as pl

        from clustering.io.sources.optional import canonical_overrides

        frames = self._each("overrides", canonical_overrides)
        return pl.concat(frames) if frames else None

    def plain_sales(self) -> dict[str, str] | None:
        """The columns of parquet files that hold sales just as they count, by canonical name; None
        where anything in them is to be converted, cleaned or understood first.
        """
        from clustering.io.sources.canonical import are_plain

        if self.source.derive or self.source.where or self.source.wide:
            return None
        tables, roles = self._resolved("sales")
        if not are_plain(tables, roles, self.sales()):
            return None
        period = roles[0].get("week") or roles[0].get("date")
        return roles[0] | ({"period": period} if period else {})

    def keep_reading(self, reading: Reading) -> None:
        """Keep what was decided while an input was read, for `readings`."""
        self._readings[reading.name] = reading

    def readings(self, names: Sequence[str]) -> pl.DataFrame:
        """What was decided while these inputs were read, as schemas.ColumnReport."""
        import polars as pl

        from clustering.io.sources.reading import Reading

        made = [self._readings[name] for name in names if name in self._readings]
        return pl.concat([Reading("").frame(), *(reading.frame() for reading in made)])

    def tables(self, name: str) -> list[Table]:
        """Every file of an input as it was recognised, before its columns have roles; files are
        opened once.
        """
        paths = () if self._are_given(name) else tuple(self.files(name))
        if (name, *paths) not in self._tables:
            self._tables[(name, *paths)] = self._recognised(name, paths)
        return self._tables[(name, *paths)]

    def _are_given(self, name: str) -> bool:
        """Whether tables in memory stand for the files of an input."""
        return bool(self.frames.get(name)) and (name == "sales" or not self.patterns[name])

    def _recognised(self, name: str, paths: Sequence[str]) -> list[Table]:
        from clustering.io.sources.columns import known_names, names_of
        from clustering.io.sources.readers import open_table, table_of_frame
        from clustering.io.sources.shape import shaped
        from clustering.io.sources.table import SAMPLE_ROWS

        settings, frames = self.source.read.of(name), self.frames.get(name, {})
        given = [table_of_frame(label, frame, settings) for label, frame in frames.items()]
        align = self.source.read.align_keys
        rows = min(SAMPLE_ROWS, max(LEAST_ROWS, MOST_ROWS // max(len(paths), 1)))
        opened = given + [
            open_table(
                path,
                settings,
                known_names(name, names_of(self.source.columns, name, path)),
                may_be_empty=name == "overrides",
                sample_rows=rows,
            )
            for path in paths
        ]
        opened = [shaped(table, name, self.source) for table in opened]
        return [replace(table, align_keys=align) for table in opened] if align else opened

    def _opened(self, name: str) -> Opened:
        """The files of an input and the roles of their columns; raises MissingColumns for all files
        of all inputs at once.
        """
        from clustering.io.sources.columns import MissingColumns
        from clustering.io.sources.reading import Reading

        try:
            tables, roles = self._resolved(name)
        except MissingColumns as error:
            raise self._with_other_inputs(name, error) from error
        reading = self._readings[name] = Reading(name)
        for table in tables:
            reading.file(table.path, table.how)
            for column in table.unnamed:
                reading.add(table.path, column, "left out", reason="an index without a name")
        return tables, roles, reading

    def _resolved(self, name: str) -> tuple[list[Table], list[dict[str, str]]]:
        from clustering.io.sources.canonical import resolved
        from clustering.io.sources.columns import names_of
        from clustering.io.sources.shape import require_derived
        from clustering.io.sources.years import by_date, with_years

        tables = self.tables(name)
        require_derived(tables, name, self.source)
        chosen = [names_of(self.source.columns, name, table.path) for table in tables]
        roles = resolved(tables, name, self._without_foreign(name, tables, chosen))
        if name != "sales":
            return tables, roles
        roles = by_date(tables, roles)
        return with_years(tables, roles), roles

    def _without_foreign(
        self, name: str, tables: Sequence[Table], chosen: list[dict[str, str]]
    ) -> list[dict[str, str]]:
        """The user's names without a category for all inputs that only another input has."""
        other = {"sales": "need_states", "need_states": "sales"}.get(name)
        category = self.source.columns.category
        if other is None or category is None or any(category in table.types for table in tables):
            return chosen
        if not any(category in table.types for table in self.tables(other)):
            return chosen
        return [
            {role: column for role, column in names.items() if column != category}
            for names in chosen
        ]

    def _with_other_inputs(self, name: str, error: Any) -> DataError:
        """The same error with what the files of the other inputs lack."""
        from clustering.io.sources.columns import WANTED, MissingColumns

        problems, details = list(error.problems), list(error.rest)
        for other in WANTED:
            if other == name:
                continue
            try:
                self._resolved(other)
            except MissingColumns as also:
                problems += also.problems
            except DataError:  # it is told when that input is read
                continue
        return MissingColumns(problems, details)

    def _require_alike(self, tables: Sequence[Table], roles: Sequence[dict[str, str]]) -> None:
        """Raise DataError where sales files spell their keys in different ways."""
        import polars as pl

        from clustering.io.sources.alignment import Keys, require_shared

        if self.source.read.align_keys:
            return
        for role, what in (("store_nbr", "stores"), ("sku_nbr", "SKUs")):
            columns = [names[role] for names in roles]
            kinds = {table.types[name] for table, name in zip(tables, columns, strict=True)}
            if len(tables) < 2 or (len(kinds) == 1 and kinds.pop().is_integer()):
                continue
            cells = [
                table.beginning[name].cast(pl.String).unique()
                for table, name in zip(tables, columns, strict=True)
            ]
            first = Keys.of(tables[0].path, cells[0])
            for table, others in zip(tables[1:], cells[1:], strict=True):
                if not others.is_in(cells[0].implode()).all():  # most files hold the same keys
                    require_shared(what, first, Keys.of(table.path, others))

    def _require_shared(self, what: str, role: str, where: str, keys: pl.Series) -> None:
        """Raise DataError where the sales spell their keys otherwise than another input."""
        import polars as pl

        from clustering.io.sources.alignment import Keys, require_shared

        if self.source.read.align_keys:
            return
        try:
            tables, roles = self._resolved("sales")
        except DataError:  # without sales, or with sales at fault, there is nothing to compare with
            return
        several = f" and {len(tables) - 1} more" if len(tables) > 1 else ""
        cells = [
            table.beginning[columns[role]].cast(pl.String)
            for table, columns in zip(tables, roles, strict=True)
        ]
        sold = Keys.of(f"the beginning of {tables[0].path}{several}", pl.concat(cells))
        require_shared(what, sold, Keys.of(where, keys))

    def _require_shared_among(self, frames: dict[str, pl.DataFrame]) -> None:
        """The same among files of attributes: each against the first."""
        from clustering.io.sources.alignment import Keys, require_shared

        if self.source.read.align_keys:
            return
        first, *others = [Keys.of(key, frame["store_nbr"]) for key, frame in frames.items()]
        for other in others:
            require_shared("stores", first, other)

    def _each(self, name: str, read: Any) -> list[pl.DataFrame]:
        if not self.files(name):
            return []
        tables, roles, reading = self._opened(name)
        return [read(table, columns, reading) for table, columns in zip(tables, roles, strict=True)]
