"""A rehearsal's customers have telephones of their own: a call is told from another by its number."""

from phantompay.rehearsing.run import Numbers


def test_no_number_is_rung_twice_in_a_run():
    numbers, rung = Numbers(), []
    for _ in range(80):
        with numbers.invented("promises") as (customer, _, _):
            rung.append(customer["phone"])
    assert len(set(rung)) == len(rung)
