locals {
  # A file is one query: its name is the query's, its folder the layer whose database it reads, its
  # first line, a comment, the description.
  queries = {
    for query in fileset("${path.module}/queries", "{gold,silver}/*.sql") : trimsuffix(basename(query), ".sql") => {
      database = { gold = var.gold_database, silver = "${var.gold_database}_silver" }[dirname(query)]
      sql      = file("${path.module}/queries/${query}")
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = each.key
  description = trimprefix(split("\n", each.value.sql)[0], "-- ")
  database    = each.value.database
  query       = each.value.sql
  workgroup   = aws_athena_workgroup.this["analysts"].name
}
