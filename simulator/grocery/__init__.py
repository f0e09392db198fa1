"""A grocery that delivers files: what it sells, what is ordered, and what is left in carts."""
