"""RetailPulse in an AWS account: what `make bootstrap`, `deploy`, `smoke` and `destroy` do."""
