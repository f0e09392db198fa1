"""Athena for one machine: its API, in front of a real Trino with real Iceberg tables.

Glue and S3 are MiniStack's. Nothing here knows of RetailPulse.
"""

from local_athena.life_cycle import LocalAthena

__all__ = ["LocalAthena"]
