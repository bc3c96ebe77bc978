"""Phones that stay open from sight to sight, one for each person and size of type: signing in again takes longer than
looking."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.client.phone import Phone, Phones
from tests.client.sight_orders import PASSING
from tests.client.sights import Orders, Sight

HERE = Path(__file__).resolve().parent
AUDIT = (HERE / "elder_audit.js").read_text(encoding="utf-8")
AXE = HERE.parent.parent / "miniprogram" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """
async (tags) => {
  const found = await axe.run(document, {runOnly: tags, rules: {'target-size': {enabled: true}}})
  const why = (node) => (node.any[0] || node.all[0] || node.none[0] || {}).message || ''
  const said = (kind, each) => each.nodes.map((node) => `${kind} ${each.id}: ${node.target.join(' ')} ${why(node)}`)
  return [
    ...found.violations.flatMap((each) => said('violation', each)),
    ...found.incomplete.filter((each) => each.id === 'color-contrast').flatMap((each) => said('incomplete', each)),
  ]
}
"""
FORGET_DRAFTS = """
() => {
  for (const key of Object.keys(localStorage)) if (key.startsWith('anju.draft.')) localStorage.removeItem(key)
}
"""
LONGEST_LIST = 3
"""Pages of a list that a page loads at most before it is looked at."""
MARGIN = 80
"""What the bar on top and the edge below need beside the page."""
WHOLE_HEIGHT = f"""
() => {MARGIN} + Math.ceil(Math.max(...[...document.querySelectorAll('.page')].map((each) => each.offsetHeight)))
"""
ELDER_PX, OTHER_PX = 60, 44
HEIGHT = 667


@dataclass
class Gallery:
    """Opens sights on phones that are kept."""

    phones: Phones
    orders: Orders
    kept: dict[tuple[str, float], Phone] = field(default_factory=dict)

    def show(self, sight: Sight, scale: float) -> Phone:
        """The sight at 375 px, as its person sees it with this size of type; half-filled forms are forgotten."""
        phone = self._phone(sight.who, scale)
        phone.page.set_viewport_size({"width": 375, "height": HEIGHT})
        if phone.page.url.startswith(phone.district.address):
            phone.page.evaluate(FORGET_DRAFTS)
        if sight.needs:
            self.orders[sight.needs]
        phone.open(sight.path, **sight.query(self.orders))
        phone.settles()
        for tap in sight.taps:
            _tap(phone, tap)
            phone.settles()
        return phone

    def _phone(self, who: str, scale: float) -> Phone:
        if (who, scale) not in self.kept:
            self.kept[who, scale] = self.phones(who, scale=scale)
        return self.kept[who, scale]

    def leave(self, sight: Sight) -> None:
        """Nobody stays on the page of an order that may be taken away from him while others are looked at: what it
        goes on asking for would be refused, and the next sight blamed for it."""
        if sight.order in PASSING:
            for (name, _), phone in self.kept.items():
                if name == sight.who:
                    phone.open()
                    phone.settles()

    def complaints(self, who: str) -> list[str]:
        """What the browsers of this person's phones have complained about since the last time."""
        found = []
        for (name, _), phone in self.kept.items():
            if name == who:
                found += phone.watched.console + phone.watched.foreign
                phone.watched.console.clear()
                phone.watched.foreign.clear()
        return found


def _tap(phone: Phone, tap: str) -> None:
    kind, _, name = tap.rpartition(":")
    if kind == "photo":
        phone.photograph(name)
    else:
        phone.tap(name)


def audit(phone: Phone, scale: float, *, for_elders: bool = True) -> list[str]:
    """The numbers of the checklist on what is shown now."""
    asked = json.dumps({"scale": scale, "target": ELDER_PX if for_elders else OTHER_PX})
    return list(phone.page.evaluate(f"({AUDIT})({asked})"))


def axe(phone: Phone) -> list[str]:
    """Violations, and contrasts that could not be decided; the whole page is in sight, or what the lower edge cuts
    could not be decided."""
    height = 0
    for _ in range(LONGEST_LIST):
        whole = max(HEIGHT, int(phone.page.evaluate(WHOLE_HEIGHT)))
        if whole <= height + MARGIN:
            break  # only the page's own least height, which is that of the window
        height = whole
        phone.page.set_viewport_size({"width": 375, "height": height})
        phone.settles()  # who sees the end of a list gets its next page
    if not phone.page.evaluate("Boolean(window.axe)"):
        phone.page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(phone.page.evaluate(RUN_AXE, AXE_TAGS))


def enlarge(phone: Phone, scale: float) -> None:
    """The type as this step of 字号 has it, without a new start (AnjuPage: --fs, and titles at most 1.25)."""
    sizes = {"--fs": scale, "--fs-title": min(scale, 1.25)}
    phone.page.evaluate(
        "sizes => document.querySelectorAll('[style*=\"--fs\"]').forEach((each) =>"
        " Object.entries(sizes).forEach(([name, value]) => each.style.setProperty(name, value)))",
        sizes,
    )
