variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    previous_kms_key_arns    = optional(list(string), [])
    region                   = string
    runner_role_name         = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "allow_internal" {
  description = "Whether VirusTotal may receive addresses and domains that are internal, reserved, or in internal_networks and internal_domains of the installation. If false, such lookups are skipped, and the report shows the rule."
  type        = bool
  default     = false
  nullable    = false
}

variable "allow_query" {
  description = "Whether VirusTotal may receive URLs with their query. If false, it receives the URL without the query, which often contains names, addresses and tokens of the person that the URL was sent to."
  type        = bool
  default     = false
  nullable    = false
}

variable "api_key_secret_arn" {
  description = "ARN of the secret in Secrets Manager that holds VirusTotal's API key, as plain text or in a field of a JSON object. It is read at run time, at most every five minutes."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$", var.api_key_secret_arn))
    error_message = "api_key_secret_arn must be the ARN of a secret, such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:virustotal-a1b2c3, and not its name or the key."
  }
}

variable "api_key_secret_field" {
  description = "Field of the JSON object in the secret that holds the key. Null: the secret is the key itself."
  type        = string
  default     = null

  validation {
    condition     = var.api_key_secret_field == null ? true : length(var.api_key_secret_field) >= 1 && length(var.api_key_secret_field) <= 256
    error_message = "api_key_secret_field must be null or have 1 to 256 characters."
  }
}

variable "api_key_secret_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secret. Null: the key that AWS manages for secrets."
  type        = string
  default     = null

  validation {
    condition     = var.api_key_secret_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.api_key_secret_kms_key_arn))
    error_message = "api_key_secret_kms_key_arn must be null or the ARN of a KMS key, and not of an alias."
  }
}

variable "api_url" {
  description = "Scheme and host of the API, such as those of your gateway. It must be https; http is accepted for the function's own machine only, for tests. Null: https://www.virustotal.com."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null ? true : can(regex("^(https://[A-Za-z0-9.-]+|http://127\\.0\\.0\\.1)(:[0-9]{1,5})?$", var.api_url))
    error_message = "api_url must be https:// and a host, with or without a port, without a path. http is accepted for 127.0.0.1 only."
  }
}

variable "attribute_types" {
  description = "Types of the attributes that it looks up: one or more of domain, filehashvalue, ipaddr and url."
  type        = set(string)
  default     = ["domain", "filehashvalue", "ipaddr", "url"]
  nullable    = false

  validation {
    condition     = length(var.attribute_types) > 0 && length(setsubtract(var.attribute_types, ["domain", "filehashvalue", "ipaddr", "url"])) == 0
    error_message = "attribute_types must contain at least one of domain, filehashvalue, ipaddr and url, and nothing else."
  }
}

variable "cache_empty_seconds" {
  description = "Time that the answer \"VirusTotal does not know it\" is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days). It saves calls; information that appears in that time is missed."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_empty_seconds >= 0 && var.cache_empty_seconds <= 2592000 && floor(var.cache_empty_seconds) == var.cache_empty_seconds
    error_message = "cache_empty_seconds must be a whole number of seconds from 0 to 2592000."
  }
}

variable "cache_seconds" {
  description = "Time that an answer with findings is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days). It saves calls; incomplete answers are reused as well."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.cache_seconds >= 0 && var.cache_seconds <= 2592000 && floor(var.cache_seconds) == var.cache_seconds
    error_message = "cache_seconds must be a whole number of seconds from 0 to 2592000."
  }
}

variable "contexts" {
  description = "Contexts of which an address, domain or URL must have at least one: additional, client, file, local, object, remote, server or subject. Hashes are looked up in any context. Empty: any contexts."
  type        = set(string)
  default     = ["remote"]
  nullable    = false
}

variable "detectors" {
  description = "Detectors whose alerts it inspects, by the names in the alerts. At most 50. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether the inspector is called. Set to false to keep it attached with all its settings, but not to call it."
  type        = bool
  default     = true
  nullable    = false
}

variable "follow_hashes" {
  description = "Whether the samples that it finds, at most 15 for a lookup, are looked up in turn by all inspectors of hashes. Each takes one more call."
  type        = bool
  default     = false
  nullable    = false
}

variable "max_requests_per_day" {
  description = "Maximum number of requests with the API key in a day (UTC), for all reports together. A whole number from 1 to 10,000,000; 500 for VirusTotal's public keys. Addresses, domains and URLs get as many lookups as hashes, and each counts as many requests as the output calls_per_lookup lists at most. Lookups beyond the quota are recorded as `throttled`. Null: no quota, other than VirusTotal's own."
  type        = number
  default     = null

  validation {
    condition     = var.max_requests_per_day == null ? true : var.max_requests_per_day >= 1 && var.max_requests_per_day <= 10000000 && floor(var.max_requests_per_day) == var.max_requests_per_day
    error_message = "max_requests_per_day must be null or a whole number from 1 to 10000000."
  }
}

variable "max_requests_per_minute" {
  description = "Maximum number of requests with the API key in any minute, for all reports together. A whole number from 1 to 10,000; 4 for VirusTotal's public keys. The output calls_per_lookup lists how many requests a lookup takes. Lookups beyond the quota wait while the report's round has time, and are then recorded as `throttled`. Null: no quota, other than VirusTotal's own."
  type        = number
  default     = null

  validation {
    condition     = var.max_requests_per_minute == null ? true : var.max_requests_per_minute >= 1 && var.max_requests_per_minute <= 10000 && floor(var.max_requests_per_minute) == var.max_requests_per_minute
    error_message = "max_requests_per_minute must be null or a whole number from 1 to 10000."
  }
}

variable "name" {
  description = "Name of the inspector in reports. 1 to 34 lower-case letters, digits and single hyphens, unique among inspectors. Hashes are looked up under this name with the suffix -files."
  type        = string
  default     = "virustotal"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 34
    error_message = "name must have 1 to 34 lower-case letters, digits and single hyphens."
  }
}

variable "premium" {
  description = "Whether the key is a premium key. If false, data for premium keys is not requested: detected URLs, downloaded files, and everything related to a URL."
  type        = bool
  default     = false
  nullable    = false
}

variable "relationships" {
  description = "Related data that is requested for the object, with one call each: communicating_files, downloaded_files, referrer_files, resolutions, urls. Empty: one call for a lookup."
  type        = set(string)
  default     = ["communicating_files", "downloaded_files", "referrer_files", "resolutions", "urls"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.relationships, ["communicating_files", "downloaded_files", "referrer_files", "resolutions", "urls"])) == 0
    error_message = "relationships must contain only communicating_files, downloaded_files, referrer_files, resolutions and urls."
  }
}

variable "thresholds" {
  description = <<-EOT
    Number of engines that make a verdict. Whole numbers from 1 to 100. Otherwise the verdict is `unknown`.
    - `malicious`: Engines that must rate the object malicious.
    - `suspicious`: Engines that must rate it malicious or suspicious.
    - `harmless`: Engines that must rate it harmless, while no engine rates it malicious or suspicious.
  EOT
  type = object({
    harmless   = optional(number, 10)
    malicious  = optional(number, 3)
    suspicious = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for engines in values(var.thresholds) : engines == null ? false : engines >= 1 && engines <= 100 && floor(engines) == engines])
    error_message = "Values of thresholds must be whole numbers from 1 to 100."
  }
}

variable "time_budget_seconds" {
  description = "Maximum time of a lookup with all its calls and waits. A whole number of seconds from 5 to 820. Keep it 15 s below AlertResponder's inspection_timeout_seconds."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.time_budget_seconds >= 5 && var.time_budget_seconds <= 820 && floor(var.time_budget_seconds) == var.time_budget_seconds
    error_message = "time_budget_seconds must be a whole number of seconds from 5 to 820."
  }
}

variable "vendors" {
  description = "Engines whose scans of samples are shown, in this order, by VirusTotal's names for them. At most 10, without commas. Empty: no scans."
  type        = list(string)
  default     = ["BitDefender", "CrowdStrike", "ESET-NOD32", "Kaspersky", "Microsoft", "Sophos"]
  nullable    = false

  validation {
    condition     = length(var.vendors) <= 10 && alltrue([for vendor in var.vendors : can(regex("^[^,]{1,64}$", vendor))])
    error_message = "vendors must contain at most 10 names of 1 to 64 characters without commas."
  }
}
