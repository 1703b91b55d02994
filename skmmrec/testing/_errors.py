"""What is refused, and how it is said."""


def refused(call, *args):
    """The message of the error that a call must raise: a ValueError or a TypeError."""
    try:
        call(*args)
    except (ValueError, TypeError) as error:
        return str(error)
    raise AssertionError(f"{call} must refuse {args}; it did not.")
