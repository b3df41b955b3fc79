"""What a network, its data and its device are. Knows torch and numpy, and nothing of notebooks."""
