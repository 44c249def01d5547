variable "deletion_protection" {
  description = "Whether reports survive a mistaken destroy. To remove everything, apply false first."
  type        = bool
  default     = true
  nullable    = false
}

variable "region" {
  description = "Region everything is made in."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}
