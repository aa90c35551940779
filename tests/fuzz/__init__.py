"""Fuzzing of every parser and of the parameter layer: `python -m tests.fuzz.campaign --cases N --seed S`."""
