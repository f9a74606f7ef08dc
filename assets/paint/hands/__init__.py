"""Twelve hands: each module paints one picture."""

from __future__ import annotations

from assets.paint.hands import (
    charcoal,
    cutout,
    glass,
    halftone,
    impasto,
    ink,
    mosaic,
    neon,
    oil,
    points,
    watercolour,
    woodcut,
)

HANDS = {
    "impasto": impasto.paint,
    "oil": oil.paint,
    "points": points.paint,
    "charcoal": charcoal.paint,
    "mosaic": mosaic.paint,
    "halftone": halftone.paint,
    "woodcut": woodcut.paint,
    "glass": glass.paint,
    "ink": ink.paint,
    "watercolour": watercolour.paint,
    "cutout": cutout.paint,
    "neon": neon.paint,
}
