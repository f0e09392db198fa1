environment = "prod"

# More than maximum_concurrency. A new account has a quota of 10 in all: raise it first (Service Quotas,
# Lambda, concurrent executions), or set null.
reserved_concurrency = 20
