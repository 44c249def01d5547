# What is wrong with the policy: one sentence for each fault, with the place and what
# is allowed. A validation of var.policy cannot use locals that depend on it, so that
# the policy's item has a precondition instead. `alert-responder policy check` also
# checks the expressions in `when`: Terraform has no JMESPath.

locals {
  # The objects and values of the policy, level by level, since Terraform has no
  # recursion; the deepest are such as rules[0].match.attribute[0].value[0]. `part` is
  # the name of the rule, suppression or test.
  kinds  = { "\"" = "text", "[" = "list", "{" = "object", f = "flag", n = "null", t = "flag" }
  level0 = [{ place = "", part = "", parent = "", field = "", type = "policy", kind = "object", value = var.policy }]
  level1 = flatten([for each in local.level0 : [
    for field, type in lookup(local.fields, each.type, {}) : [
      for number, value in flatten([try(each.value[field], [])]) : {
        place  = "${each.place}${each.place == "" ? "" : "."}${field}${contains(keys(local.several), type) ? "[${number}]" : ""}"
        part   = each.part == "" ? try(substr(value.name, 0, 100), "") : each.part
        parent = each.type
        field  = field
        type   = type
        kind   = lookup(local.kinds, substr(jsonencode(value), 0, 1), "number")
        value  = value
      }
    ]
  ]])
  level2 = flatten([for each in local.level1 : [
    for field, type in lookup(local.fields, each.type, {}) : [
      for number, value in flatten([try(each.value[field], [])]) : {
        place  = "${each.place}${each.place == "" ? "" : "."}${field}${contains(keys(local.several), type) ? "[${number}]" : ""}"
        part   = each.part == "" ? try(substr(value.name, 0, 100), "") : each.part
        parent = each.type
        field  = field
        type   = type
        kind   = lookup(local.kinds, substr(jsonencode(value), 0, 1), "number")
        value  = value
      }
    ]
  ]])
  level3 = flatten([for each in local.level2 : [
    for field, type in lookup(local.fields, each.type, {}) : [
      for number, value in flatten([try(each.value[field], [])]) : {
        place  = "${each.place}${each.place == "" ? "" : "."}${field}${contains(keys(local.several), type) ? "[${number}]" : ""}"
        part   = each.part == "" ? try(substr(value.name, 0, 100), "") : each.part
        parent = each.type
        field  = field
        type   = type
        kind   = lookup(local.kinds, substr(jsonencode(value), 0, 1), "number")
        value  = value
      }
    ]
  ]])
  level4 = flatten([for each in local.level3 : [
    for field, type in lookup(local.fields, each.type, {}) : [
      for number, value in flatten([try(each.value[field], [])]) : {
        place  = "${each.place}${each.place == "" ? "" : "."}${field}${contains(keys(local.several), type) ? "[${number}]" : ""}"
        part   = each.part == "" ? try(substr(value.name, 0, 100), "") : each.part
        parent = each.type
        field  = field
        type   = type
        kind   = lookup(local.kinds, substr(jsonencode(value), 0, 1), "number")
        value  = value
      }
    ]
  ]])

  values = [
    for each in concat(local.level1, local.level2, local.level3, local.level4) : each
    if each.kind != "null" || !contains(lookup(local.nullable, each.parent, []), each.field)
  ]
  types   = concat(["flag", "tags"], keys(local.fields), keys(local.numbers), keys(local.texts), keys(local.words))
  of_type = merge({ for type in local.types : type => [] }, { for each in local.values : each.type => each... })
  objects = concat(local.level0, flatten([
    for type in keys(local.fields) : [for each in local.of_type[type] : each if each.kind == "object"]
  ]))

  # What is wrong with the fields of objects.
  field_faults = flatten([for each in local.objects : concat(
    [for field in setsubtract(keys(each.value), keys(local.fields[each.type])) : {
      place = "${each.place}.${field}"
      part  = each.part
      fault = "is not allowed; allowed: ${join(", ", keys(local.fields[each.type]))}"
    }],
    [for field in setsubtract(lookup(local.required, each.type, []), keys(each.value)) : {
      place = "${each.place}.${field}"
      part  = each.part
      fault = "is required"
    }],
    [for field, type in local.fields[each.type] : {
      place = "${each.place}.${field}"
      part  = each.part
      fault = contains(keys(local.several), type) ? "must have ${contains(local.can_be_empty, type) ? 0 : 1} to ${local.several[type]} values, which must not be null or lists" : "must be a single value, got a list"
      } if startswith(jsonencode(try(each.value[field], "")), "[") && !try(
      length(each.value[field]) <= local.several[type] && (length(each.value[field]) > 0 || contains(local.can_be_empty, type)) &&
      !anytrue([for value in each.value[field] : can(regex("^[[n]", jsonencode(value)))]),
      false
    )],
    [for field in ["rules", "suppressions", "tests"] : {
      place = field
      part  = ""
      fault = "must be a list"
    } if each.type == "policy" && !startswith(jsonencode(try(each.value[field], [])), "[")],
  )])

  # Values that are not what they must be.
  wrong_values = concat(
    flatten([for type in keys(local.fields) : [
      for each in local.of_type[type] : merge(each, { must_be = "an object" })
      if each.kind != "object"
    ]]),
    [for each in local.of_type.flag : merge(each, { must_be = "true or false" })
    if each.kind != "flag"],
    [for each in local.of_type.tags : merge(each, { must_be = "tags: 1 to 20 keys, each with one or several texts of 1 to 300 characters" })
      if !try(
        length(each.value) >= 1 && length(each.value) <= 20 && alltrue(flatten([
          for key, texts in each.value : [
            for list in [try([for text in texts : text], [texts])] : concat(
              [length(key) >= 1 && length(key) <= 300, length(list) >= 1 && length(list) <= 500],
              [for text in list : startswith(jsonencode(text), "\"") && length(text) >= 1 && length(text) <= 300],
            )
          ]
        ])),
        false
    )],
    flatten([for type, words in local.words : [
      for each in local.of_type[type] : merge(each, { must_be = "one of ${join(", ", words)}" })
      if !try(each.kind == "text" && contains(words, type == "severity_word" ? lower(each.value) : each.value), false)
    ]]),
    flatten([for type, range in local.numbers : [
      for each in local.of_type[type] : merge(each, { must_be = "a whole number from ${range.lowest} to ${range.highest}" })
      if !try(each.kind == "number" && floor(each.value) == each.value && each.value >= range.lowest && each.value <= range.highest, false)
    ]]),
    flatten([for type, text in local.texts : [
      for each in local.of_type[type] : merge(each, { must_be = text.must_be })
      if !try(
        each.kind == "text" && length(each.value) >= lookup(text, "shortest", 1) && length(each.value) <= lookup(text, "longest", 1000000) && can(regex(lookup(text, "like", ""), each.value)),
        false
      )
    ]]),
    [for each in local.of_type.cidr : merge(each, { must_be = local.texts.cidr.must_be })
      if each.kind == "text" && can(regex(local.texts.cidr.like, each.value)) && !try(
        # The first address of the network itself.
        cidrhost(strcontains(each.value, "/") ? each.value : "${each.value}/${strcontains(each.value, ":") ? 128 : 32}", 0)
        == cidrhost("${split("/", each.value)[0]}/${strcontains(each.value, ":") ? 128 : 32}", 0),
        false
    )],
    [for each in local.of_type.time : merge(each, { must_be = local.texts.time.must_be })
    if each.kind == "text" && !can(timeadd(length(each.value) == 10 ? "${each.value}T00:00:00Z" : each.value, "0s"))],
    [for each in local.of_type.time_zone : merge(each, { must_be = local.texts.time_zone.must_be })
    if each.kind == "text" && !try(contains(local.time_zones, each.value), false)],
  )

  # Fields that do not go together.
  suppressions = [for each in local.of_type.suppression : each if each.kind == "object"]
  matches      = [for each in local.of_type.match : each if each.kind == "object"]

  # Whether a match lowers the severity, by its place: the rule gives safe, or less
  # than the default.
  default_rating = try(index(local.ratings, var.policy.default.severity), 1)
  lowering_rules = [
    for each in local.objects : each.place
    if each.type == "rule" && try(index(local.ratings, each.value.severity) < max(1, local.default_rating), false)
  ]
  lowers = {
    for each in local.matches : each.place =>
    each.parent == "suppression" || contains(local.lowering_rules, trimsuffix(each.place, ".match"))
  }

  # Begin and end of suppressions in the form that Terraform calculates with.
  periods = [for each in local.suppressions : merge(each, {
    starts  = try(timeadd(length(each.value.starts) == 10 ? "${each.value.starts}T00:00:00Z" : each.value.starts, "0s"), "")
    expires = try(timeadd(length(each.value.expires) == 10 ? "${each.value.expires}T00:00:00Z" : each.value.expires, "0s"), "")
  })]

  conflicts = concat(
    [for each in local.periods : merge(each, { fault = "must expire after it starts, and at most ${local.max_suppression_days} days later" })
      if try(
        timecmp(each.expires, each.starts) <= 0 || timecmp(each.expires, timeadd(each.starts, "${local.max_suppression_days * 24}h")) > 0,
        false
    )],
    [for each in local.matches : merge(each, { fault = "must contain one of ${join(", ", local.narrow_fields)}" })
    if each.parent == "suppression" && length(setintersection(keys(each.value), local.narrow_fields)) == 0],
    [for each in local.objects : merge(each, { fault = "must contain one of type, value and cidr" })
    if each.type == "attribute" && alltrue([for field in ["type", "value", "cidr"] : try(each.value[field], null) == null])],
    [for each in local.objects : merge(each, { fault = "must contain min or max" })
    if each.type == "range" && alltrue([for field in ["min", "max"] : try(each.value[field], null) == null])],
    [for each in local.objects : merge(each, { fault = "must have different times in from and to" })
    if each.type == "hours" && try(each.value.from == each.value.to, false)],
    [for each in local.objects : merge(each, { fault = "must contain either report or alerts" })
    if each.type == "test" && (try(each.value.report, null) == null) == (try(each.value.alerts, null) == null)],
    [for each in local.objects : merge(each, { fault = "must contain alerts if it contains answers" })
    if each.type == "test" && try(each.value.answers, null) != null && try(each.value.alerts, null) == null],

    # Names are unique among rules, among suppressions and among tests.
    flatten([for type in ["rule", "suppression", "test"] : [
      for name, places in { for each in local.objects : each.part => each.place... if each.type == type } : {
        place = places[1]
        part  = name
        fault = "has the same name as ${places[0]}"
      } if length(places) > 1 && name != ""
    ]]),

    # More evidence never lowers the severity.
    flatten([for each in local.matches : [
      for field in ["alert_count", "rounds"] : concat(
        [for limit in ["min"] : merge(each, { place = "${each.place}.${field}.min", fault = "is not allowed in a suppression, or in a rule that lowers the severity" })
        if local.lowers[each.place] && try(each.value[field].min, null) != null],
        [for limit in ["max"] : merge(each, { place = "${each.place}.${field}.max", fault = "is allowed only in a suppression, or in a rule that lowers the severity" })
        if !local.lowers[each.place] && try(each.value[field].max, null) != null],
      )
    ]]),
    flatten([for each in local.matches : [
      # The owner of an account may change its name.
      for field in ["account_name", "earlier"] : merge(each, { place = "${each.place}.${field}", fault = "is not allowed in a suppression, or in a rule that lowers the severity" })
      if local.lowers[each.place] && try(each.value[field], null) != null
    ]]),
    [for each in local.matches : merge(each, { place = "${each.place}.complete", fault = local.lowers[each.place] ? "must be true in a suppression, and in a rule that lowers the severity" : "must be false in a rule that does not lower the severity" })
    if try(each.value.complete != local.lowers[each.place] && each.value.complete != null, false)],
    [for each in local.matches : merge(each, { place = "${each.place}.verdict", fault = "must not contain malicious in a rule that lowers the severity" })
    if each.parent == "rule" && local.lowers[each.place] && contains(flatten([try(each.value.verdict, [])]), "malicious")],
  )

  faults = [
    for each in concat(
      local.field_faults,
      [for each in local.wrong_values : merge(each, { fault = "must be ${each.must_be}; got ${substr(jsonencode(each.value), 0, 80)}" })],
      local.conflicts,
    ) : "${trimprefix(each.place, ".")}${each.part == "" ? "" : " (${each.part})"} ${each.fault}"
  ]

  expired = [for each in local.periods : each if try(timecmp(each.expires, plantimestamp()) <= 0, false)]
}

# A warning: it never prevents an apply.
check "suppressions" {
  assert {
    condition     = length(local.expired) == 0
    error_message = "Suppressions have expired and no longer apply: ${join(", ", [for each in local.expired : "${each.part} (${each.expires})"])}. Remove them, or set later dates."
  }
}
