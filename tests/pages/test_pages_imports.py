"""The pages of imports: what they teach, who may, and what a press of a button does."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from invoices.files.kinds import IMPORTERS, sample_csv
from invoices.files.work import import_work
from invoices.models import Customer, ImportRun, Invoice, Payment
from tests.factories import CustomerFactory
from tests.invoices.import_hands import CUSTOMER, checked, file_of, imported

pytestmark = pytest.mark.django_db
HOW = {"decimal_mark": "auto", "day_order": "iso"}
BAD = {**CUSTOMER, "customer_number": "C-2", "phone": "4.9E+11", "name": "<b>Bold</b>"}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(client, file, kind="customers", **how):
    return client.post(f"/imports/?kind={kind}", {"file": file, **HOW, **how})


def the_run():
    return ImportRun.objects.get()


def test_the_empty_page_teaches_the_columns_and_gives_a_sample(browser, collector):
    client = browser(collector)
    for kind in IMPORTERS:
        text = client.get("/imports/", {"kind": kind}).text
        assert "Nothing has been imported yet." in text
        for name, column in IMPORTERS[kind].columns.listed():
            assert f"<code>{name}</code>" in text
            assert not column.needed or "needed" in text
        sample = client.get(f"/imports/sample/{kind}.csv")
        assert sample.headers["Content-Disposition"] == f'attachment; filename="{kind}-sample.csv"'
        assert sample.text.splitlines()[0].split(",")[0] in ("customer_number", "reference")


def test_the_samples_can_be_imported_one_after_the_other():
    for kind in ("customers", "invoices", "payments"):
        run = imported(kind, file=SimpleUploadedFile("sample.csv", sample_csv(kind).encode()))
        assert run.made["new"] == 1, list(run.problems.values_list("column", "reason"))
    assert (Customer.objects.count(), Invoice.objects.count(), Payment.objects.count()) == (1, 1, 1)


def test_a_file_is_checked_shown_and_run_when_told(browser, collector):
    client = browser(collector)
    page = send(client, file_of(CUSTOMER, BAD))["Location"]
    assert 'hx-trigger="every 1s"' in client.get(page).text
    import_work(run_id=the_run().pk)
    text = client.get(page).text
    for shown in ["Ready to run", "Zoë Müller", "Import 1 new customers", "<td>refused</td>", "shortened"]:
        assert shown in text, shown
    assert "<b>Bold" not in text and "&lt;b&gt;Bold" in text
    assert 'hx-trigger="every' not in text
    assert not Customer.objects.exists()
    assert client.post(f"{page}run/")["Location"] == page
    import_work(run_id=the_run().pk)
    assert "Done" in client.get(page).text
    assert Customer.objects.get().events.get(kind="created").actor == collector
    again = client.post(f"{page}run/", follow=True)
    assert "This import is not ready to run." in again.text
    assert "rows.csv" in client.get("/imports/").text


def test_htmx_gets_the_part_that_changes(browser, collector):
    run = checked("customers", CUSTOMER)
    text = browser(collector).get(f"/imports/{run.pk}/", headers={"HX-Request": "true"}).text
    assert text.startswith('<div id="import"')
    assert "<html" not in text


def test_the_progress_is_a_bar(browser, collector):
    run = checked("customers", CUSTOMER)
    ImportRun.objects.update(status="running", rows_total=99, position=50, heartbeat_at=run.created_at)
    text = browser(collector).get(f"/imports/{run.pk}/").text
    assert '<progress class="bar" max="100" value="50"' in text
    assert "Row 50 of 100" in text


def test_what_was_refused_can_be_downloaded_without_harm(browser, collector):
    formula = {**CUSTOMER, "customer_number": "C-3", "country": "=1+1"}
    run = checked("customers", CUSTOMER, BAD, formula)
    response = browser(collector).get(f"/imports/{run.pk}/refused.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert {(row["row"], row["column"]) for row in rows} == {("3", "phone"), ("4", "country")}
    assert not any(row["reason"].startswith(("=", "+", "-", "@")) for row in rows)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"", "The file is empty."),
        ("a.xlsx", b"customer_number,name\n", "no Excel workbook"),
        ("a.csv", b"PK\x03\x04", "under another name"),
        ("a.csv", b"customer_number,name,name,phone,country,time_zone\n", "there twice"),
        ("a.csv", b"customer_number,name\n", "Missing: phone, country, time_zone"),
    ],
)
def test_what_is_no_such_file_is_400_with_the_reason(browser, collector, name, data, reason):
    response = send(browser(collector), SimpleUploadedFile(name, data))
    assert response.status_code == 400
    assert reason in response.text
    assert not ImportRun.objects.exists()


def test_no_file_too_large_a_file_and_strange_choices_are_400(browser, collector, settings):
    client = browser(collector)
    assert client.post("/imports/?kind=customers", HOW).status_code == 400
    assert send(client, file_of(CUSTOMER), decimal_mark="guess").status_code == 400
    settings.IMPORT_MOST_MEGABYTES = 0
    assert "At most 0 MB" in send(client, file_of(CUSTOMER)).text
    assert not ImportRun.objects.exists()


def test_the_same_file_again_is_told(browser, collector):
    imported("customers", CUSTOMER)
    run = checked("customers", CUSTOMER)
    assert "The very same file was imported before" in browser(collector).get(f"/imports/{run.pk}/").text


def test_columns_that_are_not_read_are_named(browser, collector):
    run = checked("customers", {**CUSTOMER, "shoe_size": "44"})
    assert "Not read: shoe_size." in browser(collector).get(f"/imports/{run.pk}/").text


def test_cancel_and_go_on(browser, collector):
    client = browser(collector)
    run = checked("customers", CUSTOMER)
    client.post(f"/imports/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.status == "cancelled"
    ImportRun.objects.update(status="stopped", reason="Something went wrong.")
    assert "Go on" in client.get(f"/imports/{run.pk}/").text
    client.post(f"/imports/{run.pk}/go-on/")
    run.refresh_from_db()
    assert (run.status, run.reason) == ("checking", "")
    assert client.post(f"/imports/{run.pk}/nonsense/").status_code == 404
    assert client.get(f"/imports/{run.pk}/run/").status_code == 405


def test_viewers_and_strangers_may_not(browser, viewer, stranger):
    run = checked("customers", CUSTOMER)
    paths = [
        "/imports/",
        f"/imports/{run.pk}/",
        f"/imports/{run.pk}/refused.csv",
        "/imports/sample/customers.csv",
    ]
    for user in (viewer, stranger):
        client = browser(user)
        assert [client.get(path).status_code for path in paths] == [403] * 4
        assert send(client, file_of(CUSTOMER)).status_code == 403
        assert client.post(f"/imports/{run.pk}/run/").status_code == 403
    assert "/imports/" not in browser(viewer).get("/").text
    for path in paths:
        assert browser().get(path).status_code == 302
    run.refresh_from_db()
    assert run.status == "ready"


def test_a_clerk_for_payments_imports_payments_alone(browser, stranger):
    customers = checked("customers", CUSTOMER)
    stranger.user_permissions.set(Permission.objects.filter(codename="add_payment"))
    client = browser(stranger)
    assert client.get("/imports/").status_code == 200
    assert "?kind=customers" not in client.get("/imports/").text
    assert client.get(f"/imports/{customers.pk}/").status_code == 403
    assert client.get("/imports/sample/customers.csv").status_code == 403


def test_who_may_not_correct_customers_by_hand_may_not_by_a_file(browser, stranger, collector):
    stranger.user_permissions.set(Permission.objects.filter(codename="add_customer"))
    client = browser(stranger)
    assert "Correct customers" not in client.get("/imports/").text
    send(client, file_of(CUSTOMER), corrects="on")
    assert not the_run().corrects
    assert "Correct customers" in browser(collector).get("/imports/").text


def test_a_form_without_its_token_is_refused(browser, collector):
    client = browser(collector, enforce_csrf_checks=True)
    assert send(client, file_of(CUSTOMER)).status_code == 403


def test_what_is_not_there_is_404(browser, collector):
    client = browser(collector)
    CustomerFactory.create()
    for path in ["/imports/99/", "/imports/sample/ghosts.csv", "/imports/99/refused.csv"]:
        assert client.get(path).status_code == 404
    assert client.get("/imports/", {"kind": "ghosts", "page": "9" * 30}).status_code == 200
