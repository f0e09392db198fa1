"""From a message to a raw object: envelope and landing (pure), raw zone; sources of messages."""
