"""All that is on AWS: the lake on Athena, environments and their scheduled runs, dead letters."""
