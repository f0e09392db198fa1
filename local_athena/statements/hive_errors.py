"""What Athena's errors say where Hive's parser and metastore report them."""

from __future__ import annotations

from typing import Final

DDL_TASK: Final = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
