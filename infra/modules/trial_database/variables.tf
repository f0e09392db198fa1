variable "name" {
  description = "What the names of all resources start with."
  type        = string
}

variable "engine" {
  description = "The database's engine, as a source's file has it: postgresql or mysql."
  type        = string

  validation {
    condition     = contains(["postgresql", "mysql"], var.engine)
    error_message = "The engine must be postgresql or mysql."
  }
}

variable "vpc_id" {
  description = "The VPC that it is in."
  type        = string
}

variable "subnet_ids" {
  description = "Its subnets, in two availability zones at least. It gets no public address in them."
  type        = set(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS takes subnets in at least two availability zones."
  }
}

variable "clients" {
  description = "The security groups of the pullers that may connect, by their sources."
  type        = map(string)
}

variable "client_ranges" {
  description = "Address ranges that may connect as well, such as those of a VPN."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for range in var.client_ranges : can(cidrhost(range, 0)) && !startswith(range, "0.0.0.0/")])
    error_message = "Each range must be one such as 10.1.0.0/16, and not all addresses."
  }
}

variable "instance_class" {
  description = "The size of the machine: the smallest, by default."
  type        = string
  default     = "db.t4g.micro"
  nullable    = false
}
