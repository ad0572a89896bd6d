"""The twin viewer: two linked 3D panes and a scrubber."""
