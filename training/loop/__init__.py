"""The training loop, alone and on several devices, and what it is run with."""
