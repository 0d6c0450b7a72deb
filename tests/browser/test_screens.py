"""The pages in a real browser: nothing sticks out, nothing is fetched elsewhere, keys suffice."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from server.catalogue import PAGES

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
WIDTHS = (320, 390, 1280)
PATHS = (
    *PAGES,
    "principle/privacy",
    "proposal/charter-of-fundamental-digital-rights",
    "person/benoit-thieulin",
    "workshop/european-project",
    "theme/european-project",
    "instrument/proposed-charter-on-fundamental-digital-rights",
    "document/seed-000",
    "reference/privacy-udhr-art-12",
    "voc/speech-form",
    "questions/cq11",
    "questions/cq38",
)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTRAST = """
const luminance = c => { const v = c.map(x => { x /= 255;
  return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
const parse = s => s.match(/[\\d.]+/g).map(Number);
const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e)
  .backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() &&
  [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
  const a = luminance(parse(getComputedStyle(e).color)), b = luminance(ground(e));
  return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.className, e.textContent.trim()];
}).filter(([ratio]) => ratio < 4.5).map(String);
"""
STICKING_OUT = """
return [...document.querySelectorAll('body *')].filter(e =>
  e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, pre, .unseen'))
  .map(e => e.tagName + '.' + e.className).slice(0, 5);
"""


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep validation reports out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless Chromium; skipped with the reason where there is none, required in CI."""
    if not CHROMIUM or not DRIVER:
        reason = "chromium or chromedriver is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    options = Options()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def resize(browser: webdriver.Chrome, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def set_scheme(browser: webdriver.Chrome, scheme: str, media: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    wanted = {"features": features, "media": media}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)


def hosts_asked(browser: webdriver.Chrome) -> set[str]:
    """Return the hosts of all requests that pages made since the last time."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return {urlsplit(url).hostname or "" for url in urls if url.startswith("http")}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_every_width_and_stays_on_its_host(
    browser: webdriver.Chrome, live_server: str, path: str
) -> None:
    for lang in ("fr", "en"):
        browser.get(f"{live_server}{lang}/{path}")
        for width in WIDTHS:
            resize(browser, width)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, (
                browser.execute_script(STICKING_OUT)
            )
    assert hosts_asked(browser) <= {"127.0.0.1"}
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "principle/privacy", "document/seed-000", "questions/cq11"])
def test_text_stands_out_from_its_ground_in_both_themes(
    browser: webdriver.Chrome, live_server: str, scheme: str, path: str
) -> None:
    resize(browser, 1280)
    set_scheme(browser, scheme)
    browser.get(f"{live_server}fr/{path}")
    assert browser.execute_script(CONTRAST) == [], "WCAG 2.2, 1.4.3"
    set_scheme(browser, "light")


def test_the_first_key_stroke_leads_past_the_menu(
    browser: webdriver.Chrome, live_server: str
) -> None:
    resize(browser, 1280)
    browser.get(f"{live_server}fr/principles")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "Aller au contenu"
    assert skip.is_displayed()
    skip.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.tag_name == "main"


def test_a_passage_asked_for_is_in_view_and_set_off(
    browser: webdriver.Chrome, live_server: str
) -> None:
    resize(browser, 1280)
    browser.get(f"{live_server}fr/document/seed-000#c4187-4213")
    words = browser.find_element(By.CSS_SELECTOR, ".anchor:target")
    assert words.text == "la portabilité des données"
    box = words.rect
    scrolled = browser.execute_script("return scrollY")
    assert scrolled <= box["y"] <= scrolled + 900
    assert words.value_of_css_property("outline-style") == "solid"


def test_the_language_switch_keeps_the_page(browser: webdriver.Chrome, live_server: str) -> None:
    browser.get(f"{live_server}fr/questions/cq11?person=person%3Abenoit-thieulin")
    browser.find_element(By.LINK_TEXT, "English").click()
    assert browser.current_url.endswith("/en/questions/cq11?person=person%3Abenoit-thieulin")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"


def test_a_question_is_asked_with_a_plain_form(browser: webdriver.Chrome, live_server: str) -> None:
    browser.get(f"{live_server}en/questions/cq30")
    field = browser.find_element(By.NAME, "word")
    field.clear()
    field.send_keys("telemedicine", Keys.ENTER)
    assert "telemedicine" in browser.find_element(By.TAG_NAME, "table").text.lower()


def test_print_leaves_out_what_paper_cannot_use(
    browser: webdriver.Chrome, live_server: str
) -> None:
    set_scheme(browser, "light", media="print")
    browser.get(f"{live_server}fr/document/seed-000")
    assert not browser.find_element(By.CSS_SELECTOR, "nav.main").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, ".provenance").is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, ".source-text").is_displayed()
    set_scheme(browser, "light")


def test_the_style_sheet_is_one_small_file_of_our_own() -> None:
    sheet = Path(__file__).parents[2] / "server" / "static" / "style.css"
    text = sheet.read_text(encoding="utf-8")
    assert "@import" not in text and "url(" not in text
    assert len(text) < 30_000
