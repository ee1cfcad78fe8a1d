"""The functions of expressions: one module for each family, `table` for all of them."""
