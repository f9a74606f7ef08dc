"""How fast this program is on this machine, and how far from what the machine could do."""
