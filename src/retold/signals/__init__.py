"""What is measured of a text: a folder a signal."""
