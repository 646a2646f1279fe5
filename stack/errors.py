"""What ends a start early."""


class CannotStart(Exception):
    """Something a person has to change. The message is what they read: what is wrong, and what to do."""


class Interrupted(Exception):
    """Ctrl-C, a closed terminal or SIGTERM: not a failure, but everything has to end."""
