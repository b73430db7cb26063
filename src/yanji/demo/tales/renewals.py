"""The supplier with an account sends its papers anew: entered, not accepted, to be checked."""

from datetime import date, timedelta

from yanji.flows.portal.papers import decide_paper, offer_paper, withdraw_paper

from ..stage import made
from ..teller import Teller


def _offer(
    teller: Teller, name: str, day: date, minute: float, kind: str, reference: str, first: date, years: int
) -> None:
    teller.do(
        day, minute, offer_paper, "supplier", name=f"paper:{name}", kind=kind, reference=reference, valid_from=first,
        valid_to=first + timedelta(days=365 * years), file_name=f"{reference}.txt",
        content=f"{reference}\n{first:%Y-%m-%d} 起 {years} 年\n".encode(),
    )  # fmt: skip


def renewed(teller: Teller, day: date) -> None:
    """The authorisation for the time after this one: a blurred scan first, then a good one."""
    [letter] = [
        paper for paper in teller.world.catalogue.licences[teller.partner] if paper.kind == "authorisation"
    ]
    assert letter.valid_to
    first, begins = teller.after(day), letter.valid_to + timedelta(days=1)
    reference = f"SQ-{begins:%Y}-{teller.partner + 301}"
    _offer(teller, "blurred", first, 570, "authorisation", reference, begins, 2)
    teller.do(
        first,
        650,
        decide_paper,
        "buyer",
        offered_id=made("paper:blurred"),
        accept=False,
        reason="扫描件印章不清晰，请重新上传",
    )
    second = teller.after(first, 2)
    _offer(teller, "good", second, 575, "authorisation", reference, begins, 2)
    teller.do(second, 655, decide_paper, "buyer", offered_id=made("paper:good"), accept=True)


def withdrawn(teller: Teller, day: date) -> None:
    """Sent with the number of the old permit; the supplier saw it before the hospital looked."""
    first = teller.after(day)
    name = f"mistaken:{day}"
    _offer(teller, name, first, 573, "device_trade", "苏食药监械经营许20160417号", first, 5)
    teller.do(
        first,
        581,
        withdraw_paper,
        "supplier",
        offered_id=made(f"paper:{name}"),
        reason="证号填成了旧证，将重新上传",
    )


def this_morning(teller: Teller, day: date) -> None:
    """The permit to trade, renewed before it ends; the buyer has not compared it yet."""
    [permit] = [
        paper for paper in teller.world.catalogue.licences[teller.partner] if paper.kind == "device_trade"
    ]
    assert permit.valid_to
    begins = permit.valid_to + timedelta(days=1)
    _offer(
        teller,
        "waiting",
        teller.world.today,
        515,
        "device_trade",
        f"苏食药监械经营许{begins:%Y}0417号",
        begins,
        5,
    )
