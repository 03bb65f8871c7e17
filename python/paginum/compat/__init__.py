"""Doors for code that was written for other packages: change the import, and it runs."""
