"""One customer's year with the business, day by day."""

from phantompay.demo.account import Account
from phantompay.demo.agreements import Agreements
from phantompay.demo.money import Money


class Diary(Account, Money, Agreements):
    """Written by a story in any order, told in the order of its days."""
