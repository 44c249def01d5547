variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    region                   = string
    runner_role_name         = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "allow_internal" {
  description = "Whether VirusTotal may be asked of addresses and domains that are internal, reserved, or in internal_networks and internal_domains of the installation. With false such lookups are skipped, with the rule in the report."
  type        = bool
  default     = false
  nullable    = false
}

variable "allow_query" {
  description = "Whether VirusTotal may be asked of URLs with their query. With false it is asked of the URL up to the query, which often holds names, addresses and tokens of the person the URL was sent to."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_key_secret_arn" {
  description = "ARN of the secret in Secrets Manager that holds the API key of VirusTotal, as text or in a field of a JSON object. It is read at run time, at most every five minutes."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$", var.api_key_secret_arn))
    error_message = "Use the ARN of a secret for api_key_secret_arn, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:virustotal-a1b2c3; no name and no key."
  }
}

variable "api_key_secret_field" {
  description = "Field of the secret that holds the key, where the secret is a JSON object. Null: the secret is the key itself."
  type        = string
  default     = null

  validation {
    condition     = var.api_key_secret_field == null ? true : length(var.api_key_secret_field) >= 1 && length(var.api_key_secret_field) <= 256
    error_message = "Use 1 to 256 characters, or null, for api_key_secret_field."
  }
}

variable "api_key_secret_kms_key_arn" {
  description = "ARN of the KMS key the secret is encrypted with. Null: the key AWS manages for secrets."
  type        = string
  default     = null

  validation {
    condition     = var.api_key_secret_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.api_key_secret_kms_key_arn))
    error_message = "Use the ARN of a KMS key, not of an alias, or null, for api_key_secret_kms_key_arn."
  }
}

variable "api_url" {
  description = "Scheme and host of the API, such as a gateway of one's own; https, or http for an address of the machine the function runs on, which is for tests. Null: https://www.virustotal.com."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null ? true : can(regex("^(https://[A-Za-z0-9.-]+|http://127\\.0\\.0\\.1)(:[0-9]{1,5})?$", var.api_url))
    error_message = "Use https:// and a host, with or without a port and without a path, for api_url; http is for 127.0.0.1 only."
  }
}

variable "attribute_types" {
  description = "Types of the attributes it looks up: domain, filehashvalue, ipaddr, url."
  type        = set(string)
  default     = ["domain", "filehashvalue", "ipaddr", "url"]
  nullable    = false

  validation {
    condition     = length(var.attribute_types) > 0 && length(setsubtract(var.attribute_types, ["domain", "filehashvalue", "ipaddr", "url"])) == 0
    error_message = "Use one or more of domain, filehashvalue, ipaddr and url for attribute_types."
  }
}

variable "cache_empty_seconds" {
  description = "How long the answer that VirusTotal knows nothing is used again for the same attribute in other reports, in whole seconds from 0 (never) to 2,592,000 (30 days). It saves calls, and hides meanwhile what becomes known."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_empty_seconds >= 0 && var.cache_empty_seconds <= 2592000 && floor(var.cache_empty_seconds) == var.cache_empty_seconds
    error_message = "Use a whole number of seconds from 0 to 2592000 for cache_empty_seconds."
  }
}

variable "cache_seconds" {
  description = "How long an answer that says something is used again for the same attribute in other reports, in whole seconds from 0 (never) to 2,592,000 (30 days). It saves calls; an answer that is incomplete is used again as well."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.cache_seconds >= 0 && var.cache_seconds <= 2592000 && floor(var.cache_seconds) == var.cache_seconds
    error_message = "Use a whole number of seconds from 0 to 2592000 for cache_seconds."
  }
}

variable "contexts" {
  description = "Contexts an address, domain or URL has to have one of, to be looked up: additional, client, file, local, object, remote, server, subject. Hashes are looked up whatever theirs. Empty: all."
  type        = set(string)
  default     = ["remote"]
  nullable    = false
}

variable "detectors" {
  description = "Detectors whose alerts it looks at, at most 50 names as alerts carry them. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether it is asked. With false it stays attached, with all its settings."
  type        = bool
  default     = true
  nullable    = false
}

variable "follow_hashes" {
  description = "Whether the samples it finds, at most 15 a lookup, are looked up in turn by all inspectors of hashes. Each takes one more call."
  type        = bool
  default     = false
  nullable    = false
}

variable "layer_arn" {
  description = "ARN of the layer with VirusTotal's client. Run `make layers` in AlertResponder's repository and publish build/layers/virustotal-<architecture>.zip. Null is refused with these words."
  type        = string
  default     = null

  validation {
    condition     = var.layer_arn != null
    error_message = "Set layer_arn: run `make layers` in AlertResponder's repository, publish build/layers/virustotal-<architecture>.zip with aws_lambda_layer_version, and give its ARN."
  }
}

variable "max_requests_per_minute" {
  description = "Requests the API key may make in any minute, over all reports, a whole number from 1 to 10,000: 4 for the public one. A lookup takes as many as the output calls_per_lookup says; those that exceed the quota wait as long as the report's round has time, and are then in the report as throttled. Null: no quota of ours, and VirusTotal's own refusals are in the report."
  type        = number
  default     = null

  validation {
    condition     = var.max_requests_per_minute == null ? true : var.max_requests_per_minute >= 1 && var.max_requests_per_minute <= 10000 && floor(var.max_requests_per_minute) == var.max_requests_per_minute
    error_message = "Use a whole number from 1 to 10000, or null, for max_requests_per_minute."
  }
}

variable "name" {
  description = "Name of the inspector, as reports show it; unique among inspectors, 1 to 34 lower-case letters, digits and single hyphens. Hashes are looked up under this name with -files behind it."
  type        = string
  default     = "virustotal"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 34
    error_message = "Use 1 to 34 lower-case letters, digits and single hyphens for name."
  }
}

variable "premium" {
  description = "Whether the key is a premium one. With false it is not asked what VirusTotal gives to premium keys only: detected URLs, downloaded files, and everything beside the object of a URL."
  type        = bool
  default     = false
  nullable    = false
}

variable "relationships" {
  description = "What is asked beside the object itself, one call each: communicating_files, downloaded_files, referrer_files, resolutions, urls. Empty: nothing, one call a lookup."
  type        = set(string)
  default     = ["communicating_files", "downloaded_files", "referrer_files", "resolutions", "urls"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.relationships, ["communicating_files", "downloaded_files", "referrer_files", "resolutions", "urls"])) == 0
    error_message = "Use communicating_files, downloaded_files, referrer_files, resolutions and urls for relationships."
  }
}

variable "thresholds" {
  description = "How many engines make a verdict, whole numbers from 1 to 100: malicious if that many say malicious; suspicious if that many say malicious or suspicious; harmless if none says either and that many say harmless; else unknown."
  type = object({
    harmless   = optional(number, 10)
    malicious  = optional(number, 3)
    suspicious = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for engines in values(var.thresholds) : engines == null ? false : engines >= 1 && engines <= 100 && floor(engines) == engines])
    error_message = "Use whole numbers from 1 to 100 for thresholds."
  }
}

variable "time_budget_seconds" {
  description = "Longest a lookup may take with all its calls and waits, in whole seconds from 5 to 820. Stay 15 s below AlertResponder's inspection_timeout_seconds."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.time_budget_seconds >= 5 && var.time_budget_seconds <= 820 && floor(var.time_budget_seconds) == var.time_budget_seconds
    error_message = "Use a whole number of seconds from 5 to 820 for time_budget_seconds."
  }
}

variable "vendors" {
  description = "Engines whose scans of samples are told, in this order, at most 10 names as VirusTotal has them, without commas. Empty: none."
  type        = list(string)
  default     = ["BitDefender", "CrowdStrike", "ESET-NOD32", "Kaspersky", "Microsoft", "Sophos"]
  nullable    = false

  validation {
    condition     = length(var.vendors) <= 10 && alltrue([for vendor in var.vendors : can(regex("^[^,]{1,64}$", vendor))])
    error_message = "Use at most 10 names of 1 to 64 characters without commas for vendors."
  }
}
