"""One script per claim about speed, memory and finding; report.py runs them all and writes docs/benchmarks.md."""
