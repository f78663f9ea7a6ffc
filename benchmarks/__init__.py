"""Measurements, run from the checkout: ``python -m benchmarks.NAME``; docs/measuring.md says what they measure."""
