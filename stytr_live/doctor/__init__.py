"""What this machine can do for the program, and what to do about what it cannot."""
