"""A seeded retail business that produces events, with labelled faults; knows only the contracts."""
