"""Experiments for the tests of the training service. Workers import them: no framework here."""
