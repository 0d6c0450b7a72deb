"""Resource package: ontology, closed lists, shapes, checks and derivation rules, as files."""
