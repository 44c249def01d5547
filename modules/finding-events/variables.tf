variable "all_updates" {
  description = "Whether all events of the sources are findings. If false, only those of findings that are open and new."
  type        = bool
  nullable    = false
}

variable "sources" {
  description = "Services whose findings are wanted: access-analyzer, guardduty, inspector, macie, securityhub, securityhub-v2."
  type        = set(string)
  nullable    = false
}
