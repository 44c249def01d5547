terraform {
  # 1.9 is the first version in which a variable's validation may read others.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}
