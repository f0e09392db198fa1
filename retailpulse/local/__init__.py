"""The embedded lakehouse, a folder of this machine: where it is, what reads and what builds it."""
