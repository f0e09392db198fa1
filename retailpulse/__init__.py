"""The command line: the local platform wired together. Imported by nobody."""
