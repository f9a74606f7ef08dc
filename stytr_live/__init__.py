"""Turn a webcam, a video or a screen into a moving painting in the style of any picture."""

__version__ = "0.1.0"
