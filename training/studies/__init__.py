"""Studies of the embedding spaces: one command, one JSON file, one figure, one finding each."""
