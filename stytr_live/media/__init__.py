"""Where frames come from and go to: the only place that knows codecs, containers and capture."""
