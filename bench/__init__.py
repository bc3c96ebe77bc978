"""Benchmarks: each program prints one JSON object with its figures and a limit measured in the same run."""
