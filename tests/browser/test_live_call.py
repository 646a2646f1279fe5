"""What staff see: a call pressed in a real browser, from the button to what was agreed."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
BUTTON = "Ring from the Beyond"
# Names a folder to refresh the pictures of the documentation: PICTURES=docs/images
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_as(browser: Browser, stack: Any) -> Iterator[Callable[[str], Page]]:
    pages: list[Page] = []

    def log_in(user: str) -> Page:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        pages.append(page)
        page.goto(f"{stack.base_url}/login/")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(stack.logins[user])
        page.get_by_role("button", name="Log in").click()
        expect(
            page.get_by_role("link", name="Log out").or_(page.get_by_role("button", name="Log out"))
        ).to_be_visible()
        return page

    yield log_in
    for page in pages:
        page.close()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_pressed_call_comes_alive_without_a_reload(open_as, world, stack):
    invoice = world.owing("promises")
    page = open_as("collector")
    page.goto(f"{stack.base_url}/invoices/{invoice}/")
    picture(page, "invoice")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("Casper is speaking")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("I am calling about invoice"))).to_be_visible(timeout=120_000)
    picture(page, "live-call")

    late = open_as("viewer")
    late.goto(page.url)
    expect(late.get_by_text(re.compile("I am calling about invoice"))).to_be_visible()

    for watcher in (page, late):
        expect(watcher.get_by_text("Promise to pay").first).to_be_visible(timeout=180_000)
    (call_id,) = world.rows("SELECT id::text FROM calls_call WHERE invoice_id = %s", invoice)[0]
    call = world.settled(call_id)
    page.goto(f"{stack.base_url}/calls/{call_id}/")
    for line in call["transcript"]:
        expect(page.get_by_text(line["text"]).first).to_be_visible()
    picture(page, "finished-call")


def test_who_may_only_look_has_no_button(open_as, world, stack):
    page = open_as("viewer")
    page.goto(f"{stack.base_url}/invoices/{world.owing('busy')}/")
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("button", name=BUTTON)).to_have_count(0)


def test_the_admins_invoice_page_rings_too(open_as, world, stack):
    invoice = world.owing("busy")
    page = open_as("collector")
    page.goto(f"{stack.base_url}/admin/invoices/invoice/{invoice}/change/")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("Busy").first).to_be_visible(timeout=60_000)
