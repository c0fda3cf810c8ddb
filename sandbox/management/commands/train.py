"""Train a spec on the terminal, in the same child process and under the same limits as a run of the site."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.admission import Admitted, RefusedError, admit
from sandbox.children import Child, start_forkserver
from sandbox.messages import Confusion, EpochEnded, Finished, Started

BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Train the experiment in a spec file and print its epochs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("spec", type=Path, metavar="SPEC.json")

    def handle(self, *, spec: Path, **options: Any) -> None:
        admitted = self._admit(spec)
        start_forkserver()
        with Child.start(admitted.spec) as child:
            epochs, finished = self._listen(child, admitted.spec.epochs)
            assert child.ended is not None
            ended = child.ended
        self._print_table(epochs)
        if finished and finished.confusion:
            self._print_confusion(finished.confusion)
        if ended.outcome != "succeeded":
            raise CommandError(f"{ended.outcome} after {len(epochs)} epochs. {ended.detail}".strip())
        assert finished is not None
        why = {"early_stopping": ", stopped early", "target": ", target reached"}.get(finished.stopped or "", "")
        self.stdout.write(self.style.SUCCESS(f"\n{len(epochs)} epochs in {finished.seconds:.2f} s{why}"))

    def _admit(self, path: Path) -> Admitted:
        try:
            admitted = admit(json.loads(path.read_bytes()))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except ValueError as error:
            raise CommandError(f"{path}: not JSON: {error}") from None
        except RefusedError as refused:
            raise CommandError("\n".join(f"{path}: {p.pointer}: {p.detail}" for p in refused.problems)) from None
        for remark in admitted.remarks:
            self.stderr.write(self.style.WARNING(f"{path}: {remark.pointer}: {remark.detail}"))
        return admitted

    def _listen(self, child: Child, planned: int) -> tuple[list[EpochEnded], Finished | None]:
        """Ctrl-C ends the training after its epoch; what was learned until then is still printed."""
        epochs: list[EpochEnded] = []
        finished: Finished | None = None
        while child.ended is None:
            try:
                message = child.poll(timeout=0.25)
            except KeyboardInterrupt:
                child.cancel()
                continue
            if isinstance(message, Started) and message.switch_after:
                self.stderr.write(f"XLA takes over after epoch {message.switch_after}.")
            elif isinstance(message, EpochEnded):
                epochs.append(message)
                self._show_progress(message, planned)
            elif isinstance(message, Finished):
                finished = message
        return epochs, finished

    def _show_progress(self, epoch: EpochEnded, planned: int) -> None:
        if not sys.stderr.isatty():
            return
        bar = "█" * (BAR_WIDTH * epoch.number // planned)
        end = "\n" if epoch.number == planned else ""
        self.stderr.write(f"\r{epoch.number:>4}/{planned} {bar:░<{BAR_WIDTH}} loss {_number(epoch.loss)}", ending=end)
        self.stderr.flush()

    def _print_table(self, epochs: list[EpochEnded]) -> None:
        if not epochs:
            return
        names = [name for name, value in epochs[0].measured().items() if value is not None]
        titles = ["epoch", *(name.replace("mean_absolute_error", "mae") for name in names), "ms"]
        self.stdout.write(" ".join(f"{title:>13}" for title in titles))
        for epoch in epochs:
            values = (getattr(epoch, name) for name in names)
            cells = [str(epoch.number), *map(_number, values), f"{epoch.seconds * 1000:.1f}"]
            self.stdout.write(" ".join(f"{cell:>13}" for cell in cells))

    def _print_confusion(self, confusion: Confusion) -> None:
        self.stdout.write(f"\n{confusion.rows_of} rows: true class, then how often each class was predicted, recall")
        for label, row, recall in zip(confusion.labels, confusion.counts, confusion.recall, strict=True):
            counts = " ".join(f"{count:>5}" for count in row)
            self.stdout.write(f"{label:>18} {counts}   {_number(recall)}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
