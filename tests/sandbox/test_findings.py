"""What curves and matrices say …"""

from sandbox.findings import confusion_rows, finding


def test_it_finds_the_best_epoch() -> None:
    epochs = [{"number": n, "val_loss": value} for n, value in enumerate([0.7, 0.4, 0.6], start=1)]
    found = finding(epochs, "val_loss", smaller_is_better=True)
    assert found is not None
    assert (found.first, found.last, found.best, found.best_epoch) == (0.7, 0.6, 0.4, 2)
    assert not found.kept_its_best


def test_it_says_nothing_of_what_was_not_measured() -> None:
    assert finding([{"number": 1, "val_loss": None}], "val_loss", smaller_is_better=True) is None
    assert finding([], "loss", smaller_is_better=True) is None


def test_it_shades_by_the_share_of_the_true_class() -> None:
    rows = confusion_rows([[9, 1], [0, 0]])
    assert [(cell.count, cell.shade, cell.is_right) for cell in rows[0]] == [(9, 9, True), (1, 1, False)]
    assert [cell.shade for cell in rows[1]] == [0, 0]
    assert confusion_rows([[5]])[0][0].shade == 9
