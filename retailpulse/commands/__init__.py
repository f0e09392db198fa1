"""What the user types: a module for each command, what it shows, and how it ends."""
