"""Is this digital-transformation target being met, how sure are we, and what would it take?"""

__version__ = "0.1.0"
