"""Measurements with baselines: each `python -m benchmarks.<name>` writes its part of results.md."""
