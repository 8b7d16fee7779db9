"""Benchmarks of pampax for asv; `make asv` measures the commit that is checked out."""
