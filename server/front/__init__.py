"""The front: the one process that owns the sockets. It parses HTTP, keeps results, admits and ends
queries; it never evaluates one, and never renders a page."""

CANNOT_START = 2
"""Exit status of a front whose data cannot be opened: starting it again would not help."""
