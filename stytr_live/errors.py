"""What can go wrong, said to a user: the message of each error is one plain sentence with a remedy."""


class StytrError(Exception):
    """Base of every error that a user may meet; `str(error)` is fit to be shown as it is."""


class SourceError(StytrError):
    """A video, picture, camera or screen cannot be read."""


class SinkError(StytrError):
    """An output cannot be written."""


class StyleError(StytrError):
    """A style picture cannot be used."""


class NetworkError(StytrError):
    """A network's weights cannot be loaded, or a checkpoint does not fit."""


class BackendError(StytrError):
    """A device cannot run the network."""


class SettingsError(StytrError):
    """Options contradict each other or are out of range."""
