"""What the engine says, in the window's language.

The engine knows no languages: it says English sentences. Here are their forms; a sentence is found by its form, and
said again in the window's language with the same names and numbers. What has no form here stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

LONGEST = 4096
"""Letters of a sentence that is looked for."""
FORMS: tuple[str, ...] = (
    QT_TRANSLATE_NOOP("sentences", "Working at {side} pixels, to hold {rate} frames a second."),
    QT_TRANSLATE_NOOP(
        "sentences", "Working at {side} pixels, painting every second frame, to hold {rate} frames a second."
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "Working at {side} pixels, painting every third frame, to hold {rate} frames a second."
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "Working at {side} pixels, painting every fourth frame, to hold {rate} frames a second."
    ),
    QT_TRANSLATE_NOOP("sentences", "The camera '{name}' is not there; connect it or choose another one."),
    QT_TRANSLATE_NOOP(
        "sentences", "The camera '{name}' may not be used by this program; join the group 'video' and try again."
    ),
    QT_TRANSLATE_NOOP(
        "sentences",
        "The camera '{name}' may not be used by this program; allow it in the system's settings and try again.",
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "The camera '{name}' is in use by another program; close that program and try again."
    ),
    QT_TRANSLATE_NOOP("sentences", "'{name}' is no camera that gives pictures; choose another one."),
    QT_TRANSLATE_NOOP(
        "sentences",
        "The camera '{name}' gives no pictures; unplug it, connect it again and see that it is not covered or off.",
    ),
    QT_TRANSLATE_NOOP(
        "sentences",
        "The camera '{name}' cannot be read ({reason}); see that this program may use it and no other program does.",
    ),
    QT_TRANSLATE_NOOP("sentences", "'{name}' has broken off; see that it is on and connected."),
    QT_TRANSLATE_NOOP("sentences", "'{name}' is back."),
    QT_TRANSLATE_NOOP("sentences", "'{name}' has no pictures in a format this program reads; choose another."),
    QT_TRANSLATE_NOOP("sentences", "The part that was chosen is not on the screen; choose another one."),
    QT_TRANSLATE_NOOP("sentences", "The part {size} at {x}, {y} is not on the screen; choose a smaller one."),
    QT_TRANSLATE_NOOP("sentences", "Wayland does not let programs read the screen this way; log in to an X11 session."),
    QT_TRANSLATE_NOOP("sentences", "There is no screen here; start the program on a desktop with X11."),
    QT_TRANSLATE_NOOP(
        "sentences", "The screen cannot be read ({reason}); see that it is there and programs may record it."
    ),
    QT_TRANSLATE_NOOP("sentences", "The size and the rate of a test pattern must be positive; choose others."),
    QT_TRANSLATE_NOOP("sentences", "The screen gives no pictures; see that it is there and programs may record it."),
    QT_TRANSLATE_NOOP("sentences", "it does not answer"),
    QT_TRANSLATE_NOOP("sentences", "The test pattern cannot be made ({reason}); choose another size or rate."),
    QT_TRANSLATE_NOOP("sentences", "The stream '{name}' sends nothing; see that it is on and the address is right."),
    QT_TRANSLATE_NOOP(
        "sentences", "The stream '{name}' is not there: nobody answers; see that it is on and the address is right."
    ),
    QT_TRANSLATE_NOOP(
        "sentences",
        "The stream '{name}' cannot be read by the FFmpeg that is installed; use an address of another kind.",
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "The stream '{name}' asks for a user name and password; put 'name:password@' before the host."
    ),
    QT_TRANSLATE_NOOP("sentences", "The stream '{name}' is not there; check the end of the address."),
    QT_TRANSLATE_NOOP(
        "sentences", "The stream '{name}' has no pictures in a format this program reads; check the address."
    ),
    QT_TRANSLATE_NOOP("sentences", "The stream '{name}' cannot be reached; check the address and the network."),
    QT_TRANSLATE_NOOP("sentences", "The stream '{name}' cannot be read ({reason}); check the address."),
    QT_TRANSLATE_NOOP("sentences", "That is no address of a stream; it begins with one of {known} and '://'."),
    QT_TRANSLATE_NOOP("sentences", "There is no microphone; connect one, or record without sound."),
    QT_TRANSLATE_NOOP("sentences", "'{name}' is no microphone: there is no sound in it."),
    QT_TRANSLATE_NOOP(
        "sentences", "The microphone '{name}' cannot be opened: {reason}; check that it is connected and may be used."
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "The microphone cannot be opened: {reason}; check that it is connected and may be used."
    ),
    QT_TRANSLATE_NOOP("sentences", "The microphone '{name}' ended."),
    QT_TRANSLATE_NOOP("sentences", "The microphone '{name}' failed: {reason}."),
    QT_TRANSLATE_NOOP(
        "sentences", "A virtual camera needs a package that is not installed: pip install 'stytr-live[camera]'."
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "There is no virtual camera that can be used ({reason}); on Linux, run '{command}'."
    ),
    QT_TRANSLATE_NOOP(
        "sentences",
        "There is no virtual camera that can be used ({reason}); install OBS Studio from https://obsproject.com, start its virtual camera once and stop it again.",  # noqa: E501
    ),
    QT_TRANSLATE_NOOP("sentences", "The virtual camera is closed."),
    QT_TRANSLATE_NOOP("sentences", "The virtual camera failed: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "The preview cannot use port {port} of '{host}': {reason}; choose another."),
    QT_TRANSLATE_NOOP("sentences", "A recording cannot be {size} pixels; it has 1 to {most} in each direction."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' cannot be written: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is there, maybe from a recording that broke off; rename or remove it."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' exists already; choose another name."),
    QT_TRANSLATE_NOOP("sentences", "A recording cannot be '{suffix}'; choose .mp4 or .mkv."),
    QT_TRANSLATE_NOOP("sentences", "The recording '{path}' has ended."),
    QT_TRANSLATE_NOOP("sentences", "The recording '{path}' ended after {seconds} s, and is kept: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "The recording stays in '{path}': {reason}."),
    QT_TRANSLATE_NOOP("sentences", "There was no picture to record."),
    QT_TRANSLATE_NOOP("sentences", "there is another file of that name by now"),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' cannot be read: it is not a file."),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' cannot be read: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is not a picture in a format this program reads."),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' has too many pixels; make it smaller."),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' is damaged and cannot be read."),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' has {size} pixels; make it smaller than {most}."),
    QT_TRANSLATE_NOOP("sentences", "The picture '{path}' is empty."),
    QT_TRANSLATE_NOOP("sentences", "There is no style '{name}'; name a picture file or a built-in style."),
    QT_TRANSLATE_NOOP(
        "sentences", "There is no style '{name}': {hint}Give a picture file or a name that `stytr-live styles` lists."
    ),
    QT_TRANSLATE_NOOP("sentences", "did you mean {names}? "),
    QT_TRANSLATE_NOOP("sentences", "The style cannot be used. {reason}"),
    QT_TRANSLATE_NOOP("sentences", "The style '{name}' cannot be used. {reason}"),
    QT_TRANSLATE_NOOP("sentences", "The style '{path}' is {size} pixels; use a picture of at least {least}."),
    QT_TRANSLATE_NOOP("sentences", "The style '{path}' is too large to be one."),
    QT_TRANSLATE_NOOP("sentences", "The style '{path}' cannot be read: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is not a style of this program, or it is damaged."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is not a style of this program, or it comes from a newer one."),
    QT_TRANSLATE_NOOP("sentences", "It was made with {made}; use the picture, or the weights it was made with."),
    QT_TRANSLATE_NOOP("sentences", "It is damaged: it does not fit the network."),
    QT_TRANSLATE_NOOP("sentences", "It is damaged, or no style of this program."),
    QT_TRANSLATE_NOOP(
        "sentences", "Not enough memory on {device}. There is not enough even at {side} pixels; close other programs."
    ),
    QT_TRANSLATE_NOOP(
        "sentences", "Not enough memory. There is not enough even at {side} pixels; close other programs."
    ),
    QT_TRANSLATE_NOOP(
        "sentences",
        "{size} pixels need more memory than is free. There is not enough even at {side} pixels; close other programs.",
    ),
    QT_TRANSLATE_NOOP("sentences", "The device '{device}' cannot be used ({reason}); use --device torch."),
    QT_TRANSLATE_NOOP("sentences", "There is no device '{device}'; choose one of {known}."),
    QT_TRANSLATE_NOOP("sentences", "CUDA cannot be used: {reason}; use --device cpu."),
    QT_TRANSLATE_NOOP("sentences", "Apple's GPU cannot be used by this PyTorch on this machine; use --device cpu."),
    QT_TRANSLATE_NOOP("sentences", "An Intel GPU is used through OpenVINO; install it with: {command}."),
    QT_TRANSLATE_NOOP("sentences", "There is no network '{name}'; choose one of {known}."),
    QT_TRANSLATE_NOOP("sentences", "There is no weights file '{path}'."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is not a weights file of this program, or it is damaged."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is damaged: its checksum does not fit its contents; get the file again."),
    QT_TRANSLATE_NOOP(
        "sentences", "No weights for the network '{name}' come with this program; name a file with --weights."
    ),
    QT_TRANSLATE_NOOP("sentences", "The video '{path}' cannot be read: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "The video '{path}' cannot be opened: {reason}."),
    QT_TRANSLATE_NOOP("sentences", "The video '{path}' is empty."),
    QT_TRANSLATE_NOOP(
        "sentences", "No frame of the video '{path}' can be decoded any more; see that it is still there."
    ),
    QT_TRANSLATE_NOOP("sentences", "No frame of the video '{path}' can be decoded; it may be damaged."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is a folder; name a video file."),
    QT_TRANSLATE_NOOP("sentences", "There is no picture in '{path}'; name a file with a video in it."),
    QT_TRANSLATE_NOOP("sentences", "'{path}' is not a video in a format this program reads, or it is cut off."),
    QT_TRANSLATE_NOOP("sentences", "The video in '{path}' has a codec that this program does not know."),
    QT_TRANSLATE_NOOP(
        "sentences", "The video '{path}' has frames of {size} pixels; at most {most} megapixels can be read."
    ),
    QT_TRANSLATE_NOOP("sentences", "The rate to hold is {rate}; choose a positive number of frames a second."),
    QT_TRANSLATE_NOOP("sentences", "All weights of the styles are 0; give at least one a weight above 0."),
    QT_TRANSLATE_NOOP("sentences", "The built-in pictures are missing; install the program again."),
    QT_TRANSLATE_NOOP(
        "sentences", "The settings could not be read and were set aside as '{path}'; all is as for a new user."
    ),
    QT_TRANSLATE_NOOP("sentences", "The settings '{path}' could not be read; all is as for a new user."),
    QT_TRANSLATE_NOOP("sentences", "OSC needs a package that is not installed: pip install 'stytr-live[osc]'."),
    QT_TRANSLATE_NOOP("sentences", "OSC cannot use port {port}: {reason}; choose another one."),
    QT_TRANSLATE_NOOP("sentences", "MIDI needs packages that are not installed: pip install 'stytr-live[midi]'."),
    QT_TRANSLATE_NOOP("sentences", "The MIDI device '{name}' cannot be opened; connect it."),
    QT_TRANSLATE_NOOP("sentences", "'{value}' will not do; give a number from {least} to {most}."),
    QT_TRANSLATE_NOOP("sentences", "'{value}' will not do; say on, off or toggle."),
    QT_TRANSLATE_NOOP("sentences", "The window does not know '{name}'."),
    QT_TRANSLATE_NOOP("sentences", "The window does not know what '{name}' is to be without a value."),
    QT_TRANSLATE_NOOP("sentences", "No space left on device"),
    QT_TRANSLATE_NOOP("sentences", "File too large"),
    QT_TRANSLATE_NOOP("sentences", "Permission denied"),
    QT_TRANSLATE_NOOP("sentences", "No such file or directory"),
    QT_TRANSLATE_NOOP("sentences", "Is a directory"),
    QT_TRANSLATE_NOOP("sentences", "Not a directory"),
    QT_TRANSLATE_NOOP("sentences", "Read-only file system"),
    QT_TRANSLATE_NOOP("sentences", "Input/output error"),
    QT_TRANSLATE_NOOP("sentences", "No such device"),
    QT_TRANSLATE_NOOP("sentences", "Device or resource busy"),
    QT_TRANSLATE_NOOP("sentences", "Connection refused"),
    QT_TRANSLATE_NOOP("sentences", "Connection timed out"),
    QT_TRANSLATE_NOOP("sentences", "Address already in use"),
    QT_TRANSLATE_NOOP("sentences", "The address is already in use"),
    QT_TRANSLATE_NOOP("sentences", "The bound address is already in use"),
    QT_TRANSLATE_NOOP("sentences", "Cannot allocate memory"),
    QT_TRANSLATE_NOOP("sentences", "Too many open files"),
    QT_TRANSLATE_NOOP("sentences", "Invalid argument"),
    QT_TRANSLATE_NOOP("sentences", "strength, 0 to 1"),
    QT_TRANSLATE_NOOP("sentences", "paint in the style of that name, or number in the order shown"),
    QT_TRANSLATE_NOOP("sentences", "mix the first styles shown, with these weights"),
    QT_TRANSLATE_NOOP("sentences", "seconds in which styles fade over"),
    QT_TRANSLATE_NOOP("sentences", "time constant of the smoothing, in seconds"),
    QT_TRANSLATE_NOOP("sentences", "keep the colours of the picture: 1 or 0"),
    QT_TRANSLATE_NOOP("sentences", "begin or end a recording: 1 or 0"),
    QT_TRANSLATE_NOOP(
        "sentences", "the next style; so do /stytr/previous, /stytr/snapshot and /stytr/pause what they say"
    ),
    QT_TRANSLATE_NOOP("sentences", "Invalid data found when processing input"),
)
"""Forms of sentences, and of the parts of them that are words; `{name}` stands for what differs."""


def translated(sentence: str) -> str:
    """A sentence of the engine in the language of the application; as it is, where it has no form here."""
    found = form_of(sentence)
    if found is None:
        return sentence
    form, parts = found
    said = QCoreApplication.translate("sentences", form)
    return said.format(**{name: translated(part) for name, part in parts.items()})


def form_of(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The form of a sentence, and what stands in its places; None where it has none."""
    if len(sentence) > LONGEST:
        return None
    for pattern, form in _patterns():
        if (found := pattern.fullmatch(sentence)) is not None:
            return form, found.groupdict()
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The most particular first."""
    ordered = sorted(FORMS, key=lambda form: -len(re.sub(r"{\w+}", "", form)))
    return tuple((re.compile(_expression(form), re.DOTALL), form) for form in ordered)


def _expression(form: str) -> str:
    parts = re.split(r"{(\w+)}", form)
    return "".join(f"(?P<{part}>.*?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
