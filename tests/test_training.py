"""Training: terms that mean what they say, a loop that goes on where it stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from stytr_live.errors import NetworkError, SettingsError, SourceError
from stytr_live.networks.weights import read_weights
from stytr_live.training import losses
from stytr_live.training.features import CompressedVgg
from stytr_live.training.loop import Batch, Trainer, train
from stytr_live.training.motion import random_motion, sensor
from stytr_live.training.pictures import Pictures
from stytr_live.training.recipe import Recipe, Weights

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ("11", "12", "21", "22", "31", "32", "33", "34", "41", "42", "43", "44", "51")
WIDTHS = {"1": 4, "2": 6, "3": 8, "4": 8, "5": 8}


@pytest.fixture(scope="module")
def features_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feature network with random weights, in the format of the compressed VGG."""
    rng, arrays, width = np.random.default_rng(0), {}, 3
    arrays["conv0.weight"], arrays["conv0.bias"] = 255 * np.eye(3)[..., None, None], np.full(3, -120.0)
    for layer in LAYERS:
        out = WIDTHS[layer[0]]
        arrays[f"conv{layer}.weight"] = rng.standard_normal((out, width, 3, 3)) * (2 / (9 * width)) ** 0.5
        arrays[f"conv{layer}.bias"] = 0.1 * rng.standard_normal(out)
        width = out
    path = tmp_path_factory.mktemp("features") / "vgg.npz"
    np.savez(path, **{k: v.astype(np.float16) for k, v in arrays.items()})
    return path


@pytest.fixture(scope="module")
def features(features_file: Path) -> nn.Module:
    return CompressedVgg(features_file)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of four small pictures."""
    rng = np.random.default_rng(3)
    for kind in ("photographs", "paintings"):
        (tmp_path / kind).mkdir()
        for i in range(4):
            coarse = rng.integers(0, 256, (6, 8, 3), np.uint8)
            Image.fromarray(coarse).resize((96, 80)).save(tmp_path / kind / f"{i}.png")
    return tmp_path / "photographs", tmp_path / "paintings"


def recipe(**weights: float) -> Recipe:
    """A recipe for two small pictures a step; terms that are not named weigh nothing."""
    terms = dict.fromkeys(("content", "style", "identity_pixel", "identity_feature", "temporal"), 0.0) | weights
    return Recipe("lite", 64, 2, 1, 2, 2e-3, 1, 1, 0.9, Weights(**terms))


def test_features_halve_from_layer_to_layer(features: nn.Module) -> None:
    shapes = [tuple(f.shape) for f in features(torch.rand(2, 3, 64, 48))]
    assert shapes == [(2, 4, 64, 48), (2, 6, 32, 24), (2, 8, 16, 12), (2, 8, 8, 6), (2, 8, 4, 3)]


def test_a_file_without_features_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_text("nothing")
    with pytest.raises(NetworkError, match=r"x\.npz"):
        CompressedVgg(tmp_path / "x.npz")
    with pytest.raises(NetworkError, match="none"):
        CompressedVgg(tmp_path / "none")


def test_the_content_term_on_a_case_worked_by_hand() -> None:
    two = torch.tensor([[[[1.0, 3.0]]]])  # normalised with the unbiased variance: ∓1/√2
    flipped = torch.tensor([[[[3.0, 1.0]]]])
    layers = lambda x: [x] * 5  # noqa: E731
    assert losses.content_loss(layers(two), layers(two)) == 0
    expected = 2 * (2 / 2**0.5) ** 2  # two layers, each pixel apart by √2
    assert losses.content_loss(layers(two), layers(flipped)).item() == pytest.approx(expected, rel=1e-4)
    assert losses.content_loss(layers(two), layers(10 * two + 5)).item() == pytest.approx(0, abs=1e-6)


def test_the_style_term_on_a_case_worked_by_hand() -> None:
    a, b = torch.tensor([[[[1.0, 3.0]]]]), torch.tensor([[[[4.0, 10.0]]]])
    expected = (7 - 2) ** 2 + (18**0.5 - 2**0.5) ** 2  # means 2 and 7, deviations √2 and √18
    assert losses.style_loss([a], [b]).item() == pytest.approx(expected, rel=1e-4)
    assert losses.style_loss([a], [a.flip(-1)]).item() == pytest.approx(0, abs=1e-9)


def test_the_identity_terms_on_a_case_worked_by_hand() -> None:
    a, b = torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 3.0]]]])
    assert losses.identity_pixel_loss(a, b).item() == 5
    assert losses.identity_feature_loss([a, a], [b, b]).item() == 10


def moving(network: nn.Module, seed: int = 0) -> float:
    """The temporal term of a network on a random soft picture."""
    generator = torch.Generator().manual_seed(seed)
    picture = nn.functional.interpolate(torch.rand(4, 3, 8, 8, generator=generator), size=64, mode="bicubic")
    motion = random_motion(4, 64, 64, generator=generator)
    return losses.temporal_loss(network(motion.apply(picture)), motion.apply(network(picture)), motion.visible).item()


def test_the_temporal_term_is_zero_for_a_network_that_commutes_with_motion() -> None:
    assert moving(nn.Identity()) == 0
    assert moving(nn.Conv2d(3, 3, 1)) < 1e-6


def test_the_temporal_term_sees_a_pattern_that_stays_where_it_is() -> None:
    class Veil(nn.Module):
        def forward(self, picture: Tensor) -> Tensor:
            return picture + 0.1 * (torch.arange(64) % 8 < 4)

    assert moving(Veil()) > 0.02


def test_half_of_the_motions_are_whole_pixels_and_lose_nothing() -> None:
    generator = torch.Generator().manual_seed(1)
    picture = torch.rand(1, 3, 48, 64, generator=generator)
    motion = random_motion(64, 48, 64, generator=generator)
    moved = motion.apply(picture.expand(64, -1, -1, -1))
    position = (motion.grid + 1) / 2 * torch.tensor([64, 48]) - 0.5  # (64, H, W, 2) in pixels
    whole = (position - position.round()).abs().amax((1, 2, 3)) < 1e-3
    for m, p, v in zip(moved[whole], position[whole].round().long(), motion.visible[whole].bool(), strict=True):
        taken = picture[0][:, p[..., 1].clamp(0, 47), p[..., 0].clamp(0, 63)]
        torch.testing.assert_close(m[:, v[0]], taken[:, v[0]], rtol=0, atol=1e-4)
    assert 20 < whole.sum() < 44
    assert 0.6 < motion.visible.mean() < 1


def test_a_sensor_adds_little() -> None:
    picture = torch.full((8, 3, 32, 32), 0.5)
    seen = sensor(picture, generator=torch.Generator().manual_seed(0))
    assert 0 < (seen - picture).abs().mean() < 0.03


@pytest.mark.parametrize("term", ["content", "style", "identity_pixel", "identity_feature", "temporal"])
def test_each_term_alone_falls_in_a_few_steps(features: nn.Module, folders: tuple[Path, Path], term: str) -> None:
    trainer = Trainer(recipe(**{term: 1.0}), features)
    rng = np.random.default_rng(0)
    batch = Batch(Pictures(folders[0]).crops(2, 64, rng), Pictures(folders[1]).crops(2, 64, rng))
    values = [trainer.step(batch, 0)[term] for _ in range(30)]
    assert np.mean(values[-5:]) < 0.8 * np.mean(values[:3])


def test_a_run_goes_on_where_its_checkpoint_stands(features: nn.Module, folders: tuple[Path, Path]) -> None:
    rng = np.random.default_rng(0)
    batches = [Batch(Pictures(folders[0]).crops(2, 64, rng), Pictures(folders[1]).crops(2, 64, rng)) for _ in range(4)]
    terms = recipe(content=1.0, style=1.0, temporal=1.0)
    whole = Trainer(terms, features)
    rows = [whole.step(batch, 0.1) for batch in batches]
    first, second = Trainer(terms, features), Trainer(terms, features, seed=99)
    for batch in batches[:2]:
        first.step(batch, 0.1)
    second.restore(first.state())
    assert [second.step(batch, 0.1) for batch in batches[2:]] == rows[2:]


def test_training_leaves_a_checkpoint_usable_weights_and_a_journal(
    features: nn.Module, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    trainer, run = Trainer(recipe(content=1.0, style=1.0), features), tmp_path / "run"
    train(trainer, Pictures(folders[0]), Pictures(folders[1]), run, minutes=0.03, every=2)
    assert read_weights(run / "lite.safetensors").name == "lite"
    assert torch.load(run / "checkpoint.pt", weights_only=True)["steps"] == trainer.steps > 0
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(trainer.steps))


def test_pictures_of_all_shapes_are_cropped_and_damaged_ones_counted(tmp_path: Path) -> None:
    for i, size in enumerate([(20, 300), (300, 20), (64, 64), (16, 16)]):
        Image.new("RGB", size, (10 * i, 200, 30)).save(tmp_path / f"{i}.png")
    Image.new("L", (50, 60), 90).save(tmp_path / "grey.jpg")
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    (tmp_path / "notes.txt").write_text("not a picture")
    pictures = Pictures(tmp_path, side=64)
    assert (len(pictures), pictures.damaged) == (5, 1)
    crops = pictures.crops(32, 48, np.random.default_rng(0))
    assert crops.shape == (32, 3, 48, 48)
    assert crops.dtype == torch.float32
    assert 0 <= crops.min() < crops.max() <= 1


@pytest.mark.parametrize("make", [lambda p: p, lambda p: p / "nowhere"], ids=["empty", "missing"])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, make: object) -> None:
    with pytest.raises(SourceError, match="no picture"):
        Pictures(make(tmp_path))  # type: ignore[operator]


def test_the_built_in_recipe_is_whole_and_others_are_explained(tmp_path: Path) -> None:
    assert Recipe.load("lite").network == "lite"
    with pytest.raises(SettingsError, match="lite"):
        Recipe.load("nothing")
    (tmp_path / "half.toml").write_text('network = "lite"\n')
    with pytest.raises(SettingsError, match=r"half\.toml"):
        Recipe.load(str(tmp_path / "half.toml"))
