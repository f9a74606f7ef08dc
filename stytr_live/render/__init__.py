"""Offline: files in, files out."""
