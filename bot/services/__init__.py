"""Use cases: plain functions of a `Turn`, each inside the caller's one transaction."""
