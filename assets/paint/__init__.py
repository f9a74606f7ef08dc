"""The hands that paint the built-in pictures and film the built-in clip."""
