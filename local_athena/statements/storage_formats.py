"""How a Hive table's files are read: the classes that Athena's STORED AS names stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HIVE: Final = "org.apache.hadoop.hive.ql.io"
LAZY_SIMPLE_SERDE: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


@dataclass(frozen=True)
class StorageFormat:
    """Java class names, as Glue keeps them."""

    input_format: str
    output_format: str
    serde: str


TEXTFILE: Final = StorageFormat(
    "org.apache.hadoop.mapred.TextInputFormat",
    f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
    LAZY_SIMPLE_SERDE,
)
STORED_AS: Final = {
    "TEXTFILE": TEXTFILE,
    "PARQUET": StorageFormat(
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": StorageFormat(
        f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"
    ),
    "AVRO": StorageFormat(
        f"{_HIVE}.avro.AvroContainerInputFormat",
        f"{_HIVE}.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "SEQUENCEFILE": StorageFormat(
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        f"{_HIVE}.HiveSequenceFileOutputFormat",
        LAZY_SIMPLE_SERDE,
    ),
    "RCFILE": StorageFormat(
        f"{_HIVE}.RCFileInputFormat",
        f"{_HIVE}.RCFileOutputFormat",
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    ),
}
