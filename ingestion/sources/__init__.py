"""Where events come from: what turns a queue's or a file's contents into messages to ingest."""
