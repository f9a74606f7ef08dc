"""Weight files: whole, honest, harmless."""

from __future__ import annotations

import json
import pickle
import zipfile
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from stytr_live.errors import NetworkError, SinkError
from stytr_live.networks.lite import Lite
from stytr_live.networks.stytr2 import StyTr2
from stytr_live.networks.weights import import_official, load_network, read_weights, write_weights
from tests.reference.fill import fill, official_shapes

if TYPE_CHECKING:
    from pathlib import Path


class Bomb:
    """Pickled, it creates a file when it is loaded."""

    def __init__(self, evidence: Path) -> None:
        self.evidence = evidence

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.evidence), "w")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The three published files, with weights that anybody can regenerate."""
    folder, shapes = tmp_path_factory.mktemp("official"), official_shapes()
    for file, seed in (("embedding", 2022), ("transformer", 2023), ("decoder", 2024)):
        arrays = fill(shapes[file], seed)
        torch.save({k: torch.from_numpy(v) for k, v in arrays.items()}, folder / f"{file}.pth")
    return {file: folder / f"{file}.pth" for file in shapes}


def test_the_built_in_weights_of_the_small_network_load() -> None:
    network = load_network()
    assert isinstance(network, Lite)
    assert not network.training
    assert all(torch.isfinite(p).all() and not p.requires_grad for p in network.parameters())


def test_official_checkpoints_become_one_weights_file(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "stytr2.safetensors"
    import_official(**checkpoints, output=output)
    network = load_network("stytr2", output)
    assert isinstance(network, StyTr2)
    original = torch.load(checkpoints["embedding"], weights_only=True)["proj.weight"]
    torch.testing.assert_close(network.embedding.weight, original.half().float(), rtol=0, atol=0)


def test_an_import_does_not_replace_a_file_unless_told(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "stytr2.safetensors"
    output.write_text("precious")
    with pytest.raises(SinkError, match="exists"):
        import_official(**checkpoints, output=output)
    assert output.read_text() == "precious"


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "among tensors"])
def test_a_checkpoint_that_would_run_code_is_refused_and_nothing_runs(
    checkpoints: dict[str, Path], tmp_path: Path, *, wrapped: bool
) -> None:
    evidence, file = tmp_path / "executed", tmp_path / "decoder.pth"
    if wrapped:
        torch.save({"1.weight": torch.zeros(2), "1.bias": Bomb(evidence)}, file)
    else:
        file.write_bytes(pickle.dumps(Bomb(evidence)))
    with pytest.raises(NetworkError, match=r"holds more than tensors"):
        import_official(**(checkpoints | {"decoder": file}), output=tmp_path / "out.safetensors")
    assert not evidence.exists()
    assert not (tmp_path / "out.safetensors").exists()


def test_an_archive_that_unfolds_without_end_is_refused_unread(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "decoder.pth"
    block = bytes(1 << 24)
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("archive/data/0", "w", force_zip64=True) as member,
    ):
        for _ in range((1 << 30) // len(block)):
            member.write(block)
        member.close()
        archive.filelist *= 5  # which all unfold from the same bytes
    assert file.stat().st_size < 1 << 24
    with pytest.raises(NetworkError, match="unfolds to 5 GiB"):
        import_official(**(checkpoints | {"decoder": file}), output=tmp_path / "out.safetensors")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(40), bytes(4096)])
def test_what_is_no_checkpoint_is_refused_in_one_sentence(
    checkpoints: dict[str, Path], tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "decoder.pth"
    file.write_bytes(content)
    with pytest.raises(NetworkError) as refusal:
        import_official(**(checkpoints | {"decoder": file}), output=tmp_path / "out.safetensors")
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_a_missing_checkpoint_is_named(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"nowhere\.pth"):
        import_official(**(checkpoints | {"embedding": tmp_path / "nowhere.pth"}), output=tmp_path / "out.safetensors")


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "lite.safetensors"
    write_weights(Lite(), path)
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(NetworkError, match="checksum"):
        read_weights(path)


@pytest.mark.parametrize("keep", [0, 7, 1000, 100_000])
def test_a_cut_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "lite.safetensors"
    write_weights(Lite(), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(NetworkError, match="damaged"):
        read_weights(path)


@pytest.mark.parametrize(
    "config",
    [
        {"width": 1 << 40},
        {"width": 0},
        {"heads": 7},
        {"colour": 1},
        {"width": "wide"},
        {"grid": 1e9},
        {"width": 1600},
        [],
    ],
    ids=str,
)
def test_a_configuration_that_lies_allocates_nothing(tmp_path: Path, config: object) -> None:
    path = tmp_path / "lite.safetensors"
    save_file({"x": torch.zeros(1)}, path, {"network": "lite", "config": json.dumps(config), "sha256": "0"})
    with pytest.raises(NetworkError):
        read_weights(path)


def test_the_wrong_network_s_weights_are_refused_with_the_right_option(tmp_path: Path) -> None:
    path = tmp_path / "lite.safetensors"
    write_weights(Lite(), path)
    with pytest.raises(NetworkError, match="--network lite"):
        load_network("stytr2", path)


def test_an_unknown_network_is_refused_with_those_there_are() -> None:
    with pytest.raises(NetworkError, match="lite, stytr2"):
        load_network("vgg")


def test_a_folder_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SinkError):
        write_weights(Lite(), tmp_path / "no" / "lite.safetensors")
    assert not list(tmp_path.iterdir())
