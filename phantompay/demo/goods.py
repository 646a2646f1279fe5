"""What the demo's business sells, and where its customers live."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Goods:
    """One thing on a price list: `price` in the customer's own currency, bought `quantity` (up to `most`) at a time."""

    text: str
    price: str
    quantity: int = 1
    most: int = 1
    # Work, not things: untaxed where the place taxes things only.
    work: bool = False


@dataclass(frozen=True)
class Place:
    """What is the same for all customers of one city; `tax` in percent."""

    state: str
    currency: str
    locale: str
    tax: Decimal
    taxes_work: bool

    def tax_on(self, goods: Goods) -> Decimal:
        return self.tax if self.taxes_work or not goods.work else Decimal(0)


# The sales tax of Los Angeles and Yonkers, the VAT of the United Kingdom, the GST of Australia.
PLACES = {
    "Los Angeles": Place("CA", "USD", "en_US", Decimal("9.75"), taxes_work=False),
    "New York": Place("NY", "USD", "en_US", Decimal("8.875"), taxes_work=False),
    "London": Place("", "GBP", "en_GB", Decimal(20), taxes_work=True),
    "Sydney": Place("New South Wales", "AUD", "en_AU", Decimal(10), taxes_work=True),
}

GARDEN = (
    Goods("Porch lights", "77.50", most=4),
    Goods("Garden lanterns", "64.00", most=6),
    Goods("Lamp oil, five litres", "18.90", most=8),
    Goods("Fitting of lights", "120.00", work=True),
)
WINDOWS = (
    Goods("Curtain rails", "46.20", most=4),
    Goods("Linen curtains", "138.00", most=3),
    Goods("Tie-backs", "12.75", most=6),
    Goods("Measuring and hanging", "95.00", work=True),
)
CANDLES = (
    Goods("Candle subscription, one month", "60.00", most=3),
    Goods("Candlesticks, brass", "34.50", most=4),
    Goods("Matches, long", "4.80", most=10),
)
CLOCKS = (
    Goods("Clock hands, brass", "58.00", most=2),
    Goods("Pendulum, adjusted", "84.00", work=True),
    Goods("Clock keys", "9.50", most=3),
    Goods("Winding, one quarter", "150.00", work=True),
)
FURNITURE = (
    Goods("Frame, walnut", "240.00"),
    Goods("Looking glass, small", "165.00", most=2),
    Goods("Side table", "310.00"),
    Goods("French polish", "140.00", work=True),
)
HOUSE = (
    Goods("Survey of the roof", "150.00", work=True),
    Goods("Draught strips", "8.40", most=12),
    Goods("Chimney sweeping", "88.00", most=2, work=True),
    Goods("Loft boards", "21.60", most=10),
)
TABLE = (
    Goods("Cake stands", "38.00", most=3),
    Goods("Tea cups", "14.60", most=12),
    Goods("Table linen", "52.00", most=4),
    Goods("Silver cleaning", "45.00", work=True),
)
WATCH = (
    Goods("Night watch, one week", "362.50", most=4, work=True),
    Goods("Lantern rounds", "48.00", most=5, work=True),
    Goods("Padlocks", "27.30", most=4),
)
MUSIC = (
    Goods("Piano tuning", "98.00", work=True),
    Goods("Felts and hammers", "62.40", most=3),
    Goods("Piano stool", "120.00"),
    Goods("Metronome", "41.00", most=2),
)
HARBOUR = (
    Goods("Harbour tour", "54.50", most=9, work=True),
    Goods("Lanterns on hire", "26.00", most=10),
    Goods("Deck chairs on hire", "11.20", most=12),
)
CLOTHES = (
    Goods("Winter coat", "135.00", most=3),
    Goods("Alterations", "42.50", most=2, work=True),
    Goods("Wool scarves", "29.90", most=4),
    Goods("Moth bags", "6.70", most=8),
)
GLASS = (
    Goods("Greenhouse panes", "31.25", most=12),
    Goods("Putty and sprigs", "14.70", most=3),
    Goods("Glazing", "76.00", most=3, work=True),
)
