"""Dropped files as events: each row becomes one, and each byte of a file is accounted for."""
