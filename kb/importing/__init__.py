"""From a researcher's table to records: readings published by others enter the base here."""
