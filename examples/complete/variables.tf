variable "deletion_protection" {
  description = "Whether the table and the bucket refuse to be deleted. To remove everything, apply false first."
  type        = bool
  default     = true
  nullable    = false
}

variable "region" {
  description = "Region of all resources."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}
