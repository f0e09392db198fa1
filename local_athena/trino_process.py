"""Trino: one process that is coordinator and worker."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Final

import trino.dbapi
import trino.exceptions
from requests.exceptions import RequestException

from local_athena.aws_environment import ACCOUNT_ID, REGION, SECRET_KEY, past_proxies, without_aws
from local_athena.http_health import answered_json
from local_athena.java import Jdk
from local_athena.ports import LOOPBACK
from local_athena.processes import Command
from local_athena.session import HIVE_CATALOG, ICEBERG_CATALOG
from local_athena.trino_session import http_session

TEMPLATES: Final = Path(__file__).resolve().parent / "trino"


def trino_command(
    folder: Path,
    jdk: Jdk,
    jars: Path,
    *,
    port: int,
    aws: str,
    glue: str,
    bucket: str,
    heap_gb: int,
) -> Command:
    """Write Trino's configuration and return how to start it.

    Args:
        folder: Where it runs, and where the configuration goes.
        jdk: What it runs on.
        jars: As jars.trino_jars has put them in place.
        port: Where it listens.
        aws: MiniStack's address.
        glue: That of the Glue in front of MiniStack's, which keeps the versions of tables.
        bucket: Where a table goes that has no location of its own.
        heap_gb: The JVM's heap; a query may take all but 1 GB of it.
    """
    catalogs = folder / "catalog"
    catalogs.mkdir(parents=True, exist_ok=True)
    values = {
        "port": str(port),
        "plugins": str(jars / "plugin"),
        "catalogs": str(catalogs),
        "aws": aws,
        "glue": glue,
        "bucket": bucket,
        "query_memory": f"{heap_gb - 1}GB",
        "region": REGION,
        "access_key": ACCOUNT_ID,
        "secret_key": SECRET_KEY,
    }
    config = folder / "config.properties"
    config.write_text(filled("config.properties", **values))
    for catalog in (ICEBERG_CATALOG, HIVE_CATALOG):
        name = f"{catalog}.properties"
        (catalogs / name).write_text(filled(name, **values))
    arguments: list[str | Path] = [
        jdk.java,
        f"@{TEMPLATES / 'jvm.config'}",
        f"-Xmx{heap_gb}G",
        f"-XX:SharedArchiveFile={class_archive(jars)}",
        f"-Dconfig={config}",
        "-cp",
        f"{jars / 'lib'}/*",
        "Main",
    ]
    # Its clients of S3 and Glue read the names of proxies as others do.
    environment = without_aws(os.environ) | past_proxies(os.environ)
    return Command("Trino", arguments, environment, folder)


def class_archive(jars: Path) -> Path:
    """Return the JVM's archive of Trino's classes, by which it starts in half the time.

    The first Trino that ends in peace writes it. The JVM writes it anew when it is cut short or
    another JVM's, but not when its header is missing, which is what is written last.
    """
    archive = jars / "classes.jsa"
    with suppress(FileNotFoundError), archive.open("rb") as file:
        if not any(file.read(4)):
            archive.unlink()
    return archive


def filled(template: str, **values: str) -> str:
    """Return a template of `trino/` with its values.

    Raises:
        KeyError: It needs a value that is not given.
    """
    return Template((TEMPLATES / template).read_text()).substitute(values)


def trino_is_ready(port: int) -> bool:
    """Tell whether it has started and answers a query.

    It answers HTTP some seconds before it takes queries, and takes queries before it has the nodes
    to run them.
    """
    info = answered_json(f"http://{LOOPBACK}:{port}/v1/info")
    if not isinstance(info, dict) or info.get("starting") is not False:
        return False
    with suppress(RequestException, trino.exceptions.Error):
        return query_trino(port, "select 1") == [[1]]
    return False


def query_trino(port: int, sql: str) -> list[list[object]]:
    """Run one query.

    Raises:
        trino.exceptions.Error: As Trino reports it.
        RequestException: It does not answer.
    """
    with http_session() as session:
        connection = trino.dbapi.connect(  # type: ignore[no-untyped-call]
            host=LOOPBACK,
            port=port,
            user="local-athena",
            max_attempts=1,
            request_timeout=5,
            http_session=session,
        )
        return list(connection.cursor().execute(sql).fetchall())
