"""The dozen whom the demo rings. One line says what each is like; the oldest thing each owes is worth a call today.

None of these twelve has a hold, a wish, an open dispute, a running plan or a promise whose day has not come.
"""

from collections.abc import Callable

from invoices.models import Contact, ContactPoint, CreditNote, Dispute
from phantompay.demo import goods
from phantompay.demo.diary import Diary
from phantompay.demo.goods import Goods
from phantompay.demo.money import CARD, DEBIT

Outcome = Contact.Outcome
INBOUND = Contact.Direction.INBOUND
LANDLINE, WORK = ContactPoint.LineType.LANDLINE, ContactPoint.Place.WORK


def robert_blake(diary: Diary) -> None:
    """Pays every bill in full, about three weeks after its day."""
    diary.opens_account()
    diary.has_number(-355, "+12135550130", place=WORK, line_type=LANDLINE)
    diary.pays_regularly(goods.GARDEN, late=(21, 18, 24, 20))
    diary.bill(-51, Goods("Moonlit garden lanterns", "187.50", 6), Goods("Fitting", "140.00", work=True))
    diary.bill(-9, Goods("Porch lights", "77.50", 2))
    diary.talks(-210, Outcome.CONVERSATION, "Pays when the month's takings are in.", direction=INBOUND)
    diary.is_noted(-209, "Late by about three weeks each time, but it always comes.")


def maria_lopez(diary: Diary) -> None:
    """Pays a half on the day and the other a month later."""
    diary.opens_account()
    for bill in diary.bills(goods.WINDOWS, until=-96):
        diary.pays(bill.due + 1, bill, share="0.5")
        diary.pays(bill.due + 31, bill)
    rails = diary.bill(-70, Goods("Curtain rails", "46.20", 2))
    diary.pays(-38, rails, share="0.5")
    diary.bill(-42, Goods("Velvet curtains, one window", "148.00", 3))
    diary.is_noted(-60, "Asks for two halves every time. Agreed with the shop.")


def susan_carter(diary: Diary) -> None:
    """Forgets the day, promises another when she is asked, and keeps it."""
    diary.opens_account()
    for turn, bill in enumerate(diary.bills(goods.CANDLES)):
        if turn % 2:
            diary.pays(bill.due + 2, bill, method=CARD)
            continue
        diary.talks(bill.due + 4, Outcome.CONVERSATION, "Had forgotten the day.", bill)
        diary.promises(bill.due + 4, bill, by=bill.due + 14, method=CARD)
        diary.pays(bill.due + 12, bill, method=CARD)
    diary.bill(-39, Goods("Candle subscription, one month", "60.00", 3))
    diary.bill(-8, Goods("Candlesticks, brass", "34.50", 2))


def peter_morgan(diary: Diary) -> None:
    """Paid to the day until summer, and has not been heard of since."""
    diary.opens_account()
    diary.pays_regularly(goods.CLOCKS, late=(0, 0, -1), until=-150)
    diary.bill(-125, Goods("Winding, one quarter", "150.00", work=True))
    twice = diary.bill(-110, Goods("Clock hands, brass", "58.00"))
    diary.is_voided(-108, twice, "Issued twice.")
    diary.bill(-94, Goods("Clock keys", "9.50", 3), Goods("Pendulum, adjusted", "84.00", work=True))
    diary.bill(-63, Goods("Grandfather clock, repair", "675.00", work=True))
    diary.talks(-80, Outcome.NO_ANSWER, "Rang for a minute.")
    diary.talks(-45, Outcome.MESSAGE_LEFT, "Left name and number.")
    diary.is_noted(-44, "Letters are not sent back, so the address seems right.")


def helen_parker(diary: Diary) -> None:
    """Promises easily: one promise is kept, the next one is not."""
    diary.opens_account()
    for turn, bill in enumerate(diary.bills(goods.FURNITURE, every=30, until=-90)):
        diary.promises(bill.due + 5, bill, by=bill.due + 12)
        diary.pays(bill.due + (11 if turn % 2 else 28), bill)
    diary.bill(-48, Goods("Antique mirror, restored", "845.00"))
    diary.bill(-18, Goods("Frame, walnut", "240.00"))
    diary.is_noted(-50, "Ask for a day that is really possible; the next day she names is often too early.")


def david_turner(diary: Diary) -> None:
    """Pays what is small and lets what is large run on."""
    diary.opens_account()
    for bill in diary.bills(goods.HOUSE, every=32, until=-100):
        diary.pays(bill.due + 6, bill, method=CARD)
    survey = diary.bill(-190, Goods("Survey of the attic", "550.00", work=True))
    diary.is_written_off(-40, survey, "The firm that ordered it has closed.")
    large = diary.bill(-150, Goods("Roof beams", "410.00", 4))
    diary.promises(-100, large, by=-90)
    diary.pays(-92, large, share="0.4")
    diary.pays(-52, large)
    diary.bill(-75, Goods("Attic insulation", "1960.00"))
    diary.bill(-6, Goods("Draught strips", "8.40", 10))


def alice_walker(diary: Diary) -> None:
    """Settles a whole quarter with one bank transfer."""
    diary.opens_account()
    bills = list(diary.bills(goods.TABLE, until=-64))
    for start in range(0, len(bills), 3):
        quarter = bills[start : start + 3]
        diary.pays(quarter[-1].due + 4, *quarter)
    diary.bill(-45, Goods("Tea service for twelve", "304.00"))
    diary.bill(-11, Goods("Table linen", "52.00", 2))
    diary.bill(-1, Goods("Cake stands", "38.00", 2), draft=True)


def george_harris(diary: Diary) -> None:
    """Reads every bill to the last line and says when one is wrong; he has been right, and he has been wrong."""
    diary.opens_account()
    diary.pays_regularly(goods.WATCH, late=(1, 2), until=-100)
    wrong = diary.bill(-230, Goods("Night watch, one week", "362.50", 4, work=True))
    dispute = diary.disputes(
        -215, wrong, Dispute.Reason.WRONG_AMOUNT, "Billed for four weeks, had three.", share="0.25"
    )
    diary.dispute_is_upheld(-206, dispute, "The rota shows three weeks. Credited.")
    diary.pays(-199, wrong)
    right = diary.bill(-160, Goods("Padlocks", "27.30", 6))
    dispute = diary.disputes(
        -135, right, Dispute.Reason.NOT_RECEIVED, "The padlocks never came.", evidence="A letter of his."
    )
    diary.dispute_is_rejected(-127, dispute, "Signed for at the gate; a copy of the receipt was sent.")
    diary.pays(-121, right)
    queried = diary.bill(-95, Goods("Lantern rounds", "48.00", 5, work=True))
    dispute = diary.disputes(-70, queried, Dispute.Reason.ALREADY_PAID, "Thinks it was in the last transfer.")
    diary.takes_dispute_back(-66, dispute, "Found in his own books that it was not.")
    diary.pays(-64, queried)
    diary.bill(-37, Goods("Night watch, October", "1208.00", work=True))


def emma_wright(diary: Diary) -> None:
    """Pays well before the day; one bill has slipped through."""
    diary.opens_account()
    diary.pays_regularly(goods.MUSIC, late=(-12, -20, -8), method=CARD)
    slipped = diary.bill(-58, Goods("Piano tuning and felts", "240.00", work=True))
    diary.bill(-21, Goods("Piano stool", "120.00"))
    diary.talks(-24, Outcome.NO_ANSWER, "", slipped)
    back = diary.bill(-120, Goods("Metronome", "41.00", 2))
    diary.is_credited(-114, back, "0.5", CreditNote.Reason.RETURN, "One metronome came back unopened.")
    diary.pays(-105, back, method=CARD)


def jack_wilson(diary: Diary) -> None:
    """Pays by card within days; once the card was charged twice, and the second charge was given back."""
    diary.opens_account()
    bills = diary.pays_regularly(goods.HARBOUR, late=(-26, -25, -27), method=CARD)
    tour = diary.bill(bills[2].day + 8, Goods("Harbour tour", "54.50", 4, work=True))
    charged = diary.pays(tour.day + 3, tour, method=CARD)
    again = diary.pays_again(tour.day + 3, charged)
    diary.is_refunded(tour.day + 7, again, "The card was charged twice.")
    hired = diary.bill(-92, Goods("Lanterns on hire", "26.00", 10))
    diary.pays(-60, hired, share="0.5", method=CARD)
    diary.bill(-41, Goods("Harbour tour for the team", "741.00", work=True))
    diary.bill(-4, Goods("Deck chairs on hire", "11.20", 12))


def grace_taylor(diary: Diary) -> None:
    """Asked for a plan when two bills came together, and paid it off before its time."""
    diary.opens_account()
    diary.pays_regularly(goods.CLOTHES, late=(3, -2, 5), until=-110, method=DEBIT)
    coats = diary.bill(-85, Goods("Winter coat", "135.00", 3))
    scarves = diary.bill(-80, Goods("Wool scarves", "29.90", 4), Goods("Alterations", "42.50", 2, work=True))
    diary.agrees_on_a_plan(-45, coats, scarves, due=(-20, 10, 40))
    diary.pays(-21, coats, scarves, share="0.34", method=DEBIT)
    diary.pays(-5, coats, scarves, method=DEBIT)
    diary.bill(-54, Goods("Winter coats for the crew", "491.00"))


def henry_scott(diary: Diary) -> None:
    """Names a day and lets it pass; the money comes weeks after."""
    diary.opens_account()
    for turn, bill in enumerate(diary.bills(goods.GLASS, until=-100)):
        if turn % 3 == 0:
            diary.promises(bill.due + 6, bill, by=bill.due + 13)
        diary.pays(bill.due + 38, bill)
    diary.bill(-33, Goods("Greenhouse glass, cut to size", "1818.15"))
    diary.bill(-1, Goods("Putty and sprigs", "14.70", 3), draft=True)
    diary.talks(-150, Outcome.CONVERSATION, "Says it is on its way.")


Story = Callable[[Diary], None]
DOZEN: dict[str, Story] = {
    "10041": robert_blake,
    "10042": maria_lopez,
    "10043": susan_carter,
    "10044": peter_morgan,
    "10045": helen_parker,
    "10046": david_turner,
    "10047": alice_walker,
    "10048": george_harris,
    "10049": emma_wright,
    "10050": jack_wilson,
    "10051": grace_taylor,
    "10052": henry_scott,
}
