"""Training: terms that mean what they say, a loop that goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from PIL import Image
from torch import Tensor, nn
from torchvision.models import vgg19

from stytr_live.errors import NetworkError, SettingsError, SourceError
from stytr_live.networks.features import CompressedVgg, Vgg19
from stytr_live.networks.weights import build, read_weights
from stytr_live.training import losses
from stytr_live.training.batches import DeviceBatches, FolderBatches, on_device
from stytr_live.training.checkpoint import Checkpoint
from stytr_live.training.loop import Plan, Report, Trainer, train
from stytr_live.training.motion import NUMBERS, motion_of, sensor
from stytr_live.training.optimiser import Optimiser
from stytr_live.training.pictures import Pictures
from stytr_live.training.recipe import Recipe, Weights
from stytr_live.training.rounds import LONGEST, SLOTS
from stytr_live.training.schedule import learning_rate, style_share
from tests.features import write_features

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stytr_live.networks.features import Features

TERMS = ("content", "style", "colour", "temporal", "flat", "repeat")
"""Terms that the small network has to learn: it keeps a picture in its own style by design."""


@pytest.fixture(scope="module")
def features_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_features(tmp_path_factory.mktemp("features") / "vgg.npz")


@pytest.fixture(scope="module")
def features(features_file: Path) -> CompressedVgg:
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
    return Recipe(
        "lite",
        Weights(**weights),
        2e-3,
        crops=((0.0, 64),),
        batch=2,
        identity_every=2,
        repeat_every=1,
        temporal_every=1,
        warmup=1,
        ema=0.9,
    )


def trainer_of(recipe: Recipe, features: Features, **options: object) -> Trainer:
    return Trainer(Fabric(accelerator="cpu", devices=1), recipe, features, **options)  # type: ignore[arg-type]


@pytest.fixture
def batches(folders: tuple[Path, Path]) -> Iterator[FolderBatches]:
    made = FolderBatches(*map(Pictures, folders), batch=2, seed=0)
    yield made
    made.close()


def test_features_halve_from_layer_to_layer(features: Features) -> None:
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

    def layers(x: Tensor) -> list[Tensor]:
        return [x] * 5

    assert losses.content_loss(layers(two), layers(two)) == 0
    expected = 2 * (2 / 2**0.5) ** 2  # two layers, each pixel apart by √2
    assert losses.content_loss(layers(two), layers(flipped)).item() == pytest.approx(expected, rel=1e-4)
    assert losses.content_loss(layers(two), layers(10 * two + 5)).item() == pytest.approx(0, abs=1e-6)


def test_the_style_term_on_a_case_worked_by_hand() -> None:
    a, b = torch.tensor([[[[1.0, 3.0]]]]), torch.tensor([[[[4.0, 10.0]]]])
    expected = (7 - 2) ** 2 + (18**0.5 - 2**0.5) ** 2  # means 2 and 7, deviations √2 and √18
    assert losses.style_loss([a], [b]).item() == pytest.approx(expected, rel=1e-4)
    assert losses.style_loss([a], [a.flip(-1)]).item() == pytest.approx(0, abs=1e-9)


def test_the_colour_term_sees_fine_colour_and_no_fine_grey() -> None:
    grain = 0.1 * torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    plain = torch.full((2, 3, 64, 64), 0.5)
    grey, yellow = plain + grain, plain + grain * torch.tensor([1.0, 1.0, 0.0])[:, None, None]
    assert losses.colour_loss(grey, plain).item() == pytest.approx(0, abs=1e-4)
    assert losses.colour_loss(yellow, plain) > 100
    assert losses.colour_loss(yellow, yellow.flip(-1)).item() == pytest.approx(0, abs=1e-4)


def test_the_identity_terms_on_a_case_worked_by_hand() -> None:
    a, b = torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 3.0]]]])
    assert losses.identity_pixel_loss(a, b).item() == 5
    assert losses.identity_feature_loss([a, a], [b, b]).item() == 10


def chance(count: int, seed: int = 0) -> Tensor:
    return torch.rand((count, NUMBERS), generator=torch.Generator().manual_seed(seed))


def moving(network: nn.Module) -> float:
    """The temporal term of a network on random soft pictures."""
    coarse = torch.rand(8, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    picture, motion = nn.functional.interpolate(coarse, size=64, mode="bicubic"), motion_of(chance(8), 64, 64)
    return losses.temporal_loss(network(motion.apply(picture)), motion.apply(network(picture)), motion.visible).item()


def test_the_temporal_term_is_zero_for_a_network_that_commutes_with_motion() -> None:
    assert moving(nn.Identity()) == 0
    assert moving(nn.Conv2d(3, 3, 1)) < 1e-6


def test_the_temporal_term_sees_a_pattern_that_stays_where_it_is() -> None:
    class Veil(nn.Module):
        def forward(self, picture: Tensor) -> Tensor:
            return picture + 0.1 * (torch.arange(64) % 8 < 4)

    assert moving(Veil()) > 0.02


def test_a_quarter_of_the_motions_are_whole_pixels_and_lose_nothing() -> None:
    picture = torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))
    motion = motion_of(chance(64), 48, 64)
    moved = motion.apply(picture.expand(64, -1, -1, -1))
    position = (motion.grid + 1) / 2 * torch.tensor([64, 48]) - 0.5  # (64, H, W, 2) in pixels
    whole = (position - position.round()).abs().amax((1, 2, 3)) < 1e-3
    for m, p, v in zip(moved[whole], position[whole].round().long(), motion.visible[whole].bool(), strict=True):
        taken = picture[0][:, p[..., 1].clamp(0, 47), p[..., 0].clamp(0, 63)]
        torch.testing.assert_close(m[:, v[0]], taken[:, v[0]], rtol=0, atol=1e-4)
    assert 8 < whole.sum() < 24
    assert 0.6 < motion.visible.mean() < 1


def test_motions_stay_small() -> None:
    motion = motion_of(chance(256, 3), 64, 64)
    still = motion_of(torch.full((1, NUMBERS), 0.5), 64, 64).grid
    assert 4 < (motion.grid - still).norm(dim=-1).mean() * 32 < 12  # pixels


def test_a_sensor_adds_little() -> None:
    picture = torch.full((8, 3, 32, 32), 0.5)
    grain = torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
    seen = sensor(picture, chance(8), grain)
    assert 0 < (seen - picture).abs().mean() < 0.03
    torch.testing.assert_close(seen * 255, (seen * 255).round())


def test_the_flat_term_looks_only_where_the_content_is_flat() -> None:
    content = torch.full((1, 3, 32, 64), 0.5)
    content[..., 32:] = torch.rand((1, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    error = torch.zeros_like(content)
    error[..., 40:] = 1
    visible = torch.ones(1, 1, 32, 64)
    assert losses.flat_loss(content + error, content, content, visible) == 0
    assert losses.flat_loss(content + error.flip(-1), content, content, visible) > 0.5


@pytest.mark.parametrize(("term", "optimiser"), [*((term, "adamw") for term in TERMS), ("style", "muon")])
def test_each_term_alone_falls_in_a_few_steps(
    features: Features, batches: FolderBatches, term: str, optimiser: str
) -> None:
    made = replace(recipe(**{term: 1.0}), optimiser=optimiser)
    if term != "repeat":  # which needs large steps, as what it compares grows older all the while
        made = replace(made, learning_rate=5e-4, warmup=10)
    trainer, batch = trainer_of(made, features), batches.at(0, 64)
    values = [value for _ in range(30) if (value := trainer.step(batch, 0)[term].item())]
    assert np.mean(values[-5:]) < 0.8 * np.mean(values[:3])


def test_pictures_are_stylised_again_and_compared_with_their_first_output(
    features: Features, batches: FolderBatches
) -> None:
    narrow = {"width": 32, "heads": 2, "eighth": 16, "quarter": 12}
    trainer, batch = trainer_of(replace(recipe(repeat=1.0), config=narrow), features), batches.at(0, 64)
    seen: dict[int, list[Tensor]] = {slot: [] for slot in range(SLOTS)}
    for step in range(SLOTS * (LONGEST + 3)):
        rounds = trainer.rounds
        assert rounds is not None
        if (again := rounds.at(step, 64)) is not None:
            seen[step % SLOTS].append(again.first)
        trainer.step(batch, 0)
    for slot, firsts in seen.items():  # at different times, each group is replaced after its last round
        changes = [n for n in range(1, len(firsts)) if not torch.equal(firsts[n], firsts[n - 1])]
        assert changes[:1] == [LONGEST - slot * LONGEST // SLOTS + 1]
    assert rounds.at(0, 96) is None


def test_a_teacher_is_imitated(features: Features, batches: FolderBatches) -> None:
    trainer = trainer_of(recipe(distillation=1.0), features, teacher=lambda content, _: 1 - content)
    batch = batches.at(0, 64)
    values = [trainer.step(batch, 0)["distillation"].item() for _ in range(30)]
    assert values[-1] < 0.6 * values[0]


def test_a_term_without_weight_is_not_computed(features: Features, batches: FolderBatches) -> None:
    values = trainer_of(recipe(content=1.0), features).step(batches.at(0, 64), 0)
    assert set(values) == {"content", "loss", "gradient"}


def test_a_gradient_that_is_not_finite_changes_nothing(features: Features, batches: FolderBatches) -> None:
    trainer = trainer_of(recipe(distillation=1.0), features, teacher=lambda content, _: content * float("nan"))
    before = [p.clone() for p in trainer.network.parameters()]
    trainer.step(batches.at(0, 64), 0)
    for now, then in zip(trainer.network.parameters(), before, strict=True):
        torch.testing.assert_close(now, then, rtol=1e-3, atol=1e-6)  # but for the decay of weights


def test_two_processes_draw_together_what_one_draws(folders: tuple[Path, Path]) -> None:
    sets = [
        FolderBatches(*map(Pictures, folders), batch=4, seed=5, rank=r, world=w) for r, w in ((0, 1), (0, 2), (1, 2))
    ]
    whole, first, second = (s.at(3, 64) for s in sets)
    for name in ("photographs", "paintings", "chance", "grain"):
        joined = torch.cat([getattr(first, name), getattr(second, name)])
        assert torch.equal(getattr(whole, name), joined)
    for s in sets:
        s.close()


def test_batches_on_the_device_follow_from_seed_and_step(folders: tuple[Path, Path]) -> None:
    photographs, paintings = (on_device(Pictures(f), torch.device("cpu"), side=80) for f in folders)
    assert photographs.shape == (8, 3, 80, 80)  # four of 96×80 pixels, two squares of each
    a, b = (DeviceBatches(photographs, paintings, batch=8, seed=1) for _ in range(2))
    b.at(7, 48)
    first, again, other = a.at(3, 48), b.at(3, 48), a.at(4, 48)
    assert torch.equal(first.photographs, again.photographs)
    assert not torch.equal(first.photographs, other.photographs)
    assert first.paintings.shape == (8, 3, 48, 48)
    assert 0 <= first.paintings.min() < first.paintings.max() <= 1


def test_crops_on_the_device_are_as_sharp_as_the_pictures() -> None:
    pictures = torch.randint(0, 256, (5, 3, 64, 64), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    batches = DeviceBatches(pictures, pictures, batch=4, seed=0)
    found = 0
    for step in range(40):
        for crop in batches.at(step, 56).photographs:
            places = pictures.unfold(2, 56, 1).unfold(3, 56, 1).permute(0, 2, 3, 1, 4, 5).float() / 255
            same = [(places - way).abs().amax((3, 4, 5)).min() < 1e-4 for way in (crop, crop.flip(-1))]
            found += any(same)  # where the scale happened to be 1, whatever the place and the flip
    assert found >= 4


def test_an_oblong_picture_gives_the_squares_at_both_ends(tmp_path: Path) -> None:
    wide = np.zeros((64, 96, 3), np.uint8)
    wide[:, :32], wide[:, 64:] = 255, 128
    for name, pixels in (("high", wide.transpose(1, 0, 2)), ("wide", wide), ("square", wide[:, 16:80])):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    squares = on_device(Pictures(tmp_path), torch.device("cpu"), side=64)
    assert squares.shape == (5, 3, 64, 64)
    assert torch.equal(squares[0], squares[3].mT)
    assert squares[0, 0, :, 0].unique_consecutive().tolist() == [255, 0]
    assert squares[1, 0, :, 0].unique_consecutive().tolist() == [0, 128]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_compiled_step_computes_what_the_plain_one_does(
    features: Features, batches: FolderBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # else the compiler's progress bars leave a thread
    monkeypatch.setattr("torch._inductor.config.compile_threads", 1)  # so does its pool
    terms, batch = recipe(content=1.0, style=1.0, identity_pixel=1.0, temporal=1.0, repeat=1.0), batches.at(0, 64)
    plain, compiled = (trainer_of(terms, features, compiled=c).step(batch, 0) for c in (False, True))
    for name, value in plain.items():
        torch.testing.assert_close(compiled[name], value, rtol=1e-3, atol=1e-4)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_step_on_a_gpu_never_waits_for_the_host(features_file: Path, folders: tuple[Path, Path]) -> None:
    fabric = Fabric(accelerator="cuda", devices=1, precision="bf16-mixed")
    fabric.launch()
    terms = recipe(content=1.0, style=1.0, identity_pixel=1.0, temporal=1.0, repeat=1.0)
    trainer = Trainer(fabric, terms, CompressedVgg(features_file).to(fabric.device))
    batches = DeviceBatches(*(on_device(Pictures(f), fabric.device, side=80) for f in folders), batch=2, seed=0)
    trainer.step(batches.at(0, 64), 0)
    torch.cuda.set_sync_debug_mode("error")
    try:
        trainer.step(batches.at(1, 64), 0)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def losses_of(folder: Path) -> list[dict[str, float]]:
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    return [{k: v for k, v in row.items() if k != "minutes"} for row in rows]


@pytest.mark.parametrize("name", ["lite", "stytr2"])
def test_muon_changes_every_weight_that_has_a_gradient(name: str) -> None:
    config = {} if name == "lite" else {"width": 32, "heads": 2, "feedforward": 32, "channels": [16, 16, 8]}
    network = build(name, config).to(memory_format=torch.channels_last)
    made = replace(recipe(), optimiser="muon")
    optimiser = Optimiser(network, made, Fabric(accelerator="cpu", devices=1))
    before = {key: value.clone() for key, value in network.named_parameters()}
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimiser.step(1e-3)
    for key, value in network.named_parameters():
        assert value.grad is None
        assert 0 < (value - before[key]).abs().mean() < 3e-3, key


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_a_resumed_run_has_the_losses_of_one_that_was_never_interrupted(
    features: Features, folders: tuple[Path, Path], tmp_path: Path, optimiser: str
) -> None:
    terms = replace(recipe(content=1.0, style=1.0, temporal=1.0, repeat=1.0), optimiser=optimiser)

    def run(folder: Path, *, dies_at: int | None = None) -> None:
        trainer = trainer_of(terms, features, seed=4)
        if (checkpoint := Checkpoint.read(folder, terms)) is not None:
            trainer.restore(checkpoint)
            assert trainer.steps == 15
        batches = FolderBatches(*map(Pictures, folders), batch=2, seed=trainer.seed)

        def die(report: Report) -> None:
            if report.step == dies_at:
                raise ZeroDivisionError

        train(trainer, batches, folder, Plan(steps=24, keep=15, show=12), die)

    run(tmp_path / "whole")
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "cut", dies_at=20)
    run(tmp_path / "cut")
    assert losses_of(tmp_path / "cut") == losses_of(tmp_path / "whole")
    assert list((tmp_path / "cut" / "samples").glob("*.jpg"))


def test_training_leaves_a_checkpoint_and_weights_for_use(
    features: Features, batches: FolderBatches, tmp_path: Path
) -> None:
    trainer, seen = trainer_of(recipe(content=1.0, style=1.0), features), []
    train(trainer, batches, tmp_path, Plan(steps=12), seen.append)
    assert read_weights(tmp_path / "lite.safetensors").name == "lite"
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["steps"] == trainer.steps == 12
    assert [r.step for r in seen] == [1, 10]
    assert list(tmp_path.glob("tensorboard/*/events*"))


def test_a_checkpoint_of_another_network_or_a_damaged_one_is_refused(
    features: Features, batches: FolderBatches, tmp_path: Path
) -> None:
    train(trainer_of(recipe(content=1.0), features), batches, tmp_path, Plan(steps=1))
    with pytest.raises(NetworkError, match="config differ"):
        Checkpoint.read(tmp_path, Recipe("lite", Weights(content=1), 1e-3, config={"width": 80}))
    (tmp_path / "checkpoint.pt").write_bytes((tmp_path / "checkpoint.pt").read_bytes()[:5000])
    with pytest.raises(NetworkError, match="damaged"):
        Checkpoint.read(tmp_path, recipe(content=1.0))


def test_pictures_of_all_shapes_are_cropped_and_damaged_ones_counted(tmp_path: Path) -> None:
    for i, size in enumerate([(20, 300), (300, 20), (64, 64), (16, 16), (900, 700)]):
        Image.new("RGB", size, (10 * i, 200, 30)).save(tmp_path / f"{i}.png")
    Image.new("L", (50, 60), 90).save(tmp_path / "grey.jpg")
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.txt").write_text("not a picture")
    pictures = Pictures(tmp_path)
    crops = [pictures.crop(np.random.default_rng(i), 48) for i in range(64)]
    assert (len(pictures), pictures.damaged) == (8, 2)
    assert {(c.shape, c.dtype) for c in crops} == {((3, 48, 48), torch.uint8)}


def test_a_folder_that_does_not_fit_into_memory_is_read_again(tmp_path: Path) -> None:
    for i in range(3):
        Image.new("RGB", (64, 64), (10 * i, 200, 30)).save(tmp_path / f"{i}.png")
    pictures = Pictures(tmp_path, cache=2 * 64 * 64 * 3)
    first = [pictures.get(i) for i in range(3)]
    assert [pictures.get(i) is first[i] for i in range(3)] == [True, True, False]


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no picture"):
        Pictures(tmp_path / name)


def test_a_folder_of_damaged_pictures_is_refused(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"{i}.jpg").write_text("text")
    with pytest.raises(SourceError, match="None of the 3 pictures"):
        Pictures(tmp_path).get(0)


@pytest.mark.parametrize("name", ["lite", "lite-refine", "stytr2", "stytr2-small"])
def test_the_built_in_recipes_are_whole(name: str) -> None:
    assert Recipe.load(name).batch == (16 if name == "stytr2-small" else 8)


def test_the_paper_s_recipe_has_the_published_code_s_values() -> None:
    r = Recipe.load("stytr2")
    assert r.weights == Weights(content=7, style=10, identity_pixel=70, identity_feature=1)
    assert (r.steps, r.crops, r.config) == (160_000, ((0.0, 256),), {})
    rates = [learning_rate(r, step, 0) for step in (0, 9_999, 10_000, 160_000)]
    assert rates == pytest.approx([5e-5, 2e-4, 2e-4, 2e-4 / 2.5], rel=1e-3)


def test_a_cosine_rises_falls_and_ends_at_a_twentieth() -> None:
    r = Recipe("lite", Weights(), 1e-3, warmup=100, ramp=1000)
    assert learning_rate(r, 0, 0) == pytest.approx(1e-5)
    assert learning_rate(r, 100, 0) == pytest.approx(1e-3)
    assert learning_rate(r, 5000, 1) == pytest.approx(5e-5)
    assert [style_share(r, s) for s in (0, 1000, 9000)] == pytest.approx([1 / 3, 1, 1])


def test_crops_grow_late() -> None:
    r = Recipe("lite", Weights(), 1e-3, crops=((0.0, 128), (0.8, 256)))
    assert [r.crop(p) for p in (0, 0.79, 0.8, 1.2)] == [128, 128, 256, 256]


@pytest.mark.parametrize(
    "text", ["", "[", 'network = "lite"\n', 'network = "lite"\nlearning_rate = 1e-3\nspeed = 3\n[weights]\n',
             'network = "lite"\nlearning_rate = 1e-3\n[weights]\ncontent = "much"\n',
             'network = "lite"\nlearning_rate = 1e-3\nbatch = 0\n[weights]\n',
             'network = "lite"\nlearning_rate = 1e-3\ncrops = [[0.5, 128]]\n[weights]\n'],
)  # fmt: skip
def test_a_recipe_that_is_not_right_is_explained(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"mine\.toml"):
        Recipe.load(str(tmp_path / "mine.toml"))


def test_an_unknown_recipe_is_answered_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match="lite, lite-refine, stytr2, stytr2-small"):
        Recipe.load("nothing")


def test_torchvision_s_vgg_gives_the_five_layers_and_measures_its_spreads(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = vgg19(weights=None)
    monkeypatch.setattr("torchvision.models.vgg19", lambda **_: network)
    features, pictures = Vgg19(), torch.rand(2, 3, 64, 64)
    features.measure(pictures)
    seen = features(pictures)
    assert [f.shape[1] for f in seen] == [64, 128, 256, 512, 512]
    assert [f.shape[2] for f in seen] == [64, 32, 16, 8, 4]
    for f in seen:
        assert (f - f.mean((2, 3), keepdim=True)).square().mean().sqrt().item() == pytest.approx(1, rel=1e-3)


def test_weights_of_vgg_that_cannot_be_fetched_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(**_: object) -> nn.Module:
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.models.vgg19", offline)
    with pytest.raises(NetworkError, match="--features"):
        Vgg19()
