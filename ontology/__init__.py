"""Resource package: the ontology, its closed lists, shapes, checks and derivation rules, as files."""
