"""A shop whose truth is in a database: users, products and sales that change."""
