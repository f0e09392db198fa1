"""`python -m benchmarks.baselines.spark_build RAW FOLDER`: raw to gold with PySpark, local mode.

Each table is written as Parquet and read again by the next, as a Spark job does with a lake. The
reasons are those of models/staging, in the same order.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f

# A field stays a VARIANT where the type it was sent with decides: 17 is not "17".
_NAMES = (
    *("order_id", "customer_id", "amount", "currency_code", "status", "channel", "city", "is_test"),
    *("items", "refund_id", "reason"),
)
_FIELDS = ", ".join(f"{name} variant" for name in _NAMES)
_ENVELOPE = (
    "event_id string, event_name string, event_ts string, source string, payload_encoding string, "
    "received_at timestamp, message_id string, payload struct<specversion: variant, id: variant, "
    "`time`: variant, `type`: variant, event_id: variant, event_ts: variant, event_type: variant, "
    f"oversized_bytes: variant, {_FIELDS}, data: struct<{_FIELDS}>>"
)
_TIMESTAMP = r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$"
_NUMBER = "^(BIGINT|DECIMAL|DOUBLE|FLOAT)"
_TYPED = ("event_type", "event_at", *_NAMES)


def main() -> None:
    """Build the tables, and say how long the session's start and the work took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="the raw zone's folder")
    parser.add_argument("folder", type=Path, help="where the Parquet tables go")
    arguments = parser.parse_args()
    started = time.perf_counter()
    spark = _session(arguments.folder)
    began = time.perf_counter()
    orders, refunds = build(spark, arguments.raw, arguments.folder)
    ended = time.perf_counter()
    aggregate(orders, refunds, arguments.folder)
    spark.stop()
    print(f"start {began - started:.3f}")  # noqa: T201 - read by benchmarks.build
    print(f"seconds {ended - began:.3f}")  # noqa: T201


def build(spark: SparkSession, raw: Path, folder: Path) -> tuple[DataFrame, DataFrame]:
    """Build each table below a folder; return orders and refunds."""

    def saved(table: DataFrame, name: str) -> DataFrame:
        path = str(folder / name)
        table.write.mode("overwrite").parquet(path)
        return spark.read.parquet(path)

    judged = _judged(spark.read.text(f"{raw}/events")).cache()
    valid = judged.where("reject_reason is null")
    by_arrival = Window.partitionBy("source", "event_id").orderBy("received_at", "message_id")
    orders_events = saved(
        valid.withColumn("arrival_rank", f.row_number().over(by_arrival))
        .where("arrival_rank = 1")
        .select("source", "event_id", *_TYPED, "received_at", "message_id"),
        "orders_events",
    )
    saved(_quarantined(judged, valid, orders_events), "quarantined_events")
    judged.unpersist()
    return saved(_orders(orders_events), "orders"), saved(_refunds(orders_events), "refunds")


def aggregate(orders: DataFrame, fact_refunds: DataFrame, folder: Path) -> None:
    """Save what is views elsewhere, to be compared and not measured."""
    fact_orders = orders.where("not is_test").drop("is_test", "items")
    by_status = fact_orders.groupBy("status", "currency_code").agg(
        f.count("*").alias("order_count"),
        f.sum("order_amount").alias("order_amount"),
        f.min("status_at").alias("oldest_status_at"),
    )
    for name, table in {
        "fact_orders": fact_orders,
        "agg_daily_revenue": _daily_revenue(orders, fact_orders, fact_refunds),
        "agg_order_status": by_status,
    }.items():
        table.write.mode("overwrite").parquet(str(folder / name))


def _session(folder: Path) -> SparkSession:
    cores = os.cpu_count() or 1
    return (
        SparkSession.builder.master("local[*]")
        .appName("raw to gold")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.adaptive.enabled", "true")
        .config("spark.sql.shuffle.partitions", str(2 * cores))
        # The default packs 308 small objects into far more tasks than there are cores.
        .config("spark.sql.files.maxPartitionBytes", "64m")
        .config("spark.sql.files.openCostInBytes", "256k")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )


def _judged(lines: DataFrame) -> DataFrame:
    events = lines.withColumn("line", f.col("value")).select(
        "line", "event_type", f.from_json("value", _ENVELOPE).alias("e")
    )
    is_cloudevent = _is_text("e.payload.specversion")

    def given(flat: str, cloudevent: str) -> Column:
        return f.when(is_cloudevent, f.col(f"e.payload.{cloudevent}")).otherwise(
            f.col(f"e.payload.{flat}")
        )

    taken = events.select(
        "line",
        "event_type",
        *(
            f.col(f"e.{name}")
            for name in (
                *("event_id", "event_name", "event_ts", "source"),
                *("payload_encoding", "received_at", "message_id"),
            )
        ),
        f.col("e.payload.oversized_bytes").isNotNull().alias("is_oversized"),
        given("event_id", "id").alias("given_event_id"),
        given("event_ts", "time").alias("given_event_ts"),
        given("event_type", "type").alias("given_event_type"),
        *(given(name, f"data.{name}").alias(f"given_{name}") for name in _NAMES),
    )
    is_creation = f.col("event_type") == "order_created"
    is_refund = f.col("event_type") == "order_refunded"
    is_change = f.col("event_type") == "order_status_changed"
    typed = taken.withColumns(
        {
            "order_id": _text("given_order_id"),
            "customer_id": f.when(is_creation, _text("given_customer_id")),
            "status": f.when(is_change, _text("given_status")),
            "amount": f.when(~is_change, _amount("given_amount")),
            "currency_code": f.when(
                ~is_change, f.coalesce(_text("given_currency_code"), f.lit("USD"))
            ),
            "channel": f.when(is_creation, _text("given_channel")),
            "city": f.when(is_creation, _text("given_city")),
            "is_test": f.when(is_creation, _boolean("given_is_test")),
            # As they were sent: their fields are not judged.
            "items": f.when(is_creation, f.to_json("given_items")),
            "refund_id": f.when(is_refund, _text("given_refund_id")),
            "reason": f.when(is_refund, _text("given_reason")),
            # An offset is required: the cast would take none for UTC.
            "event_at": f.when(
                f.col("event_ts").rlike(_TIMESTAMP), f.expr("try_cast(event_ts as timestamp)")
            ),
        }
    )
    return typed.withColumn("reject_reason", _reject_reason(is_creation, is_refund)).drop(
        *(f"given_{name}" for name in ("event_id", "event_ts", "event_type", *_NAMES)),
        *("event_name", "event_ts", "payload_encoding", "is_oversized"),
    )


def _refusal(given: str, types: str = "^STRING") -> Column:
    """Why a field is refused, by the types that its JSON value can have."""
    return (
        f.when(~_is_given(given), "missing_field")
        .when(~f.schema_of_variant(given).rlike(types), "wrong_type")
        .otherwise("invalid_value")
    )


def _text_refusal(name: str) -> Column:
    """Why a text is refused that may be left out; NULL where nothing is wrong."""
    given = f"given_{name}"
    is_wrong = _is_given(given) & ~f.coalesce(f.length(name) <= 4096, f.lit(False))
    return f.when(is_wrong, _refusal(given))


def _reject_reason(is_creation: Column, is_refund: Column) -> Column:
    is_unknown = f.col("event_type") == "unknown"
    encoding = f.col("payload_encoding")
    unknown = (
        f.when(encoding == "text", "malformed_payload")
        .when(encoding == "base64", "undecodable_payload")
        .when(f.col("is_oversized"), "oversized_payload")
        .when(f.col("event_name").isNull(), "missing_field")
        .when(_is_given("given_event_type") & ~_is_text("given_event_type"), "wrong_type")
        .otherwise("unknown_event_type")
    )
    statuses = f.col("status").isin("SHIPPED", "DELIVERED", "CANCELLED")
    money = (
        f.when(f.col("amount").isNull(), _refusal("given_amount", f"^STRING|{_NUMBER}"))
        .when(f.col("amount") < 0, "invalid_value")
        .when(
            _is_given("given_currency_code")
            & ~(_is_text("given_currency_code") & f.col("currency_code").rlike("^[A-Z]{3}$")),
            _refusal("given_currency_code"),
        )
    )
    creation = f.coalesce(
        f.when(~_is_identifier("customer_id"), _refusal("given_customer_id")),
        money,
        _text_refusal("channel"),
        _text_refusal("city"),
        f.when(_is_given("given_is_test") & f.col("is_test").isNull(), "wrong_type"),
    )
    return (
        f.when(is_unknown, unknown)
        .when(_is_given("given_event_id") & ~_is_text("given_event_id"), "wrong_type")
        .when(~_is_identifier("event_id"), "invalid_value")
        .when(f.col("event_ts").rlike(r"^[0-9.]+$"), "event_ts_is_number")
        .when(
            f.col("event_at").isNull() & f.col("event_ts").rlike(r"^[0-9-]+T[0-9:.]+$"),
            "event_ts_without_offset",
        )
        .when(f.col("event_at").isNull() | ~_is_text("given_event_ts"), _refusal("given_event_ts"))
        .when(f.expr("event_at > received_at + interval 24 hours"), "event_ts_in_future")
        .when(f.expr("event_at < timestamp '2000-01-01 00:00:00'"), "event_ts_too_old")
        .when(is_refund & ~_is_identifier("refund_id"), _refusal("given_refund_id"))
        .when(~_is_identifier("order_id"), _refusal("given_order_id"))
        .when(is_creation, creation)
        .when(is_refund, f.coalesce(money, _text_refusal("reason")))
        .when(~f.coalesce(statuses, f.lit(False)), _refusal("given_status"))
    )


def _quarantined(judged: DataFrame, valid: DataFrame, orders_events: DataFrame) -> DataFrame:
    rejected = judged.where("reject_reason is not null").select(
        "received_at", "message_id", "event_type", "reject_reason", "line"
    )
    accepted = orders_events.alias("accepted")
    differs = ~f.lit(True)
    for name in _TYPED:
        differs = differs | ~f.col(f"event.{name}").eqNullSafe(f.col(f"accepted.{name}"))
    # A second body with the id of an accepted event that says something else.
    conflicting = (
        valid.alias("event")
        .join(accepted, ["source", "event_id"])
        .where((f.col("event.message_id") != f.col("accepted.message_id")) & differs)
        .select(
            "event.received_at",
            "event.message_id",
            "event.event_type",
            f.lit("conflicting_duplicate").alias("reject_reason"),
            "event.line",
        )
    )
    return rejected.unionByName(conflicting)


def _orders(orders_events: DataFrame) -> DataFrame:
    is_creation = f.col("event_type") == "order_created"
    is_change = f.col("event_type") == "order_status_changed"
    rank = f.expr(
        "case status when 'SHIPPED' then 1 when 'DELIVERED' then 2 when 'CANCELLED' then 3 end"
    )
    told = (
        *("source", "customer_id", "amount", "currency_code", "channel", "city", "is_test"),
        "items",
    )

    def first(status: str) -> Column:
        return f.min(f.when(f.col("status") == status, f.col("event_at")))

    return (
        orders_events.groupBy("order_id")
        .agg(
            f.max(f.when(is_creation, f.struct("event_at", "event_id", *told))).alias("creation"),
            # The life cycle decides before the time.
            f.max(
                f.when(
                    is_change,
                    f.struct(rank.alias("rank"), "event_at", "event_id", "source", "status"),
                )
            ).alias("state"),
            f.min(f.when(is_creation, f.col("event_at"))).alias("ordered_at"),
            first("SHIPPED").alias("shipped_at"),
            first("DELIVERED").alias("delivered_at"),
            first("CANCELLED").alias("cancelled_at"),
        )
        .where("creation is not null")
        .select(
            "order_id",
            "creation.source",
            "creation.customer_id",
            f.coalesce("state.status", f.lit("CREATED")).alias("status"),
            f.col("creation.amount").alias("order_amount"),
            *("creation.currency_code", "creation.channel", "creation.city"),
            f.coalesce("creation.is_test", f.lit(False)).alias("is_test"),
            "creation.items",
            f.to_date("ordered_at").alias("event_date"),
            *("ordered_at", "shipped_at", "delivered_at", "cancelled_at"),
            f.coalesce("state.event_at", "ordered_at").alias("status_at"),
        )
    )


def _refunds(orders_events: DataFrame) -> DataFrame:
    told = ("source", "order_id", "amount", "currency_code", "reason")
    return (
        orders_events.where("event_type = 'order_refunded'")
        .groupBy("refund_id")
        .agg(
            f.max(f.struct("event_at", "event_id", *told)).alias("latest"),
            f.min("event_at").alias("refunded_at"),
        )
        .select(
            "refund_id",
            "latest.order_id",
            "latest.source",
            f.col("latest.amount").alias("refund_amount"),
            *("latest.currency_code", "latest.reason"),
            f.to_date("refunded_at").alias("event_date"),
            "refunded_at",
        )
    )


def _daily_revenue(orders: DataFrame, fact_orders: DataFrame, fact_refunds: DataFrame) -> DataFrame:
    nothing = f.lit(0).cast("decimal(18, 4)")
    # Of a cancelled order all is taken off already; a test order is in no mart.
    taken_off = fact_refunds.join(
        orders.where("status = 'CANCELLED' or is_test"), "order_id", "left_anti"
    )
    is_cancelled = f.col("status") == "CANCELLED"
    movements = fact_orders.select(
        "event_date",
        "currency_code",
        f.lit(1).alias("order_count"),
        f.col("order_amount").alias("gross"),
        f.when(is_cancelled, f.col("order_amount")).otherwise(nothing).alias("cancelled"),
        nothing.alias("refunded"),
    ).unionByName(
        taken_off.select(
            "event_date",
            "currency_code",
            f.lit(0).alias("order_count"),
            nothing.alias("gross"),
            nothing.alias("cancelled"),
            f.col("refund_amount").alias("refunded"),
        )
    )
    return (
        movements.groupBy("event_date", "currency_code")
        .agg(
            f.sum("order_count").alias("order_count"),
            f.sum("gross").alias("gross_revenue"),
            f.sum("cancelled").alias("cancelled_revenue"),
            f.sum("refunded").alias("refunded_revenue"),
        )
        .withColumn("daily_revenue", f.expr("gross_revenue - cancelled_revenue - refunded_revenue"))
        .withColumn(
            "average_order_value", f.expr("round(gross_revenue / nullif(order_count, 0), 4)")
        )
    )


def _is_text(column: str) -> Column:
    return f.coalesce(f.schema_of_variant(column) == "STRING", f.lit(False))


def _is_given(column: str) -> Column:
    return f.col(column).isNotNull() & ~f.is_variant_null(column)


def _text(column: str) -> Column:
    return f.when(_is_text(column), f.try_variant_get(column, "$", "string"))


def _boolean(column: str) -> Column:
    # By its type: the function takes the text "yes" for true.
    is_boolean = f.schema_of_variant(column) == "BOOLEAN"
    return f.when(is_boolean, f.try_variant_get(column, "$", "boolean"))


def _amount(column: str) -> Column:
    number = f.try_variant_get(column, "$", "decimal(18, 4)")
    is_number = f.schema_of_variant(column).rlike(_NUMBER)
    is_exact = number.cast("double") == f.try_variant_get(column, "$", "double")
    text = _text(column)
    is_amount = text.rlike(r"^[0-9]{1,14}([.][0-9]{1,4})?$")
    return f.when(is_number & is_exact, number).when(is_amount, text.cast("decimal(18, 4)"))


def _is_identifier(column: str) -> Column:
    length = f.coalesce(f.length(column), f.lit(0))
    return length.between(1, 256) & ~f.coalesce(
        f.col(column).rlike(r"[\x00-\x1f\x7f]"), f.lit(False)
    )


if __name__ == "__main__":
    main()
