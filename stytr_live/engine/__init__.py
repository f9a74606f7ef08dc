"""Running networks fast."""
