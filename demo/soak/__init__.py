"""The page under strange inputs, many visitors and faults: `python -m demo.soak`."""
