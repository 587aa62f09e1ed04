"""What every page has: its entry in the registry, toolbar, predictions, data, claims."""
