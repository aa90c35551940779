"""The site of an output folder: pages that open from disk or through `dx serve`, and need no network."""
