"""Networks on NVIDIA GPUs, in half precision: captured as CUDA graphs, with pictures on their way beside the painting.

A graph replays all kernels of a network at the cost of one, but for one shape and at fixed addresses. So there is a
graph for each working size; styles are copied to its addresses, and padded so that most have one shape. What comes
before and after the network depends on the frame's size and on what is wanted, and is a handful of kernels.
"""

from __future__ import annotations

import logging
import traceback
from collections import OrderedDict
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from stytr_live.engine import imaging
from stytr_live.engine.backend import OutOfMemoryError, host_tensor, is_out_of_memory
from stytr_live.engine.graphs import Graph, Graphs, padded
from stytr_live.engine.rings import Lanes, Ring
from stytr_live.engine.upsampling import GAINS, NOISE, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stytr_live.engine.backend import Task
    from stytr_live.engine.graphs import Key
    from stytr_live.frame import Pixels, Size
    from stytr_live.networks import Network, StyleCode

log = logging.getLogger(__name__)

RINGS = 2
"""Sizes of frames for which buffers are kept."""
WARM_UPS = 3
"""Runs before a capture, in which libraries choose their kernels and set up their memory."""
LUMA = (0.299, 0.587, 0.114)
"""Of red, green and blue, by BT.601."""


class Event(Protocol):
    """A point in the work of a stream."""

    def wait(self) -> None:
        """Make the host wait until it is reached."""
        ...


class Stream(Protocol):
    """Work on a device that is done in order; that of other streams is done beside it."""

    def run(self, work: Callable[[], object]) -> None:
        """Enqueue what `work` does with tensors, in inference mode."""
        ...

    def mark(self) -> Event:
        """The end of what was enqueued so far."""
        ...

    def follow(self, event: Event) -> None:
        """Do what is enqueued from here on after the event."""
        ...

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.uint8) -> Tensor:
        """New memory on the device, which this stream may use at once.

        Raises:
            RuntimeError: there is not enough.
        """
        ...

    def keep(self, tensors: StyleCode) -> None:
        """Say that this stream uses them: freed, their memory is not used again before it has done so."""
        ...


class Device(Protocol):
    """A GPU, as far as it matters for the order of things."""

    name: str
    place: torch.device
    dtype: torch.dtype
    """In which networks are computed."""

    def stream(self) -> Stream:
        """A new stream. There are few; take them once."""
        ...

    def caller(self) -> Stream:
        """The stream on which this thread works with tensors outside any `run`."""
        ...

    def pinned(self, shape: Sequence[int]) -> Tensor:
        """Bytes on the host that a device can copy by itself.

        Raises:
            RuntimeError: there is not enough memory.
        """
        ...

    def capture(self, work: Callable[[], Tensor], stream: Stream) -> tuple[Callable[[], object], Tensor]:
        """Record `work`: what replays it, on whichever stream is current, and the result it then leaves behind.

        It is tried on `stream` before. One thread captures at a time, while others use the device.

        Raises:
            RuntimeError: there is not enough memory, or the work cannot be recorded.
        """
        ...

    def release(self) -> None:
        """Give unused memory back."""
        ...

    def available(self) -> int:
        """Memory that is free or could be made so, in bytes."""
        ...


class CudaBackend:
    """A network on an NVIDIA GPU."""

    def __init__(
        self, network: Network, device: str | Device = "cuda:0", *, live: bool = False, compiled: bool = False
    ) -> None:
        """`live` favours a short way of each picture, `compiled` fuses kernels, which takes a minute for each size.

        Raises:
            RuntimeError: the device cannot be used.
            OutOfMemoryError: the device has not enough memory for any size.
        """
        self._device = device = Cuda(device) if isinstance(device, str) else device
        self.depth = 1 if live else 2
        self.fingerprint = network.fingerprint()
        precision = str(device.dtype).removeprefix("torch.")
        self.name = f"{device.name}, {'compiled ' if compiled else ''}CUDA graphs, {precision}"
        with self._guarded():
            self.network: Network = network.to(device.place, device.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._call: Callable[..., Tensor] = self.network
        if compiled:
            self._call = _Compiled(self.network)
        self._lanes = Lanes(device.stream(), device.stream(), device.stream())
        self._encoding, self._preparing = device.stream(), device.stream()
        self._easel = Easel(device)
        self._rings: OrderedDict[Size, Ring] = OrderedDict()
        trial = self._make(lambda: self.network.encode_style(self._grey()))
        self._shapes = [tuple(tensor.shape) for tensor in trial]
        self._tokens: int | None = None  # of the last picture's style, padded; at first of any style
        self._begun = False
        self._graphs = Graphs(self._capture)

    def encode(self, picture: Pixels) -> StyleCode:
        """Encode a style picture, (H, W, 3), beside the painting."""

        def work() -> StyleCode:
            content = host_tensor(picture).to(self._device.place).to(self._device.dtype)
            return self.network.encode_style(content.div_(255))

        return self._expect(self._make(work))

    def adopt(self, code: StyleCode) -> StyleCode:
        """Bring a code from the host to the device."""
        return self._expect(
            self._make(lambda: tuple(tensor.to(self._device.place, self._device.dtype) for tensor in code))
        )

    def ready(self, size: Size, *, wait: bool) -> bool:
        """Capture for a working size and the style in use, in the background; true once that is there."""
        key = size, self._tokens or padded((self.network.style_side // self.network.stride) ** 2)
        if wait:
            self._graphs.get(key)
        return wait or self._graphs.ready(key)

    def begin(self, task: Task) -> Callable[[], Pixels]:
        """Begin to paint: the way to the device, the painting and the way back are enqueued at once."""
        with self._guarded():
            self._tokens, self._begun = padded(task.code[self.network.attended].shape[-1]), True
            graph = self._graphs.get((task.size, self._tokens))
            slot, compute = self._ring(task).next(), self._lanes.compute
            slot.held = task.code, graph
            arrived = slot.send(task.pixels)
            graph.load(task.code, compute, self._device.caller())
            compute.follow(arrived)
            compute.run(lambda: self._easel.paint(task, slot.frame, graph, slot.painting))
            slot.fetch(compute.mark())

        def painted() -> Pixels:
            with self._guarded():
                return slot.receive()

        return painted

    def free(self) -> int | None:
        """Memory of the GPU."""
        return self._device.available()

    def close(self) -> None:
        """End the thread that captures."""
        self._graphs.close()
        self._lanes.drain()
        self._rings.clear()

    def _ring(self, task: Task) -> Ring:
        """Buffers for a frame of this size."""
        size = task.pixels.shape[1], task.pixels.shape[0]
        if (ring := self._rings.get(size)) is None:
            if len(self._rings) >= RINGS:
                self._lanes.drain()  # into and out of the memory that is about to be freed
                self._rings.popitem(last=False)
            # One more than may be under way: the result of the oldest may still be copied.
            ring = self._rings[size] = Ring(self._device, self._lanes, size, self.depth + 1)
        self._rings.move_to_end(size)
        return ring

    def _capture(self, key: Key) -> Graph:
        """Capture; where memory is short, graphs that were not used of late make room."""
        while True:
            try:
                with self._guarded():
                    shapes, attended = self._shapes, self.network.attended
                    return Graph(self._device, self._preparing, self._call, key, shapes=shapes, attended=attended)
            except OutOfMemoryError:
                if not self._graphs.forget():
                    raise

    def _grey(self) -> Tensor:
        """The smallest picture, (1, 3, H, W)."""
        side = imaging.SMALLEST * self.network.stride
        return torch.full((1, 3, side, side), 0.5, device=self._device.place, dtype=self._device.dtype)

    def _make(self, work: Callable[[], StyleCode]) -> StyleCode:
        """A code from `work`, complete."""
        with self._guarded():
            made: list[StyleCode] = []
            self._encoding.run(lambda: made.append(work()))
            self._encoding.mark().wait()
            self._device.caller().keep(made[0])  # where it is mixed with others
            return made[0]

    def _expect(self, code: StyleCode) -> StyleCode:
        """Until something is painted, take it for the style that will be."""
        if not self._begun:
            self._tokens = padded(code[self.network.attended].shape[-1])
        return code

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Give memory back where it is exhausted, and say so."""
        try:
            yield
        except RuntimeError as error:
            if not _is_exhausted(error):
                raise
            for met in _chain(error):
                traceback.clear_frames(met.__traceback__)  # they hold what was half-made
            self._device.release()
            raise OutOfMemoryError(f"Not enough memory on {self._device.name}.") from error


class Easel:
    """What is done with a picture around the network, on the device: the likeness of `imaging` and `upsampling`."""

    def __init__(self, device: Device) -> None:
        self._place, self._dtype = device.place, device.dtype
        self._areas: dict[tuple[int, int, torch.dtype], Tensor] = {}
        self._luma: Tensor | None = None

    def paint(self, task: Task, frame: Tensor, graph: Graph, painting: Tensor) -> None:
        """Paint `frame` with the network, and write what the task wants to `painting`: (H, W, 3) bytes both."""
        content = frame.permute(2, 0, 1)[None].to(self._dtype).div_(255)  # (1, 3, H, W), channels last
        graph.picture.copy_(self.fit(content, task.size))
        graph.replay()
        whole = self.finish(task, content, graph.picture, graph.painted.clamp(0, 1))
        painting.copy_(whole[0].mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0))

    def finish(self, task: Task, content: Tensor, seen: Tensor, painted: Tensor) -> Tensor:
        """From the painting at the working size to what the task wants at the frame's; all (1, 3, H, W) in 0..1.

        `content` is the frame, `seen` what the network saw of it.
        """
        height, width = content.shape[-2:]
        larger = width > task.size[0] and height > task.size[1]
        whole = (
            self.upsample(painted, content, seen) if task.detail and larger else self.unfit(painted, (width, height))
        )
        if task.keep_colours:  # the chroma of one under the luma of the other
            whole = (content + (self.luma(whole) - self.luma(content))).clamp_(0, 1)
        return whole if task.strength >= 1 else torch.lerp(content, whole, task.strength)

    def fit(self, x: Tensor, size: Size) -> Tensor:
        """As `imaging.fit`, (1, C, H, W)."""
        right, below = imaging.margin((x.shape[-1], x.shape[-2]), size)
        return F.pad(x, (0, right, 0, below), mode="reflect") if right or below else self.resize(x, size)

    def unfit(self, painted: Tensor, size: Size) -> Tensor:
        """As `imaging.unfit`, (1, C, H, W)."""
        if any(imaging.margin(size, (painted.shape[-1], painted.shape[-2]))):
            return painted[..., : size[1], : size[0]]
        return self.resize(painted, size)

    def resize(self, x: Tensor, size: Size) -> Tensor:
        """As `imaging.resize`, (1, C, H, W) in 0..1.

        To shrink, each pixel is weighed by how much of it the new one covers, which is what cv2.INTER_AREA does to
        rounding. Neither of PyTorch's ways does where the ratio is no whole number: adaptive pooling counts pixels at
        the border twice, and its antialiased filter is twice as wide. Two products of matrices do, in little time.
        Where one side shrinks and the other grows, this averages and cv2 does not, which leaves its pictures jagged.
        """
        width, height = size
        h, w = x.shape[-2:]
        if (w, h) == size:
            return x
        if width * height < w * h:
            return self._area(h, height, x.dtype) @ x.contiguous() @ self._area(w, width, x.dtype).T
        if w * h < 1 << 20:
            return F.interpolate(x, (height, width), mode="bicubic").clamp_(0, 1)
        return F.interpolate(x, (height, width), mode="bilinear")

    def upsample(self, painted: Tensor, content: Tensor, seen: Tensor) -> Tensor:
        """As `upsampling.upsample`: (1, 3, h, w) painted of `seen`, and the frame (1, 3, H, W) → (1, 3, H, W)."""
        size = content.shape[-2:]
        coarse = self.luma(seen.float())
        gain = self._gain(coarse, self.luma(painted.float())).to(content.dtype)
        smooth = F.interpolate(coarse.to(content.dtype), size, mode="bilinear")
        detail = (self.luma(content) - smooth).mul_(F.interpolate(gain, size, mode="bilinear"))
        return F.interpolate(painted, size, mode="bilinear").add_(detail).clamp_(0, 1)

    def luma(self, x: Tensor) -> Tensor:
        """(1, 3, H, W) → (1, 1, H, W)."""
        if self._luma is None:
            self._luma = torch.tensor(LUMA, device=self._place)[:, None, None]
        return (x * self._luma.to(x.dtype)).sum(1, keepdim=True)

    def _gain(self, guide: Tensor, painted: Tensor) -> Tensor:
        """As `upsampling._gain`: lumas (1, 1, h, w) in 0..1, float32 because variances are small differences."""
        height, width = guide.shape[-2:]
        half = (width + 1) // 2, (height + 1) // 2
        i, p = self.resize(guide, half), self.resize(painted, half)
        mean_i, mean_p = _mean(i), _mean(p)
        covariance = _mean(i * p) - mean_i * mean_p
        variance = _mean(i * i) - mean_i * mean_i
        return _mean(covariance / (variance + NOISE / 255**2)).clamp_(*GAINS)

    def _area(self, source: int, target: int, dtype: torch.dtype) -> Tensor:
        """How much of each of `target` pixels is covered by each of `source`: (target, source), rows sum to 1."""
        key = source, target, dtype
        if key not in self._areas:
            if len(self._areas) >= 64:
                self._areas.clear()
            scale = source / target
            edges, pixels = torch.arange(target + 1, dtype=torch.float64) * scale, torch.arange(source)
            covered = torch.minimum(edges[1:, None], pixels + 1) - torch.maximum(edges[:-1, None], pixels)
            self._areas[key] = (covered.clamp_(min=0) / scale).to(dtype).to(self._place)
        return self._areas[key]


def _mean(x: Tensor) -> Tensor:
    """Mean over the window around each pixel, (1, 1, h, w), mirrored at the border as by cv2.blur."""
    return F.avg_pool2d(F.pad(x, [WINDOW // 2] * 4, mode="reflect"), WINDOW, 1)


class _Compiled:
    """A network compiled by torch.compile; as it is where that cannot be done."""

    def __init__(self, network: Network) -> None:
        self._network: Callable[..., Tensor] = network
        self._compiled: Callable[..., Tensor] | None = torch.compile(
            network, mode="max-autotune-no-cudagraphs", dynamic=False
        )

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The network's result."""
        if self._compiled is not None:
            try:
                return self._compiled(*inputs)
            except RuntimeError as error:
                if _is_exhausted(error):
                    raise
                self._compiled = None
                log.warning("torch.compile cannot be used here (%s), so the network runs as it is.", _reason(error))
        return self._network(*inputs)


def _is_exhausted(error: BaseException) -> bool:
    """Whether memory is, or was when this error was met: a capture that failed may fail to end, too."""
    return any(isinstance(met, RuntimeError) and is_out_of_memory(met) for met in _chain(error))


def _reason(error: RuntimeError) -> str:
    """The first line of what PyTorch says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those while it was met."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class Cuda:
    """An NVIDIA GPU, by PyTorch."""

    dtype = torch.float16
    _alone = Lock()  # of a process, one thread may capture at a time

    def __init__(self, device: str) -> None:
        """`device` is such as `cuda:1`; `cuda` is the first.

        Raises:
            RuntimeError: there is none.
        """
        torch.cuda.init()
        index = torch.device(device).index or 0
        if index >= torch.cuda.device_count():
            raise RuntimeError("there is no GPU of this number")
        self.place = torch.device("cuda", index)
        self.name = str(self.place)
        # Libraries have working memory for each stream, and a graph keeps its capture's. This stream does nothing but
        # capture, so only replays, one after the other, use that memory, and never a run beside them.
        self._capturing = torch.cuda.Stream(self.place)

    def stream(self) -> Stream:
        """A new stream."""
        return _Stream(torch.cuda.Stream(self.place))

    def caller(self) -> Stream:
        """The thread's current stream."""
        return _Stream(torch.cuda.current_stream(self.place))

    def pinned(self, shape: Sequence[int]) -> Tensor:
        """Pinned bytes."""
        with torch.cuda.device(self.place):
            return torch.empty(*shape, dtype=torch.uint8, pin_memory=True)

    def capture(self, work: Callable[[], Tensor], stream: Stream) -> tuple[Callable[[], object], Tensor]:
        """Record a CUDA graph, with memory of its own; what cannot be recorded is launched kernel by kernel."""
        with torch.cuda.device(self.place), torch.inference_mode():
            for _ in range(WARM_UPS):
                stream.run(work)
            stream.mark().wait()
            graph = torch.cuda.CUDAGraph()
            # Thread-local: what other threads do meanwhile is none of the capture's business.
            recording = torch.cuda.graph(graph, stream=self._capturing, capture_error_mode="thread_local")
            try:
                with self._alone, recording:
                    result = work()
            except RuntimeError as error:
                if _is_exhausted(error):
                    raise
                log.warning("The network cannot be captured here (%s), so it runs slower.", _reason(error))
            else:
                return graph.replay, result
        left: list[Tensor] = []
        stream.run(lambda: left.append(work().clone()))
        stream.mark().wait()
        return lambda: left[0].copy_(work()), left[0]

    def release(self) -> None:
        """Give what PyTorch keeps back to the driver."""
        with self._alone:  # freeing may wait for the whole device, which a capture does not bear
            torch.cuda.empty_cache()

    def available(self) -> int:
        """What the driver has, and what PyTorch keeps for later and for graphs, which make room for new ones."""
        kept = torch.cuda.memory_reserved(self.place) - torch.cuda.memory_allocated(self.place)
        return torch.cuda.mem_get_info(self.place)[0] + kept


class _Stream:
    """A CUDA stream."""

    def __init__(self, stream: torch.cuda.Stream) -> None:
        self._stream = stream

    def run(self, work: Callable[[], object]) -> None:
        """Enqueue at once."""
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            work()

    def mark(self) -> Event:
        """An event; who waits for it sleeps, for other threads need the processor."""
        event = torch.cuda.Event(blocking=True)
        event.record(self._stream)
        return _Event(event)

    def follow(self, event: Event) -> None:
        """The device waits, the host does not."""
        self._stream.wait_event(cast("_Event", event).event)

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.uint8) -> Tensor:
        """Memory from the stream's share."""
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            return torch.empty(*shape, dtype=dtype, device=self._stream.device)

    def keep(self, tensors: StyleCode) -> None:
        """Tell PyTorch's allocator."""
        for tensor in tensors:
            tensor.record_stream(self._stream)


class _Event:
    """A CUDA event."""

    def __init__(self, event: torch.cuda.Event) -> None:
        self.event = event

    def wait(self) -> None:
        """Wait, asleep."""
        self.event.synchronize()
