locals {
  gold = replace(var.name, "-", "_")

  # By dbt's rule: a layer's schema is the target's with the layer's name. dbt makes the tables of
  # all but raw, and they are no part of Terraform's state.
  databases = {
    gold    = { name = local.gold, description = "Facts and marts, for analysts; dbt makes its tables" }
    raw     = { name = "${local.gold}_raw", description = "What producers sent, as it landed" }
    staging = { name = "${local.gold}_staging", description = "Raw events, typed and judged; dbt makes its views" }
    silver  = { name = "${local.gold}_silver", description = "One row per business key, and the quarantine; dbt makes its tables" }
  }

  table = jsondecode(templatefile(var.raw_table_template, {
    location    = "s3://${var.raw_bucket}/"
    event_types = join(",", concat(sort(var.event_types), ["unknown"]))
    first_day   = var.first_day
  }))
}

resource "aws_glue_catalog_database" "this" {
  for_each = local.databases

  name        = each.value.name
  description = each.value.description

  # In an account whose default is Lake Formation, new tables have no such permission.
  dynamic "create_table_default_permission" {
    for_each = var.tables_by_iam ? [true] : []

    content {
      permissions = ["ALL"]

      principal {
        data_lake_principal_identifier = "IAM_ALLOWED_PRINCIPALS"
      }
    }
  }
}

resource "aws_glue_catalog_table" "raw" {
  database_name = aws_glue_catalog_database.this["raw"].name
  name          = local.table.Name
  description   = local.table.Description
  table_type    = local.table.TableType
  parameters    = local.table.Parameters

  dynamic "partition_keys" {
    for_each = local.table.PartitionKeys

    content {
      name    = partition_keys.value.Name
      type    = partition_keys.value.Type
      comment = partition_keys.value.Comment
    }
  }

  storage_descriptor {
    location      = local.table.StorageDescriptor.Location
    input_format  = local.table.StorageDescriptor.InputFormat
    output_format = local.table.StorageDescriptor.OutputFormat

    dynamic "columns" {
      for_each = local.table.StorageDescriptor.Columns

      content {
        name    = columns.value.Name
        type    = columns.value.Type
        comment = columns.value.Comment
      }
    }

    ser_de_info {
      serialization_library = local.table.StorageDescriptor.SerdeInfo.SerializationLibrary
      parameters            = local.table.StorageDescriptor.SerdeInfo.Parameters
    }
  }
}
