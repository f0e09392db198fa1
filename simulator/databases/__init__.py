"""Businesses whose truth is in a database: a web shop on PostgreSQL, a wholesaler on MySQL."""
