"""Break a batch on purpose, at random moments, and check that nothing is lost.

``python -m tests.faults.campaign --seed 1 --tries 8`` breaks it in every way and prints what survived.
"""
