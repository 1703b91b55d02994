"""Names and descriptions of invented products.

A style of text is a theme, such as the sea or a bakery. A description mixes words of
its theme with sentences that any product could have, and now and then takes a word of
another theme, so that no single word gives the style away.
"""

# theme: nouns, adjectives
_THEMES = [
    ("tide anchor lighthouse driftwood seagull harbour pier", "salty coastal briny"),
    ("moss fern acorn owl woodland trail bark", "leafy mossy shaded"),
    ("orbit comet planet rocket galaxy meteor telescope", "lunar stellar weightless"),
    ("petal hedge blossom butterfly rose beehive orchard", "floral fragrant blooming"),
    ("summit ridge eagle valley boulder cabin cliff", "alpine rugged steep"),
    ("dune cactus oasis canyon caravan mirage sandstone", "arid dusty sunbaked"),
    ("skyline tram avenue rooftop subway billboard kiosk", "urban bustling electric"),
    ("juggler trapeze carousel acrobat parade tent clown", "playful dazzling festive"),
    ("cinnamon oven honey pastry vanilla bread jam", "buttery toasted sugary"),
    ("novel poem chapter bookshelf quill archive letter", "bookish literary scholarly"),
    ("drum melody trumpet violin piano chorus tune", "melodic rhythmic jazzy"),
    ("snowflake icicle mitten sleigh blizzard glacier hearth", "frosty icy wintry"),
]

# How often a word is taken from another theme.
_STRAY = 0.2

_OPENINGS = (
    "Meet a small favourite of our shop.",
    "New this week, and soon gone.",
    "One of a short series.",
    "Made by hand in a family workshop.",
    "Simple, useful and good to look at.",
)
_THEMED = (
    "It brings to mind the {noun} and the {other}.",
    "Its maker grew up with the {noun}, and it shows.",
    "Think of the {noun}, the {other} and one {adjective} afternoon.",
    "Every detail was drawn from the {noun}.",
    "Something {adjective} for people who like the {noun}.",
    "You will find the {noun} in every line of this {adjective} piece.",
    "The {noun} gave it its name, the {other} its shape.",
    "Some say {adjective}, we say the {noun} at its best.",
)
_CLOSINGS = (
    "Light enough to carry every day.",
    "Comes in a small gift box.",
    "Clean with a soft cloth.",
    "A good present for a friend.",
    "Thirty days to change your mind.",
)

_SYLLABLES = (
    ["Al", "Bel", "Cor", "Dar", "El", "Fen", "Gal", "Hal", "Ist", "Jor", "Kel", "Lum"],
    ["a", "e", "i", "o", "u", "ari", "ela", "imo", "ona", "uri"],
    ["ba", "da", "ka", "la", "ma", "na", "ra", "sa", "ta", "va"],
)

N_THEMES = len(_THEMES)
_NOUNS = [nouns.split() for nouns, _ in _THEMES]
_ADJECTIVES = [adjectives.split() for _, adjectives in _THEMES]


def _pick(options, random):
    return options[random.randint(len(options))]


def invented_name(random):
    """A name that means nothing, such as "Belona No. 7".

    Parameters
    ----------
    random : RandomState

    Returns
    -------
    name : str
    """
    word = "".join(_pick(syllables, random) for syllables in _SYLLABLES)
    return f"{word} No. {random.randint(1, 100)}"


def _theme_or_stray(style, random):
    """The theme itself, or now and then another one."""
    if random.uniform() >= _STRAY:
        return style
    return (style + random.randint(1, N_THEMES)) % N_THEMES


def _themed_sentence(template, style, random):
    noun, other = random.permutation(_NOUNS[style])[:2]
    stray = _theme_or_stray(style, random)
    if stray != style:
        noun = _pick(_NOUNS[stray], random)
    adjective = _pick(_ADJECTIVES[_theme_or_stray(style, random)], random)
    return template.format(noun=noun, other=other, adjective=adjective)


def describe(style, random):
    """A description of five sentences, three of them in words of the theme.

    Parameters
    ----------
    style : int
    random : RandomState

    Returns
    -------
    description : str
    """
    templates = random.permutation(len(_THEMED))[:3]
    themed = [_themed_sentence(_THEMED[t], style, random) for t in templates]
    return " ".join([_pick(_OPENINGS, random), *themed, _pick(_CLOSINGS, random)])
