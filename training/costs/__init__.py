"""What each part of the work costs: pieces of the benchmark."""
