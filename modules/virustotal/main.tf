# The inspector that looks attributes up at VirusTotal: its function, and its
# attachment.

locals {
  host_types = setintersection(var.attribute_types, ["domain", "ipaddr", "url"])

  # One function, attached twice: an inspector has one filter of contexts, and hashes
  # are looked up in any context. A filter in the function would answer `empty` for
  # values that were never looked up.
  attached = merge(
    length(local.host_types) == 0 ? {} : {
      hosts = { name = var.name, attribute_types = local.host_types, contexts = var.contexts }
    },
    !contains(var.attribute_types, "filehashvalue") ? {} : {
      files = { name = "${var.name}-files", attribute_types = ["filehashvalue"], contexts = [] }
    },
  )

  # Number of API calls of a lookup, as queries.py plans them: the object and its
  # related data.
  for_premium = ["downloaded_files", "urls"]
  of_urls     = ["communicating_files", "downloaded_files", "referrer_files"]
  calls = {
    domain        = 1 + length(var.premium ? var.relationships : setsubtract(var.relationships, local.for_premium))
    filehashvalue = 1
    ipaddr        = 1 + length(var.premium ? var.relationships : setsubtract(var.relationships, local.for_premium))
    url           = 1 + length(var.premium ? setintersection(var.relationships, local.of_urls) : [])
  }

  # Each of the two entries has its own quota: both get the same number of lookups.
  most_calls = sum([
    for key, entry in local.attached : max([for type in entry.attribute_types : local.calls[type]]...)
  ])
  lookups = {
    for period, requests in { day = var.max_requests_per_day, minute = var.max_requests_per_minute } :
    period => requests == null ? null : max(1, floor(requests / local.most_calls))
  }
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Looks attributes up at VirusTotal, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.virustotal.handler.handler"

  # Additional time to start and to read the key.
  timeout_seconds = var.time_budget_seconds + 15

  secret_arn         = var.api_key_secret_arn
  secret_kms_key_arn = var.api_key_secret_kms_key_arn

  settings = merge(
    {
      API_KEY_SECRET_ARN = var.api_key_secret_arn
      BUDGET_SECONDS     = tostring(var.time_budget_seconds)
      FOLLOW_HASHES      = tostring(var.follow_hashes)
      HARMLESS_FROM      = tostring(var.thresholds.harmless)
      MALICIOUS_FROM     = tostring(var.thresholds.malicious)
      PREMIUM            = tostring(var.premium)
      RELATIONSHIPS      = join(",", sort(tolist(var.relationships)))
      SUSPICIOUS_FROM    = tostring(var.thresholds.suspicious)
      VENDORS            = join(",", var.vendors)
    },
    var.api_key_secret_field == null ? {} : { API_KEY_SECRET_FIELD = var.api_key_secret_field },
    var.api_url == null ? {} : { API_URL = var.api_url },
  )
}

module "inspector" {
  source   = "../inspector"
  for_each = local.attached

  alert_responder     = var.alert_responder
  name                = each.value.name
  function_arn        = module.function.function_arn
  attribute_types     = each.value.attribute_types
  cache_empty_seconds = var.cache_empty_seconds
  cache_seconds       = var.cache_seconds
  contexts            = each.value.contexts
  detectors           = var.detectors
  enabled             = var.enabled
  max_per_day         = local.lookups.day
  max_per_minute      = local.lookups.minute

  external = {
    allow_identities = false
    allow_internal   = var.allow_internal
    allow_query      = var.allow_query
  }
}
