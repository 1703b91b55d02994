"""Personal data in free text, by its shape: for the `redact` of text encoders.

The libraries that also find names need a language model (presidio), or are no longer
kept (scrubadub): they can be passed to an encoder as well. Here is what patterns and
check digits find, in time linear in the text: every repetition has a bound, or cannot
be taken back (``*+``).
"""

import re
from ipaddress import ip_address

from skmmrec._quote import quoted

EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}+@(?:[\w-]{1,63}+\.){1,8}[^\W\d_]{2,24}")
# as printed, in groups, or in one; its check digits tell where it ends
IBAN = re.compile(r"\b[A-Z]{2}\d\d(?:(?:[\s-]|\r\n)?[A-Z0-9]){11,30}\b", re.IGNORECASE)
CARD = re.compile(
    r"(?<![\d.+])(?:[2-6]\d{3}(?:\.\d{4}){3}|[2-6](?:[ -]?\d){12,18})(?!\d)"
)
IP = re.compile(
    r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}:[0-9a-f:.]{2,40})(?![\w:])",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"""
    (?<![\w+.,/-])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b)       # not a date
    (?:
        (?:\+|00)[ ]?[1-9](?:\(0\)|[ ()./-]{0,2}\d){6,15}     # with a country
      | \(?0[1-9](?:[ ()./-]{0,2}\d){6,10}                    # from within one
      | \(?[2-9]\d\d(?:\)[ ]?|[ .-])[2-9]\d\d[ .-]\d{4}       # North America
    )
    (?![\d/])
    """,
    re.VERBOSE,
)


def _iban(match):
    """The longest run of whole groups with the right check digits (ISO 13616)."""
    text = match.group()
    for end in (group.end() for group in reversed([*re.finditer(r"\w+", text)])):
        account = re.sub(r"[\s-]", "", text[:end]).upper()
        digits = "".join(str(int(c, 36)) for c in account[4:] + account[:4])
        if len(account) >= 15 and int(digits) % 97 == 1:
            return "[IBAN]" + text[end:]
    return text


def _card(match):
    """A number whose last digit is right by Luhn (ISO/IEC 7812)."""
    digits = [int(c) for c in match.group() if c.isdigit()][::-1]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return match.group() if (sum(digits[::2]) + doubled) % 10 else "[CARD]"


def _ip(match):
    """What Python takes for an address; a full stop may follow."""
    text = match.group().rstrip(".")
    try:
        ip_address(text)
    except ValueError:
        return match.group()
    return "[IP]" + match.group()[len(text) :]


# a tuple, so that stores see it: what is found decides what a vector stands for
STEPS = (
    (EMAIL, "[EMAIL]"),
    (IBAN, _iban),
    (CARD, _card),
    (IP, _ip),
    (PHONE, "[PHONE]"),
)


def redact_personal_data(text):
    """A text with placeholders for addresses and numbers that lead to a person.

    For the `redact` of text encoders, or alone. E-mail addresses, IBANs, numbers of
    payment cards, IP addresses and telephone numbers are found by their shape, the
    second and third also by their check digits. Names, postal addresses, and anything
    spelled out are not: where texts may hold these, pass a function that asks a
    language model, such as one of presidio.

    Parameters
    ----------
    text : str

    Returns
    -------
    redacted : str
        With ``[EMAIL]``, ``[IBAN]``, ``[CARD]``, ``[IP]`` and ``[PHONE]`` in place of
        what was found.

    Raises
    ------
    TypeError
        If it is no text.

    See Also
    --------
    skmmrec.SparseTextEncoder : Takes it as `redact`, as all encoders of text do.

    Notes
    -----
    In doubt it redacts: one of ten numbers with 13 to 19 digits that begin like that of
    a card passes for one, and a version such as 1.2.3.4 for an IP address.

    Examples
    --------
    >>> from skmmrec.privacy import redact_personal_data
    >>> redact_personal_data("Ask ann@example.org, or call +49 30 1234567.")
    'Ask [EMAIL], or call [PHONE].'
    """
    if not isinstance(text, str):
        raise TypeError(
            f"text must be a text; got {quoted(text)}; leave out what is missing."
        )
    for pattern, replacement in STEPS:
        text = pattern.sub(replacement, text)
    return text
