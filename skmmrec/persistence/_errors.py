"""What is raised where a saved model cannot be trusted to be what was saved."""


class ModelFileError(ValueError):
    """A saved model is damaged, incomplete, of another version, or not to be trusted.

    See Also
    --------
    load : Raises it.
    """
