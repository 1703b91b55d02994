"""What all that learns with torch shares; torch is imported by those who call it."""

from contextlib import contextmanager

from skmmrec._quote import quoted


def pick_device(torch, device):
    """The device of that name; None is a GPU if there is one."""
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.empty(0, device=device).device
    except (AssertionError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"device must be one that torch can use, such as 'cpu'; got "
            f"{quoted(device)}; leave it out for the best there is."
        ) from error


@contextmanager
def one_thread(torch):
    """Sums are taken in one order, whatever the number of cores.

    Small steps gain little from more threads, and beside other work, such as that of a
    grid search, they lose: threads that wait for each other.
    """
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
