output "databases" {
  description = "Name and ARN of each database, by layer: gold, raw, staging, silver."
  value       = { for layer, database in aws_glue_catalog_database.this : layer => { name = database.name, arn = database.arn } }
}

output "raw_table" {
  description = "Name and ARN of the table of raw events."
  value       = { name = aws_glue_catalog_table.raw.name, arn = aws_glue_catalog_table.raw.arn }
}
