"""What a log of PostgreSQL needs: the server's settings, the publication, and each table's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psycopg import sql

from ingestion.sources.databases.database import Shape
from ingestion.sources.databases.postgresql_session import Session
from ingestion.sources.databases.settings import Table

_LEAST_VERSION: Final = 130_000
_WITH_GENERATED: Final = 180_000

# On RDS a role has the right by a grant, and not by its attribute ("Performing logical replication
# for Amazon RDS for PostgreSQL" in its user guide).
_SERVER: Final = """
    select
        current_setting('server_version_num')::integer,
        pg_is_in_recovery(),
        current_setting('wal_level'),
        (select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size'),
        current_setting('server_encoding'),
        current_user::text,
        exists (
            select 1
            from pg_roles
            where
                rolname = current_user and (rolsuper or rolreplication)
                or rolname = 'rds_replication' and pg_has_role(current_user, oid, 'usage')
        )
"""

_PUBLICATION: Final = """
    select
        oid::bigint, xmin::text, pubinsert and pubupdate and pubdelete and pubtruncate, pubviaroot,
        pg_has_role(current_user, pubowner, 'usage'), to_jsonb(pg_publication) ->> 'pubgencols'
    from pg_publication
    where pubname = %s
"""

# Which leaves a table has, and which columns of each tell its rows apart in the log.
_LEAVES: Final = """
    select
        pg_namespace.nspname::text,
        pg_class.relname::text,
        pg_class.relreplident::text,
        array(
            select pg_attribute.attname::text
            from pg_index
            join pg_attribute
                on pg_index.indrelid = pg_attribute.attrelid
                and pg_attribute.attnum = any(pg_index.indkey[0:pg_index.indnkeyatts - 1])
            where
                pg_index.indrelid = pg_class.oid
                and case pg_class.relreplident
                    when 'd' then pg_index.indisprimary
                    when 'i' then pg_index.indisreplident
                    else false
                end
        ),
        array(
            select pg_attribute.attname::text
            from pg_attribute
            where
                pg_attribute.attrelid = pg_class.oid
                and pg_attribute.attnum > 0
                and not pg_attribute.attisdropped
                and pg_attribute.attstorage <> 'p'
            order by pg_attribute.attnum
        )
    from pg_class
    join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where
        pg_class.oid in (
            select relid from pg_partition_tree(%s::bigint::oid) where isleaf
            union all
            select %s::bigint::oid
        )
        and pg_class.relkind = 'r'
    order by 1, 2
"""


def check_server(session: Session) -> None:
    """Check that the server has a log that this role can read, and that has an end.

    Raises:
        SourceError: It has not; says what to run.
    """
    [(version, is_copy, level, most_kept, encoding, role, may_replicate)] = session.rows(_SERVER)
    if version < _LEAST_VERSION:
        session.refuse("it is older than PostgreSQL 13, which cannot bound the log that it keeps")
    if is_copy:
        session.refuse("it is a standby: let the connection lead to the primary")
    if level != "logical":
        session.refuse(
            f"the log does not hold rows, as wal_level is {level}: run `alter system set wal_level "
            "= logical` and restart the server (on RDS: rds.logical_replication = 1)"
        )
    if not may_replicate:
        session.refuse(
            f"the role may not read the log: run `alter role {session.quoted(role)} replication` "
            f"(on RDS: `grant rds_replication to {session.quoted(role)}`)"
        )
    if most_kept < 0:
        session.refuse(
            "the server would keep the log for a puller that has stopped until its disk is full: "
            "run `alter system set max_slot_wal_keep_size = '10GB'` and `select pg_reload_conf()`, "
            "with what the disk has room for"
        )
    if encoding != "UTF8":
        session.refuse(
            f"the database is in {encoding}, and the log is read of UTF8 only: leave `mode: log` "
            "out, and it is polled"
        )


class Publication:
    """The publication of a source, whose owner is somebody else."""

    def __init__(self, session: Session, name: str, tables: Sequence[Table]) -> None:
        """Use a session, and the publication of a name, which is to have some tables."""
        self._session = session
        self._tables = tables
        self._name = name
        self._quoted = session.quoted(name)

    def check(self) -> int:
        """Return its number.

        Raises:
            SourceError: There is none, or it leaves kinds of changes out; says what to run.
        """
        found = self._session.rows(_PUBLICATION, (self._name,))
        if not found:
            names = [self._session.quoted(table.schema, table.name) for table in self._tables]
            self._session.refuse(
                f"there is no publication {self._name}: let the tables' owner run `create "
                f"publication {self._quoted} for table {', '.join(names)} with "
                "(publish_via_partition_root = true)`"
            )
        [(oid, _, publishes_all, *_)] = found
        if not publishes_all:
            self._session.refuse(
                f"the publication {self._name} leaves kinds of changes out: run `alter publication "
                f"{self._quoted} set (publish = 'insert, update, delete, truncate')`"
            )
        return int(oid)

    def check_table(self, table: Table, shape: Shape) -> str:
        """Return how a table is published; see `Log`."""
        name = self._session.quoted(table.schema, table.name)
        [(oid, kind)] = self._session.rows(
            "select oid::bigint, relkind::text from pg_class where oid = %s::regclass", (name,)
        )
        published = self._check_published(name, table, kind)
        self._check_columns(name, oid)
        self._check_identity(table, oid)
        return f"{oid}/{published}"

    def drop(self) -> str:
        """Remove it where that is allowed; say what was done."""
        found = self._session.rows(_PUBLICATION, (self._name,))
        if not found:
            return f"there is no publication {self._name}"
        [(_, _, _, _, may_drop, _)] = found
        statement = f"drop publication {self._quoted}"
        if not may_drop:
            return f"the publication is another role's: let its owner run `{statement}`"
        with self._session.writing():
            self._session.run(sql.SQL("drop publication {}").format(sql.Identifier(self._name)))
        return f"the publication {self._name} is removed"

    def _check_published(self, name: str, table: Table, kind: str) -> str:
        [(oid, version, _, via_root, _, _)] = self._session.rows(_PUBLICATION, (self._name,))
        found = self._session.rows(
            "select 1 from pg_publication_tables "
            "where pubname = %s and schemaname = %s and tablename = %s",
            (self._name, table.schema, table.name),
        )
        if kind == "p" and not via_root:
            # Else its rows come as those of its partitions, and so is it listed.
            self._session.refuse(
                f"{name} is partitioned: run `alter publication {self._quoted} set "
                "(publish_via_partition_root = true)`"
            )
        if not found:
            self._session.refuse(
                f"the publication {self._name} lacks {name}: let the table's owner run `alter "
                f"publication {self._quoted} add table {name}`"
            )
        members = self._session.rows(
            "select oid::text || '.' || xmin::text, "
            "to_jsonb(pg_publication_rel) ->> 'prattrs' is not null "
            "or to_jsonb(pg_publication_rel) ->> 'prqual' is not null "
            "from pg_publication_rel where prpubid = %s::bigint::oid and prrelid = %s::regclass",
            (oid, name),
        )
        if members and members[0][1]:
            self._session.refuse(
                f"the publication {self._name} leaves rows or columns of {name} out: run `alter "
                f"publication {self._quoted} drop table {name}` and `alter publication "
                f"{self._quoted} add table {name}`"
            )
        return f"{oid}.{version}/{members[0][0] if members else ''}"

    def _check_columns(self, name: str, oid: int) -> None:
        generated = self._session.rows(
            "select attname::text, attgenerated::text from pg_attribute "
            "where attrelid = %s::bigint::oid and attnum > 0 and not attisdropped "
            "and attgenerated <> ''",
            (oid,),
        )
        [(version,)] = self._session.rows("select current_setting('server_version_num')::integer")
        [(*_, published)] = self._session.rows(_PUBLICATION, (self._name,))
        for column, kind in generated:
            if version < _WITH_GENERATED or kind != "s":
                self._session.refuse(
                    f"{name}.{column} is generated, and the log does not tell it: leave `mode: log`"
                    " out, and it is polled"
                )
            if published != "s":
                self._session.refuse(
                    f"{name}.{column} is generated, and is not published: run `alter publication "
                    f"{self._quoted} set (publish_generated_columns = stored)`"
                )

    def _check_identity(self, table: Table, oid: int) -> None:
        for schema, relation, identity, told, stored_apart in self._session.rows(
            _LEAVES, (oid, oid)
        ):
            if identity == "f":
                continue
            name = self._session.quoted(schema, relation)
            statement = f"alter table {name} replica identity full"
            if not set(table.key) <= set(told):
                self._session.refuse(
                    f"the log does not tell the key ({', '.join(table.key)}) of a row of {name} "
                    f"that was deleted: run `{statement}`"
                )
            if stored_apart:
                self._session.refuse(
                    f"the log leaves large values of {name} out where an update does not change "
                    f"them (of {', '.join(stored_apart)}): run `{statement}`"
                )
