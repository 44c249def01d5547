# What a policy may contain. The function reads it by the same rules, in
# lambda/alert_responder_plugins/policy/model.py; tests/plan/test_policy_faults.py
# compares both.

locals {
  # The fields of each object, with their types.
  fields = {
    policy      = { default = "default", rules = "rule", suppressions = "suppression", tests = "test" }
    attribute   = { cidr = "cidr", context = "term", type = "term", value = "pattern" }
    default     = { labels = "label", reason = "template", severity = "severity" }
    earlier     = { min = "reports", same_rule = "flag", severity = "severities", within_days = "days" }
    expectation = { labels = "any_texts", reason = "any_text", rule = "any_text", severity = "severity", suppressed_by = "any_text" }
    hours       = { days = "day", from = "clock", timezone = "time_zone", to = "clock" }
    range       = { max = "count", min = "count" }
    unless      = { alert_count_above = "count", new_principal = "flag" }
    match = {
      account             = "account"
      account_environment = "pattern"
      account_name        = "pattern"
      account_owner       = "pattern"
      account_unit        = "unit"
      alert_count         = "range"
      attribute           = "attribute"
      attribute_type      = "term"
      complete            = "flag"
      context             = "term"
      detector            = "pattern"
      earlier             = "earlier"
      inspector           = "pattern"
      outcome             = "outcome"
      region              = "pattern"
      rounds              = "range"
      rule                = "pattern"
      severity            = "severity_word"
      status              = "status"
      tag                 = "tags"
      time                = "hours"
      verdict             = "verdict"
    }
    rule = {
      labels   = "label"
      match    = "match"
      name     = "name"
      reason   = "template"
      severity = "severity"
      when     = "expression"
    }
    suppression = {
      despite      = "despite"
      expires      = "time"
      labels       = "label"
      match        = "match"
      name         = "name"
      owner        = "title"
      reason       = "reason"
      starts       = "time"
      trust_native = "flag"
      unless       = "unless"
      weekly       = "hours"
      when         = "expression"
    }
    test = {
      alerts  = "paths"
      answers = "path"
      at      = "time"
      expect  = "expectation"
      name    = "title"
      report  = "path"
    }
  }

  required = {
    hours       = ["from", "to"]
    rule        = ["name", "severity"]
    suppression = ["expires", "match", "name", "owner", "reason", "starts"]
    test        = ["expect", "name"]
  }

  # Fields that may be null, which means that they are not set.
  nullable = {
    attribute   = keys(local.fields.attribute)
    earlier     = ["severity", "within_days"]
    expectation = ["reason", "rule", "severity", "suppressed_by"]
    match       = keys(local.fields.match)
    range       = keys(local.fields.range)
    rule        = ["reason", "when"]
    suppression = ["weekly", "when"]
    test        = ["alerts", "answers", "at", "report"]
    unless      = ["alert_count_above"]
  }

  # Maximum number of values, for types of which a field may have several.
  several = {
    account       = 500
    any_texts     = 500
    attribute     = 500
    cidr          = 500
    day           = 7
    despite       = 3
    hours         = 20
    label         = 20
    outcome       = 500
    paths         = 500
    pattern       = 500
    rule          = 500
    severities    = 3
    severity_word = 500
    status        = 2
    suppression   = 500
    term          = 500
    test          = 1000
    unit          = 500
    verdict       = 4
  }

  can_be_empty = ["any_texts", "despite", "rule", "suppression", "test"]

  # Types that are one of several words; case matters except in severity_word.
  words = {
    day           = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    despite       = ["malicious", "incomplete", "raised"]
    outcome       = ["cached", "empty", "error", "invalid", "ok", "skipped", "throttled", "timeout"]
    severities    = local.ratings
    severity      = local.ratings
    severity_word = ["emergency", "alert", "fatal", "critical", "severe", "high", "error", "major", "medium", "moderate", "warning", "warn", "low", "minor", "notice", "note", "informational", "information", "info", "debug", "none", "unknown"]
    status        = ["active", "resolved"]
    verdict       = ["malicious", "suspicious", "harmless", "unknown"]
  }

  # From the mildest to the worst.
  ratings = ["safe", "unclassified", "urgent"]

  # Types that are a text: what it must be, its length, and an expression that it
  # matches. Long repetitions in expressions would be slow.
  texts = {
    account    = { must_be = "a string of 12 digits, in quotes", longest = 12, like = "^[0-9]{12}$" }
    any_text   = { must_be = "a text", shortest = 0 }
    any_texts  = { must_be = "a text", shortest = 0 }
    cidr       = { must_be = "a network such as 192.0.2.0/24 without host bits, or an address", longest = 50, like = "^(([1-9]?[0-9]|[12][0-9]{2})([.]([1-9]?[0-9]|[12][0-9]{2})){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(/[0-9]{1,3})?$" }
    clock      = { must_be = "a time such as \"08:00\" or \"22:00\", in quotes, at most \"23:59\"", like = "^([01][0-9]|2[0-3]):[0-5][0-9]$" }
    expression = { must_be = "an expression of 1 to 1000 characters", longest = 1000 }
    label      = { must_be = "1 to 64 lower-case letters, digits, - and _, beginning with a letter or digit", longest = 64, like = "^[a-z0-9][a-z0-9_-]*$" }
    name       = { must_be = "1 to 100 letters, digits, spaces and ._:/-, beginning with a letter or digit", longest = 100, like = "^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$" }
    path       = { must_be = "a path of 1 to 1000 characters", longest = 1000 }
    paths      = { must_be = "a path of 1 to 1000 characters", longest = 1000 }
    pattern    = { must_be = "a text of 1 to 300 characters", longest = 300 }
    reason     = { must_be = "a text of 1 to 1000 characters that is not blank", longest = 1000, like = "\\S" }
    template   = { must_be = "a text of at most 1000 characters, with no braces other than {${join("}, {", local.reason_fields)}}", shortest = 0, longest = 1000, like = "^([^{}]|[{](${join("|", local.reason_fields)})[}])*$" }
    term       = { must_be = "1 to 32 lower-case letters, digits, - and _, beginning with a letter", longest = 32, like = "^[a-z][a-z0-9_-]*$" }
    time       = { must_be = "a date such as 2027-03-01, which begins at 00:00 UTC, or an RFC 3339 time" }
    time_zone  = { must_be = "a time zone of the IANA database such as Europe/Berlin, or UTC" }
    title      = { must_be = "a text of 1 to 200 characters that is not blank", longest = 200, like = "\\S" }
    unit       = { must_be = "a path of 1 to 300 characters such as Root/Workloads, without / at its ends and without //", longest = 300, like = "^[^/]+(/[^/]+)*$" }
  }

  # Types that are a whole number: the lowest and the highest.
  numbers = {
    count   = { lowest = 0, highest = 1000000000 }
    days    = { lowest = 1, highest = 3650 }
    reports = { lowest = 1, highest = 1000000 }
  }

  reason_fields = [
    "account", "account_environment", "account_name", "account_owner", "account_unit", "alert_count", "alert_key",
    "attribute", "attribute_type", "detector", "detector_severity", "earlier", "inspector", "region", "rounds",
    "rule_id", "title", "verdict",
  ]

  # A suppression must have one of these conditions.
  narrow_fields = ["detector", "rule", "attribute", "account", "tag"]

  max_suppression_days = 90
  time_zones           = split("\n", trimspace(file("${path.module}/time_zones.txt")))
}
