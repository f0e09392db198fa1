"""What RetailPulse is measured against: the same jobs, as they are usually written."""
