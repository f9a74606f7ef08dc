"""Styles on disk: codes that are ready at once, and files to share."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load as deserialise
from safetensors.torch import save as serialise

from stytr_live.engine.backend import TorchBackend
from stytr_live.engine.store import Store
from stytr_live.engine.style_file import pack_code, read_style, unpack_code, write_style
from stytr_live.engine.styles import EXACT, StyleCache, load_style
from stytr_live.errors import NetworkError, SinkError, StyleError
from stytr_live.networks import Network, StyleCode, load_network

if TYPE_CHECKING:
    from pathlib import Path

    from stytr_live.frame import Pixels


class Watched(TorchBackend):
    """Counts the styles it encodes."""

    def __init__(self, network: Network | None = None) -> None:
        super().__init__(network or load_network())
        self.encoded = 0

    def encode(self, picture: Pixels) -> StyleCode:
        self.encoded += 1
        return super().encode(picture)


def same(a: StyleCode, b: StyleCode) -> bool:
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_known_style_is_not_encoded_again_after_a_restart(tmp_path: Path) -> None:
    style, codes, backends = load_style("mosaic"), [], [Watched(), Watched()]
    for backend in backends:
        with closing(StyleCache(backend, store=Store(tmp_path))) as cache:
            codes.append(cache.code(style))
    assert [b.encoded for b in backends] == [1, 0]
    assert same(*codes)


def test_other_weights_another_size_or_damage_encode_again(tmp_path: Path) -> None:
    style, other = load_style("mosaic"), load_network()
    other.out.bias += 0.1
    StyleCache(Watched(), store=Store(tmp_path)).code(style)
    for backend, side in ((Watched(other), None), (Watched(), 256)):
        StyleCache(backend, side=side, store=Store(tmp_path)).code(style)
        assert backend.encoded == 1
    for path in (tmp_path / "codes").iterdir():
        path.write_bytes(path.read_bytes()[:-7])
    backend = Watched()
    StyleCache(backend, store=Store(tmp_path)).code(style)
    assert backend.encoded == 1


def test_a_style_file_holds_the_code_and_not_the_picture(tmp_path: Path) -> None:
    backend, style, path = Watched(), load_style("mosaic"), tmp_path / "shared.stytrstyle"
    code = StyleCache(backend).code(style)
    write_style(style, code, backend.network, backend.fingerprint, path)
    shared = load_style(str(path))
    assert (shared.name, shared.key != style.key) == ("mosaic", True)
    assert same(StyleCache(backend).code(shared), code)
    assert backend.encoded == 1


def test_a_style_of_other_weights_is_refused_in_one_sentence(tmp_path: Path) -> None:
    backend, other = Watched(), load_network()
    other.out.bias += 0.1
    write_style(load_style("mosaic"), StyleCache(backend).code(load_style("mosaic")), backend.network,
                backend.fingerprint, tmp_path / "a.stytrstyle")  # fmt: skip
    with pytest.raises(StyleError, match="made with other weights"):
        StyleCache(Watched(other)).code(load_style(str(tmp_path / "a.stytrstyle")))


def test_files_that_are_no_styles_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.stytrstyle"
    header = b'{"__metadata__": {"stytr-live": "style 9"}}'
    for data in (b"", b"text", b"\xff" * 400, (9 << 40).to_bytes(8, "little"), b"\x02\0\0\0\0\0\0\0[]",
                 b"\x02\0\0\0\0\0\0\0{}", len(header).to_bytes(8, "little") + header):  # fmt: skip
        path.write_bytes(data)
        with pytest.raises(StyleError, match=r"a\.stytrstyle"):
            read_style(path)


def test_codes_that_do_not_fit_the_network_are_refused() -> None:
    backend = Watched()
    good = deserialise(pack_code(StyleCache(backend).code(load_style("mosaic")), backend.network, "w", "mosaic"))
    about = {"network": "lite", "weights": "w"}
    wrong = (
        {k: v for k, v in good.items() if k != "code.3"},
        good | {"code.9": torch.zeros(1)},
        good | {"code.0": good["code.0"][:, :, 1:]},
        good | {"code.4": good["code.4"] * torch.nan},
        good | {"code.1": good["code.1"].half()},
        {k: v[..., :0] if v.dim() == 4 else v for k, v in good.items()},
    )
    for tensors in wrong:
        with pytest.raises(NetworkError, match="damaged"):
            unpack_code(serialise({k: v.contiguous() for k, v in tensors.items()}, about), backend.network, "w")
    assert len(unpack_code(serialise(good, about), backend.network, "w")) == len(good)


def test_a_style_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    backend, style = Watched(), load_style("mosaic")
    with pytest.raises(SinkError, match="cannot be written"):
        write_style(style, StyleCache(backend).code(style), backend.network, "w", tmp_path / "no" / "a.stytrstyle")


def test_fewer_tokens_are_nearly_the_same_picture() -> None:
    backend = Watched()
    cache, content = StyleCache(backend, side=512), torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    style = load_style("woodcut")
    exact = backend.network(content, *cache.code(style, EXACT))
    errors = []
    for tokens in (1024, 128, 4):
        code = cache.code(style, tokens)
        assert code[0].shape[2] == code[backend.network.attended].shape[3] <= tokens
        errors.append((backend.network(content, *code) - exact).abs().max().item())
    assert errors == sorted(errors)
    assert errors[0] == 0
    assert errors[1] < 0.01
    assert backend.encoded == 1
    assert same(cache.code(style, 128), StyleCache(backend, side=512).code(style, 128))


def test_equal_tokens_become_one_that_counts_for_all() -> None:
    network = load_network()
    code = network.encode_style(torch.from_numpy(np.full((1, 3, 64, 64), 0.3, np.float32)))
    twice = tuple(torch.cat([t, t], 3 if i == network.attended else 2) if i <= network.attended else t
                  for i, t in enumerate(code))  # fmt: skip
    short, content = network.shorten(twice, code[0].shape[2]), torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(network(content, *short), network(content, *twice), rtol=0, atol=1e-5)
