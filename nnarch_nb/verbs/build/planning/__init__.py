"""What a network will be, before any of it is allocated: shapes, limits, and which steps are padding."""
