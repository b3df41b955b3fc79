"""Weights from elsewhere: reading files, whose names mean what, and putting each into its place."""
