"""Those whom the demo does not ring first: who never needs a call, and who for some reason may not get one now."""

from datetime import time

from invoices.models import Channel, Consent, Contact, ContactPoint, CreditNote, Dispute, Hold, Wish
from phantompay.demo import goods
from phantompay.demo.diary import Diary
from phantompay.demo.goods import Goods
from phantompay.demo.money import CARD, DEBIT
from phantompay.demo.story import Story

Outcome = Contact.Outcome
INBOUND = Contact.Direction.INBOUND


def laura_bennett(diary: Diary) -> None:
    """Pays on the day a bill arrives and has never owed anything for long."""
    diary.opens_account()
    diary.pays_regularly(goods.GARDEN, late=(-29, -28), until=-10)
    oil = diary.bill(-140, Goods("Lamp oil, five litres", "18.90", 8))
    paid = diary.pays(-139, oil)
    diary.is_credited(-130, oil, "0.25", CreditNote.Reason.RETURN, "Two cans came back.")
    shades = diary.bill(-12, Goods("Lamp shades", "39.00", 2))
    diary.credit_is_used(-11, paid, shades)
    diary.pays(-11, shades)


def daniel_reed(diary: Diary) -> None:
    """Has filed for bankruptcy; nobody may ask him for money."""
    diary.opens_account()
    diary.pays_regularly(goods.HOUSE, late=(12, 30, 45), until=-230)
    for day in (-202, -171, -143, -125):
        diary.bill(day, Goods("Chimney sweeping", "88.00", 2, work=True), Goods("Loft boards", "21.60", 6))
    diary.is_held(-85, Hold.Kind.BANKRUPTCY, "Letter of the court, filed under post of that day.")
    diary.is_noted(-85, "Claim to be entered with the trustee.")


def karen_mitchell(diary: Diary) -> None:
    """Pays two large bills in four parts, and has been in time so far."""
    diary.opens_account()
    diary.pays_regularly(goods.FURNITURE, late=(4, 7), until=-130)
    table = diary.bill(-100, Goods("Dining table, oak", "1480.00"))
    chairs = diary.bill(-75, Goods("Dining chairs", "210.00", 6))
    diary.talks(-30, Outcome.CONVERSATION, "Asked for monthly parts.", table, chairs, direction=INBOUND)
    diary.agrees_on_a_plan(-30, table, chairs, due=(-12, 18, 48, 78))
    diary.pays(-13, table, chairs, share="0.25")


def frank_hughes(diary: Diary) -> None:
    """Works with his hands all day and asks to be rung in the evening."""
    diary.opens_account()
    diary.has_number(-357, "+12125550131", line_type=ContactPoint.LineType.MOBILE)
    diary.pays_regularly(goods.CLOCKS, late=(10, 6, 14))
    diary.wishes(
        -90, Wish.Kind.ONLY_BETWEEN, "After five, I can't hear you over the saw.", time_from=time(17)
    )
    diary.bill(-44, Goods("Turret clock, overhaul", "890.00", work=True))


def nancy_brooks(diary: Diary) -> None:
    """Holds back what she finds faulty and pays the rest."""
    diary.opens_account()
    diary.pays_regularly(goods.WINDOWS, late=(0, 2), until=-120)
    blinds = diary.bill(-90, Goods("Roller blinds", "118.00", 5))
    diary.disputes(
        -40,
        blinds,
        Dispute.Reason.FAULTY,
        "Two of the five do not roll up.",
        share="0.4",
        evidence="Pictures, by e-mail.",
    )
    diary.pays(-38, blinds, share="0.6")
    drapes = diary.bill(-57, Goods("Linen curtains", "138.00", 2))
    diary.disputes(
        -10, drapes, Dispute.Reason.CANCELLED_ORDER, "Cancelled by telephone before they were cut."
    )


def hudson_street_bakery(diary: Diary) -> None:
    """A large account that somebody here looks after: many bills, always two with one transfer."""
    diary.opens_account(terms=45, exclude_from_dunning=True)
    bills = list(diary.bills(goods.TABLE, every=14, until=-8, terms=45))
    for first, second in zip(bills[::2], bills[1::2], strict=False):
        diary.pays(second.due + 3, first, second)
    diary.is_noted(-300, "Talk to the owner before anything is sent.")


def oliver_bell(diary: Diary) -> None:
    """Has promised two payments whose days have not come; what he promised before he kept in part, or took back."""
    diary.opens_account()
    for bill in diary.bills(goods.CANDLES, until=-120):
        diary.pays(bill.due + 8, bill)
    halves = diary.bill(-105, Goods("Candlesticks, brass", "34.50", 12))
    diary.promises(-70, halves, by=-60)
    diary.pays(-61, halves, share="0.5")
    diary.pays(-33, halves)
    lamps = diary.bill(-46, Goods("Storm lamps", "72.00", 5))
    withdrawn = diary.promises(-14, lamps, by=4)
    diary.takes_back(-9, withdrawn, "Wants to name another day.")
    diary.promises(-6, lamps, by=5)
    candles = diary.bill(-35, Goods("Candle subscription, one month", "60.00", 2))
    diary.promises(-3, candles, by=11, share="0.5", method=CARD)


def claire_grant(diary: Diary) -> None:
    """Agreed on monthly parts, paid the first one, and then no more."""
    diary.opens_account()
    diary.pays_regularly(goods.MUSIC, late=(9, 16), until=-190)
    piano = diary.bill(-150, Goods("Upright piano, rebuilt", "1650.00", work=True))
    moved = diary.bill(-125, Goods("Piano moved and tuned", "260.00", work=True))
    diary.agrees_on_a_plan(-80, piano, moved, due=(-65, -35, -5, 25))
    diary.pays(-66, piano, moved, share="0.25")
    diary.talks(-28, Outcome.MESSAGE_LEFT, "")


def thames_print_works(diary: Diary) -> None:
    """Rounds its payments up, so that there is always a little credit; one transfer is on its way."""
    diary.opens_account(terms=14)
    diary.pays_regularly(goods.GLASS, late=(5, 8), until=-90, terms=14)
    shop = diary.bill(-60, Goods("Shop window, toughened", "940.00"), terms=14)
    diary.pays(-44, shop, extra="72.00")
    door = diary.bill(-24, Goods("Glass door", "515.00"), terms=14)
    diary.pays(-2, door, pending=True)
    diary.bill(-1, Goods("Greenhouse panes", "31.25", 6), terms=14, draft=True)


def ryan_murray(diary: Diary) -> None:
    """Does not want to be telephoned any more, and answers e-mails."""
    diary.opens_account()
    diary.pays_regularly(goods.HARBOUR, late=(5, 15, 2), until=-110)
    diary.bill(-82, Goods("Jetty lights", "148.00", 3))
    diary.bill(-50, Goods("Lanterns on hire", "26.00", 8))
    said = "Please don't ring me, write instead."
    diary.talks(-47, Outcome.CONVERSATION, said)
    diary.allows_calls(-47, Consent.Basis.ORAL, said, act=Consent.Act.REVOKED)
    diary.wishes(-47, Wish.Kind.ONLY_BY, said, channel=Channel.EMAIL)
    diary.talks(-19, Outcome.CONVERSATION, "Wrote that it comes next month.", channel=Channel.EMAIL)


def chloe_adams(diary: Diary) -> None:
    """Has changed her number, and does not want to be rung at work."""
    diary.opens_account()
    old = diary.has_number(-359, "+61255500132", line_type=ContactPoint.LineType.LANDLINE)
    diary.has_number(
        -300, "+61255500133", place=ContactPoint.Place.WORK, line_type=ContactPoint.LineType.LANDLINE
    )
    diary.pays_regularly(goods.CLOTHES, late=(4, 0, 9))
    diary.talks(-62, Outcome.THIRD_PARTY, "Somebody else's number now.")
    diary.number_is_wrong(-62, old)
    diary.wishes(-61, Wish.Kind.NOT_AT_PLACE, "Not at the office, please.", place=ContactPoint.Place.WORK)
    diary.bill(-66, Goods("Alterations", "42.50", 4, work=True))
    diary.bill(-16, Goods("Wool scarves", "29.90", 3))


def noah_kelly(diary: Diary) -> None:
    """Pays by direct debit; it failed once, in a hard month that is over now."""
    diary.opens_account()
    diary.pays_regularly(goods.WATCH, late=(0, 0), until=-64, method=DEBIT)
    plain = diary.bill(-135, Goods("Night watch, one week", "362.50", 2, work=True))
    diary.is_written_off(-132, diary.bill(-330, Goods("Lantern rounds", "48.00", work=True)), "Too small.")
    failed = diary.pays(-105, plain, method=DEBIT, pending=True)
    diary.payment_fails(-103, failed, "Refused by the bank.")
    hold = diary.is_held(-101, Hold.Kind.HARDSHIP, "Out of work until spring, says so by telephone.")
    diary.hold_is_lifted(-58, hold, "Works again, and rang to say so.")
    diary.pays(-55, plain, method=DEBIT)
    mistaken = diary.bill(-28, Goods("Padlocks", "27.30", 8))
    diary.is_reissued(-26, mistaken, Goods("Padlocks", "27.30", 4), reason="Four were ordered, not eight.")


NEIGHBOURS: dict[str, Story] = {
    "10053": laura_bennett,
    "10054": daniel_reed,
    "10055": karen_mitchell,
    "10056": frank_hughes,
    "10057": nancy_brooks,
    "10058": hudson_street_bakery,
    "10059": oliver_bell,
    "10060": claire_grant,
    "10061": thames_print_works,
    "10062": ryan_murray,
    "10063": chloe_adams,
    "10064": noah_kelly,
}
