"""Items, likes and reasons as HTML: all data is text, and nothing is fetched.

Titles and ids may hold anything, so that each goes through `text`. There is no script;
media are in the page. The policy in its head says so to the browser as well.
"""

from html import escape
from math import floor, log10
from typing import NamedTuple

N_REASONS = 4  # modalities of one item, the largest
N_LIKES = 2  # liked items that an item is like
MAX_LETTERS = 200  # of a title or an id

# what is not seen and may turn the text around it: control characters but line ends,
# and marks, embeddings, overrides and isolates of direction
UNSEEN = {*range(32), *range(127, 160)} - {ord(c) for c in "\t\n\r"}
UNSEEN |= {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


class Card(NamedTuple):
    """An item as it is shown.

    Parameters
    ----------
    name, title : str
    image, audio : str or None
        Data URIs.
    """

    name: str
    title: str
    image: str | None
    audio: str | None


STYLE = """<style>
.skmmrec-look { --back: #fff; --ink: #1f2328; --soft: #59636e; --line: #d8dee4;
  --face: #f6f8fa; --bar: #2f7d4f; --minus: #b3541e; color-scheme: light;
  background: var(--back); color: var(--ink); padding: 0.5rem 1rem;
  font: 15px/1.45 system-ui, sans-serif; text-align: left; }
@media (prefers-color-scheme: dark) { .skmmrec-look { --back: #14181d; --ink: #e6e9ed;
  --soft: #a3adb8; --line: #363d46; --face: #1e242b; --bar: #58b57e;
  --minus: #e0905a; color-scheme: dark; } }
.skmmrec-look h2 { font-size: 1.25rem; margin: 0.8rem 0 0.2rem; color: inherit; }
.skmmrec-look h3 { font-size: 0.95rem; margin: 0.6rem 0; color: var(--soft); }
.skmmrec-look section + section { border-top: 1px solid var(--line);
  margin-top: 1.5rem; padding-top: 0.5rem; }
.skmmrec-look .sides { display: flex; flex-wrap: wrap; gap: 0 2.5rem; }
.skmmrec-look .liked { flex: 2 1 16rem; }
.skmmrec-look .offered { flex: 3 1 24rem; }
.skmmrec-look ul, .skmmrec-look ol { list-style: none; margin: 0; padding: 0; }
.skmmrec-look .cards { display: grid; gap: 0.8rem;
  grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); }
.skmmrec-look .card { background: var(--face); border: 1px solid var(--line);
  border-radius: 10px; overflow: hidden; display: flex; flex-direction: column; }
.skmmrec-look .picture { aspect-ratio: 1; background: var(--back); color: var(--soft);
  display: flex; align-items: center; justify-content: center; font-size: 0.85rem; }
.skmmrec-look .picture img { width: 100%; height: 100%; object-fit: contain;
  margin: 0; max-width: none; }
.skmmrec-look .about { padding: 0.55rem 0.65rem 0.7rem; display: flex; gap: 0.35rem;
  flex-direction: column; overflow-wrap: anywhere; }
.skmmrec-look p { margin: 0; }
.skmmrec-look .title { font-weight: 600; line-height: 1.3; }
.skmmrec-look .soft { color: var(--soft); font-size: 0.8rem; line-height: 1.35; }
.skmmrec-look audio { width: 100%; height: 2.2rem; }
.skmmrec-look .reasons { font-size: 0.8rem; }
.skmmrec-look .reasons li { display: grid; align-items: center; gap: 0 0.4rem;
  grid-template-columns: minmax(3rem, 40%) 1fr auto; }
.skmmrec-look .track { background: var(--line); border-radius: 3px; height: 0.45rem; }
.skmmrec-look .bar { display: block; height: 100%; border-radius: 3px;
  background: var(--bar); }
.skmmrec-look .minus .bar { background: var(--minus); }
.skmmrec-look .value { min-width: 3.5em; text-align: right; color: var(--soft);
  font-variant-numeric: tabular-nums; }
</style>"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
img-src data:; media-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Recommendations</title>
<style>
body {{ margin: 0; background: #fff; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14181d; }} }}
main {{ max-width: 84rem; margin: 0 auto; }}
</style>
</head>
<body><main>
{fragment}
</main></body>
</html>
"""


def text(value):
    """Anything as text of a page, in attributes as well; cut, where it is too long."""
    shown = str(value).translate(dict.fromkeys(UNSEEN))
    if len(shown) > MAX_LETTERS:
        shown = shown[: MAX_LETTERS - 1] + "…"
    return escape(shown, quote=True)


def strongest_likes(reason):
    """Ids of the liked items that speak most for what is offered."""
    likes = sorted(reason.items, key=lambda like: -like[1])[:N_LIKES]
    return [item for item, value in likes if value > 0]


def reason_html(reason, cards, largest):
    """Why an item is offered: a bar for each modality, and the likes it is like.

    Parameters
    ----------
    reason : Explanation or None
    cards : dict of {id: Card}
    largest : float
        The contribution whose bar is full; what rounds to 0 beside it has none.
    """
    if reason is None or not largest:
        return ""
    digits = max(0, 1 - floor(log10(largest)))
    parts = sorted(reason.modalities.items(), key=lambda part: -abs(part[1]))
    bars = "".join(
        _bar(name, value, largest, digits)
        for name, value in parts[:N_REASONS]
        if round(value, digits)
    )
    likes = [f"“{text(cards[item].title)}”" for item in strongest_likes(reason)]
    return (f'<ul class="reasons" aria-label="Reasons">{bars}</ul>' if bars else "") + (
        f'<p class="soft">As you liked {" and ".join(likes)}</p>' if likes else ""
    )


def _bar(name, value, largest, digits):
    sign = ' class="minus"' if value < 0 else ""
    number = f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return (
        f'<li{sign}><span>{text(name)}</span><span class="track"><span class="bar" '
        f'style="width:{100 * abs(value) / largest:.0f}%"></span></span>'
        f'<span class="value">{number}</span></li>'
    )


def card_html(card, with_picture, reason=""):
    """One item: its picture, its title, its sound, and why it is offered."""
    title = text(card.title)
    parts = [f'<p class="title">{title}</p>']
    if card.title != card.name:
        parts.append(f'<p class="soft">{text(card.name)}</p>')
    if card.audio:
        parts.append(
            f'<audio controls preload="metadata" aria-label="Sound of {title}" '
            f'src="{card.audio}"></audio>'
        )
    image = ""
    if with_picture:
        image = f'<img alt="Picture of {title}" src="{card.image}">'
        image = image if card.image else "<span>no picture</span>"
        image = f'<div class="picture">{image}</div>'
    about = "".join([*parts, reason])
    return f'<li class="card">{image}<div class="about">{about}</div></li>'


def section_html(user, liked, offered, reasons, cards):
    """What a user liked beside what is offered, in one section.

    Parameters
    ----------
    user : object
    liked, offered : list of ids
    reasons : list of Explanation or None
        One for each item that is offered.
    cards : dict of {id: Card}
    """
    pictures = any(card.image for card in cards.values())
    contributions = [v for r in reasons if r for v in r.modalities.values()]
    largest = max(map(abs, contributions), default=0)
    likes = "".join(card_html(cards[item], pictures) for item in liked)
    likes = likes and f'<ul class="cards">{likes}</ul>'
    offers = "".join(
        card_html(cards[item], pictures, reason_html(reason, cards, largest))
        for item, reason in zip(offered, reasons)
    )
    offers = offers and f'<ol class="cards">{offers}</ol>'
    unknown = '<p class="soft">no likes are known</p>'
    nothing = '<p class="soft">nothing</p>'
    return (
        f'<section aria-label="User {text(user)}"><h2>User {text(user)}</h2>'
        f'<div class="sides"><div class="liked"><h3>Liked</h3>{likes or unknown}</div>'
        f'<div class="offered"><h3>Offered</h3>{offers or nothing}</div></div>'
        f"</section>"
    )
