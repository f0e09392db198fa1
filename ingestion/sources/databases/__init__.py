"""Rows of operational databases as events: what changed is read gently and lands as rows."""
