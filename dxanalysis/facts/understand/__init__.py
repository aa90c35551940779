"""One door for files and tables: what a file holds, what it leaves open, and how it becomes a package."""
