"""What one does with networks: a file or folder per verb, each returning a frozen result.

The modules here import no torch at their top: signatures are read for help and completion, bodies
only when a verb runs.
"""
