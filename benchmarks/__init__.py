"""One script per claim about speed, memory and finding; report.py runs them all and writes docs/benchmarks.md."""

from pipeline.isolation import environment

environment.silence_telemetry()  # onnxruntime's, which some of them import without the product
