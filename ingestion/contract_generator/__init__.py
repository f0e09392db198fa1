"""Reads the contracts and writes what follows from them: `make contracts`.

Of the developer alone: it is in no Lambda package.
"""
