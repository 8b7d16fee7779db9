"""Inputs for tests and benchmarks: a generator of repositories of any size."""
