# The inspector that asks the logs which Athena reads: its function, its attachment, a
# workgroup if none is given, and for baselines a table with a function that fills it.

locals {
  account_id = var.alert_responder.account_id
  partition  = var.alert_responder.partition
  region     = var.alert_responder.region

  full_name = "${var.alert_responder.name}-${var.name}"
  workgroup = var.workgroup == null ? aws_athena_workgroup.this[0].name : var.workgroup

  # The account of the workgroup and the tables.
  logs_account_id = var.role_arn == null ? local.account_id : split(":", var.role_arn)[4]

  workgroup_arn = "arn:${local.partition}:athena:${local.region}:${local.logs_account_id}:workgroup/${local.workgroup}"
  glue          = "arn:${local.partition}:glue:${local.region}:${local.logs_account_id}"

  # A table that is stored by columns is cheap to count; the others are counted on request.
  sources = {
    for name, source in var.sources : name => merge(source, {
      baseline_days = coalesce(source.baseline_days, source.dialect == "security-lake-2" && source.account == null && var.role_arn == null ? 30 : 0)
    })
  }
  baseline = anytrue([for source in values(local.sources) : source.baseline_days > 0])

  # What the module stores: results, if it creates the workgroup, and counts of days.
  bucket = var.workgroup == null || local.baseline

  # Fields without a value are omitted: Lambda allows 4,096 bytes.
  source_settings = {
    for name, source in local.sources : name => merge(
      { database = source.database, table = source.table, dialect = source.dialect },
      length(source.partition) == 0 ? {} : { partition = source.partition },
      length(source.fixed) == 0 ? {} : { fixed = source.fixed },
      source.account == null ? {} : { account = source.account },
      source.baseline_days == 0 ? {} : { baseline_days = source.baseline_days },
    )
  }
  query_settings = {
    for name, query in var.queries : name => {
      attribute_types = query.attribute_types
      database        = query.database
      sql             = query.sql
      tables = {
        for table, read in query.tables : table => merge(
          { time = read.time },
          read.time_type == "timestamp" ? {} : { time_type = read.time_type },
          length(read.partition) == 0 ? {} : { partition = read.partition },
        )
      }
    }
  }

  # What sources are asked about, and what queries are.
  attribute_types = var.attribute_types != null ? var.attribute_types : setunion(
    length(var.sources) == 0 ? [] : ["accesskey", "arn", "domain", "email", "instance", "ipaddr", "username"],
    flatten([for query in values(var.queries) : query.attribute_types]),
  )

  settings = merge(
    {
      HOURS_AFTER         = tostring(var.hours_after)
      HOURS_BEFORE        = tostring(var.hours_before)
      MAX_GB_PER_DAY      = tostring(var.max_gb_per_day)
      NAME                = var.name
      SOURCES             = jsonencode(local.source_settings)
      TABLE_NAME          = var.alert_responder.table_name
      TIME_BUDGET_SECONDS = tostring(var.time_budget_seconds)
      USD_PER_TB          = tostring(var.usd_per_tb)
      WORKGROUP           = local.workgroup
    },
    var.result_location == null ? {} : { RESULT_LOCATION = var.result_location },
    length(var.queries) == 0 ? {} : { QUERIES = jsonencode(local.query_settings) },
    var.role_arn == null ? {} : { ROLE_ARN = var.role_arn },
    var.external_id == null ? {} : { EXTERNAL_ID = var.external_id },
    local.partition == "aws" ? {} : { CONSOLE = local.consoles[local.partition] },
    local.baseline ? { ROLLUP_DATABASE = local.rollup_database, ROLLUP_TABLE = local.rollup_table } : {},
  )
  consoles = {
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }

  # Tables that queries read, as databases and tables.
  tables = setunion(
    [for source in values(var.sources) : "${source.database}/${source.table}"],
    flatten([for query in values(var.queries) : [for table in keys(query.tables) : "${query.database}/${table}"]]),
  )
  databases = toset([for table in local.tables : split("/", table)[0]])

  # Locations of data that IAM grants, as bucket and prefix. Lake Formation grants the
  # data of the others.
  locations = distinct(compact(concat(
    [for source in values(var.sources) : source.location],
    flatten([for query in values(var.queries) : query.locations]),
  )))
  data_keys   = distinct(compact(concat([for source in values(var.sources) : source.kms_key_arn], tolist(var.kms_key_arns))))
  in_lake     = anytrue(concat([for source in values(var.sources) : source.location == null], [for query in values(var.queries) : length(query.locations) == 0]))
  data_places = [for location in local.locations : trimsuffix(trimprefix(location, "s3://"), "/")]

  # Where results are, if Athena does not manage them.
  result_location = var.workgroup == null ? "s3://${local.bucket_name}/results/" : var.result_location
  result_place    = local.result_location == null ? null : trimsuffix(trimprefix(local.result_location, "s3://"), "/")

  s3 = "arn:${local.partition}:s3:::"

  # Rights that both functions need, or the role in the other account.
  reading = concat(
    [
      {
        Sid    = "RunQueries"
        Effect = "Allow"
        Action = [
          "athena:BatchGetQueryExecution",
          "athena:GetQueryResults",
          "athena:GetWorkGroup",
          "athena:StartQueryExecution",
          "athena:StopQueryExecution",
        ]
        Resource = [local.workgroup_arn]
      },
      {
        Sid    = "ReadTables"
        Effect = "Allow"
        Action = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"]
        Resource = concat(
          ["${local.glue}:catalog"],
          [for database in sort(tolist(local.databases)) : "${local.glue}:database/${database}"],
          [for table in sort(tolist(local.tables)) : "${local.glue}:table/${table}"],
          local.baseline ? ["${local.glue}:database/${local.rollup_database}", "${local.glue}:table/${local.rollup_database}/${local.rollup_table}"] : [],
        )
      },
    ],
    length(local.data_places) == 0 ? [] : [
      {
        Sid      = "ReadLogs"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [for place in local.data_places : "${local.s3}${place}/*"]
      },
      {
        Sid      = "ListLogs"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = distinct([for place in local.data_places : "${local.s3}${split("/", place)[0]}"])
      },
    ],
    local.in_lake ? [{
      # Lake Formation decides which data it is; the action supports no resources.
      Sid      = "ReadLake"
      Effect   = "Allow"
      Action   = ["lakeformation:GetDataAccess"]
      Resource = ["*"]
    }] : [],
    local.result_place == null ? [] : [
      {
        Sid      = "StoreResults"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.s3}${local.result_place}/*"]
      },
      {
        Sid      = "ListResults"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = ["${local.s3}${split("/", local.result_place)[0]}"]
      },
    ],
    length(local.data_keys) == 0 ? [] : [{
      Sid      = "UseKeysOfLogs"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = sort(local.data_keys)
    }],
  )

  # The fewest queries of a call that asks everything.
  queries_of_call = length(var.sources) + length(var.queries)

  # The bytes of the day. No TransactWriteItems: IAM checks the operations within a
  # transaction.
  partition_key = "budget/${var.name}/*"
  counting = [{
    Sid       = "CountBytes"
    Effect    = "Allow"
    Action    = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = [local.partition_key] } }
  }]

  counts_read = local.baseline ? [
    {
      Sid      = "ReadCounts"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.s3}${local.bucket_name}/counts/*"]
    },
    {
      Sid      = "ListCounts"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = ["${local.s3}${local.bucket_name}"]
    },
  ] : []
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Asks the logs that Athena reads about attributes, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.athena.handler.handler"
  settings        = local.settings

  # The last calls may still take some time after the budget.
  timeout_seconds   = var.time_budget_seconds + 20
  written_partition = local.partition_key
  statements = concat(
    var.role_arn == null ? local.reading : [],
    [for arn in var.role_arn == null ? [] : [var.role_arn] : {
      Sid      = "AssumeRole"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = [arn]
    }],
    local.counting,
    local.counts_read,
  )
}

module "inspector" {
  source = "../inspector"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  attribute_types = local.attribute_types
  batch_size      = 100
  cache_seconds   = var.cache_seconds
  contexts        = var.contexts
  detectors       = var.detectors
  enabled         = var.enabled
  max_per_minute  = var.max_per_minute

  # The same address exists in many accounts.
  per_account = anytrue([for source in values(var.sources) : source.account != null])
}

resource "aws_athena_workgroup" "this" {
  count = var.workgroup == null ? 1 : 0

  name          = local.full_name
  description   = "Queries of the inspector ${var.name} of AlertResponder ${var.alert_responder.name}."
  force_destroy = true
  tags          = var.alert_responder.tags

  configuration {
    bytes_scanned_cutoff_per_query     = var.max_gb_per_query * 1000000000
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true

    result_configuration {
      output_location = local.result_location

      encryption_configuration {
        encryption_option = var.alert_responder.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = var.alert_responder.kms_key_arn
      }
    }
  }
}

# A warning: a lower limit of the day is safe, only the last sources are not asked.
check "max_gb_per_day" {
  assert {
    condition     = var.workgroup != null || local.queries_of_call * var.max_gb_per_query <= var.max_gb_per_day
    error_message = "max_gb_per_day must be at least max_gb_per_query times the number of sources and queries (${local.queries_of_call}): the limit of each query is reserved before it starts. Otherwise the last of them are not asked in the same call."
  }
}
